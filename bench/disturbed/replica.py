"""A scorer that is killed and started again where it was."""

import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

START_SECONDS = 600.0
"""For what takes two on an idle machine; a port that somebody has taken meanwhile is tried again as long."""


class Replica:
    """One scorer on loopback. A context manager: it is gone at the end."""

    def __init__(self, log: Path) -> None:
        """Starts it on a free port and waits until it listens; its log is appended to."""
        self._log = log
        with closing(socket.socket()) as listener:
            listener.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{listener.getsockname()[1]}"
        self._process: subprocess.Popen[bytes] | None = None
        self.kills = 0
        self.start()

    def start(self) -> None:
        """Starts it on its port and waits until it listens."""
        give_up = time.monotonic() + START_SECONDS
        while not self._listens(give_up):
            if time.monotonic() > give_up:
                raise RuntimeError(f"the scorer does not listen at {self.address}: see {self._log}")

    def kill(self) -> None:
        """As kill -9; returns when it is gone."""
        if self._process is not None:
            self.kills += 1
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _listens(self, give_up: float) -> bool:
        """Whether a scorer that is started now comes to listen."""
        _, _, port = self.address.rpartition(":")
        command = [sys.executable, "-m", "codaserve.cli.main", "scorer", "--host", "127.0.0.1", "--port", port]
        with self._log.open("ab") as log:
            process = self._process = subprocess.Popen(
                [*command, "--exit-with-parent"], stdin=subprocess.PIPE, stdout=log, stderr=log, process_group=0
            )
        while process.poll() is None and time.monotonic() < give_up:
            with closing(socket.socket()) as looking:
                if looking.connect_ex(("127.0.0.1", int(port))) == 0:
                    return True
            time.sleep(0.05)
        self._end()
        return False

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            assert process.stdin is not None
            process.stdin.close()
