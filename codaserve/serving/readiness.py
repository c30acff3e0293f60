"""Whether a server is alive, and whether it takes work: two questions with two answers.

Alive: its loop turns; who restarts services asks this, and a server that drains or is full is alive. Ready: it takes
work; who sends calls asks this. Over gRPC health they are the services "liveness" and "readiness"; "" and the service's
own name are the same as "readiness".
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError

from codaserve.serving.healths import Healths
from codaserve.serving.metrics import READY

LIVENESS, READINESS = "liveness", "readiness"
"""Names for grpc.health.v1."""
LOOK_SECONDS = 0.25
"""Between two looks at the server's state."""
STUCK_SECONDS = 10.0
"""A loop that takes longer to answer is called stuck."""
_log = logging.getLogger(__name__)


class Readiness:
    """Follows the state of a server and tells it to gRPC's health service and to the endpoint for probes."""

    def __init__(self, healths: Healths, service_names: Sequence[str], obstacle: Callable[[], str]) -> None:
        """Args:
        healths: Is told.
        service_names: Full names of the services.
        obstacle: Why the server takes no work now; empty while it does.
        """
        self._healths = healths
        self._names = ["", READINESS, *service_names]
        self._obstacle = obstacle
        self._loop = asyncio.get_running_loop()
        self._draining = False
        self._told: str | None = None

    def start(self) -> None:
        """Tells for the first time."""
        self._healths.set(LIVENESS, serving=True)
        self._look()

    async def follow(self) -> None:
        """Tells every change, until it is cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self._look()

    def drain(self) -> None:
        """Tells that nothing is taken any more."""
        self._draining = True
        self._look()

    def ready(self) -> str:
        """Why no work is taken, as of the last look; empty while it is. From any thread."""
        return "starting" if self._told is None else self._told

    def live(self) -> str:
        """Why the server counts as stuck; empty while it does not. From any thread but the loop's."""
        turn = asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self._loop)
        try:
            turn.result(STUCK_SECONDS)
        except (TimeoutError, CancelledError, RuntimeError):
            turn.cancel()
            return f"the loop has not turned for {STUCK_SECONDS:g} s"
        return ""

    def _look(self) -> None:
        obstacle = "stopping" if self._draining else self._obstacle()
        if obstacle == self._told:
            return
        changed = self._told is None or bool(obstacle) != bool(self._told)
        self._told = obstacle
        READY.set(not obstacle)
        if changed:
            _log.info("not ready: %s", obstacle) if obstacle else _log.info("ready")
            for name in self._names:
                self._healths.set(name, serving=not obstacle)
