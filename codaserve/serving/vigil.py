"""Which of several server processes live. One that hangs serves nothing, keeps its connections, and ends never."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from codaserve.serving.inquiry import ask

LOOK_SECONDS = 5.0
"""Between two looks at a process."""
PATIENCE_SECONDS = 10.0
"""For a process to say that it lives."""
HUNG_LOOKS = 4
"""Looks in a row without an answer, a minute in all, after which a process is ended. Looks rather than seconds: when
all of them were stopped for a while, as a container can be, nobody hangs."""
START_SECONDS = 600.0
"""For a process to start."""
_log = logging.getLogger(__name__)


class Vigil:
    """Looks at processes again and again. Belongs to a loop; what it saw may be asked for from any thread."""

    def __init__(self) -> None:
        """None is looked at yet."""
        self._missed: dict[int, int] = {}

    async def keep(self, index: int, file: Path, kill: Callable[[], None]) -> None:
        """Looks at a process until this is cancelled; returns when the process has hung and was killed.

        Args:
            index: Of the process.
            file: Where it writes its endpoint's address when it has started.
            kill: Ends it.
        """
        self._missed[index] = 0
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            while self._missed[index] < HUNG_LOOKS:
                await asyncio.sleep(LOOK_SECONDS)
                if await ask(file, "/livez", PATIENCE_SECONDS) is not None:
                    self._missed[index] = 0
                elif file.exists():
                    self._missed[index] += 1
                elif loop.time() - begun > START_SECONDS:
                    break
            _log.error("server process %d hangs and is killed", index)
            kill()
        finally:
            del self._missed[index]

    def answers(self, index: int) -> bool:
        """Whether a process runs and answered the last look, or was not looked at yet."""
        return self._missed.get(index) == 0
