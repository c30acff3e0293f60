"""Who has to go when memory is short: a run's processes before their template, the template before the service."""

import os

from scorer.sandbox.guest import descriptors

_PATH = "/proc/self/oom_score_adj"
_TEMPLATE, _RUN = 500, 1000


class Victims:
    """Changes what the calling process's forks inherit; it needs no /proc once it is made."""

    def __init__(self) -> None:
        """Makes the calling process go before the service. Where that is impossible, nothing has an effect."""
        self._descriptor: int | None = None
        try:
            with open(_PATH, "rb") as file:  # noqa: PTH123 - pathlib would cost the template memory
                own = int(file.read())
            self._descriptor = descriptors.move_up(os.open(_PATH, os.O_WRONLY | os.O_CLOEXEC))
        except OSError:
            return
        self._own = str(max(own, _TEMPLATE)).encode()
        self._write(self._own)

    def fork(self) -> int:
        """Forks a process that the kernel ends rather than this one."""
        self._write(b"%d" % _RUN)
        pid = os.fork()
        if pid:
            self._write(self._own)
        return pid

    def _write(self, value: bytes) -> None:
        if self._descriptor is None:
            return
        try:
            os.pwrite(self._descriptor, value, 0)
        except OSError:
            self._descriptor = None  # only a preference
