"""When a server process is asked to stop."""

import asyncio
import os
import signal
import sys

from codaserve.settings import ConfigurationError


class StopRequest:
    """Counts signals, and the end of standard input as one. Belongs to the running loop."""

    def __init__(self) -> None:
        """Nothing is watched yet."""
        self._loop = asyncio.get_running_loop()
        self._first = asyncio.Event()
        self._second = asyncio.Event()
        self._stdin = -1

    @property
    def requested(self) -> bool:
        """Whether there was a first."""
        return self._first.is_set()

    def watch(self, *, stdin: bool) -> None:
        """Begins to count.

        Raises:
            ConfigurationError: Standard input is to be watched and is no pipe.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._on_request)
        if stdin:
            try:
                self._stdin = sys.stdin.fileno()
                self._loop.add_reader(self._stdin, self._on_stdin)
            except (AttributeError, OSError, ValueError) as error:
                raise ConfigurationError(
                    "exit_with_parent: standard input must be a pipe that the parent holds"
                ) from error

    def unwatch(self) -> None:
        """Counts no more."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.remove_signal_handler(number)
        if self._stdin >= 0:
            self._loop.remove_reader(self._stdin)

    def request(self) -> None:
        """Counts as the first, if there was none."""
        self._first.set()

    async def wait(self) -> None:
        """Returns after the first."""
        await self._first.wait()

    async def wait_again(self) -> None:
        """Returns after the second."""
        await self._second.wait()

    def _on_request(self) -> None:
        if self._first.is_set():
            self._second.set()
        self._first.set()

    def _on_stdin(self) -> None:
        if not os.read(self._stdin, 4096):
            self._loop.remove_reader(self._stdin)
            self._first.set()
