"""What is counted, and logged if that is asked for, when a call has ended: the same for every transport."""

import logging

from prometheus_client import Counter

from codaserve.serving.metrics import REQUEST_SECONDS, REQUESTS

_access = logging.getLogger("codaserve.calls")


class Counts:
    """What is counted of one method."""

    def __init__(self, method: str, *, log: bool) -> None:
        """Args:
        method: None that a caller could make up: each has series of its own.
        log: Write a line for each call when it has ended.
        """
        self.method = method
        self._log = log
        self._seconds = REQUEST_SECONDS.labels(method)
        self._by_code: dict[str, Counter] = {}

    def add(self, code: str, seconds: float) -> None:
        """A call has ended, with the name of a gRPC status."""
        counter = self._by_code.get(code)
        if counter is None:
            counter = self._by_code[code] = REQUESTS.labels(self.method, code)
        counter.inc()
        self._seconds.observe(seconds)
        if self._log:
            fields = {"method": self.method, "code": code, "seconds": round(seconds, 6)}
            _access.info("call ended", extra={"fields": fields})
