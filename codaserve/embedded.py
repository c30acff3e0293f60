"""A scorer or critic of one's own: a child process on a free loopback port that goes when its parent goes."""

import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, Self

POLL_SECONDS = 0.05
START_SECONDS = 300.0
"""Until a service must listen: seconds on an idle machine, minutes on one that many share. One that ends is noticed at
once."""
LAST_LINES = 20
"""Lines of the log that are quoted when the child does not come up."""


LAUNCHER = {
    *("RANK", "LOCAL_RANK", "GROUP_RANK", "ROLE_RANK", "ROLE_NAME"),
    *("WORLD_SIZE", "LOCAL_WORLD_SIZE", "GROUP_WORLD_SIZE", "ROLE_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"),
}
"""What launchers of several processes tell each of them."""


class EmbeddedServiceError(Exception):
    """The service did not start; the text has the end of its log when the log was kept."""


class EmbeddedService:
    """A running child process. Use `start`, and `stop` or a `with` block.

    The child's standard input is a pipe held by this process, and the child stops when the pipe closes: it goes even
    when this process is killed.
    """

    def __init__(self, program: str, process: subprocess.Popen[bytes], address: str, log: Path | None) -> None:
        """Use `start`."""
        self.program = program
        self.process = process
        self.address = address
        self.log = log

    @classmethod
    def start(
        cls,
        program: Literal["scorer", "critic"],
        arguments: Sequence[str] = (),
        *,
        timeout: float = START_SECONDS,
        log: Path | None = None,
    ) -> Self:
        """Starts a service and waits until it answers.

        Args:
            program: Which service.
            arguments: As after `codaserve scorer`; where to listen is added.
            timeout: Seconds until it must listen.
            log: File that takes the child's standard error, appended. None passes it through.

        Raises:
            EmbeddedServiceError: It ended or did not listen within `timeout`; it is gone by then.
        """
        with tempfile.TemporaryDirectory(prefix="codaserve-") as folder:
            address_file = Path(folder, "address")
            process = _spawn(program, [*arguments, "--address_file", str(address_file)], log)
            try:
                address = _wait_for_address(process, address_file, timeout)
            except EmbeddedServiceError as error:
                _end(process, 0)
                raise EmbeddedServiceError(f"{program}: {error}{log_tail(log)}") from None
            except BaseException:
                _end(process, 0)
                raise
        return cls(program, process, address, log)

    @property
    def alive(self) -> bool:
        """Whether the child runs."""
        return self.process.poll() is None

    def stop(self, timeout: float = 30.0) -> int:
        """Asks the child to finish its work and end, kills it after `timeout` seconds, reaps it.

        Returns:
            Its exit status; negative when a signal ended it. Stopping twice is harmless.
        """
        return _end(self.process, timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def without_launcher(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment for a child that is none of the processes that torchrun or accelerate launched: torch.distributed
    in it would else wait for those."""
    return {
        name: value
        for name, value in environment.items()
        if name not in LAUNCHER and not name.startswith("TORCHELASTIC_")
    }


def _spawn(program: str, arguments: Sequence[str], log: Path | None) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "codaserve.cli.main", program, *arguments]
    command += ["--host", "127.0.0.1", "--port", "0", "--exit_with_parent"]
    stderr: IO[bytes] | None = log.open("ab") if log is not None else None
    try:
        # Standard output is for the parent's own results; a group of its own keeps Ctrl-C for the parent to handle.
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=stderr or 2,
            stderr=stderr,
            process_group=0,
            env=without_launcher(os.environ),
        )
    finally:
        if stderr is not None:
            stderr.close()


def _wait_for_address(process: subprocess.Popen[bytes], address_file: Path, timeout: float) -> str:
    give_up = time.monotonic() + timeout
    while not address_file.exists():
        if process.poll() is not None:
            raise EmbeddedServiceError(f"ended with status {process.returncode} while starting")
        if time.monotonic() > give_up:
            raise EmbeddedServiceError(f"did not listen within {timeout:g} s")
        time.sleep(POLL_SECONDS)
    return address_file.read_text().strip()


def _end(process: subprocess.Popen[bytes], timeout: float) -> int:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
    if process.stdin is not None:
        process.stdin.close()
    return process.wait()


def log_tail(log: Path | None) -> str:
    """The last lines of a service's log, for messages; empty without a log."""
    if log is None:
        return ""
    with log.open(encoding="utf-8", errors="replace") as file:
        return f"; the end of {log}:\n" + "".join(deque(file, LAST_LINES)).rstrip()
