"""A process that has tasks judged in one way, and what that cost.

JSON lines: {"do": "prepare", "kind", "tasks"} is answered with {}; {"do": "run"} and {"do": "each"} with {"seconds",
"passed", "latencies"}, the latter with the time of each task, and ours with "serving", see `Measured`.
"""

import dataclasses
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.code import usage
from bench.code.workloads import Task

PEERS = Path(".venv-bench/bin/python")
"""Where `make bench-code` installs the peers."""
SECONDS = 300.0
"""What one reply may take."""


@dataclass(frozen=True)
class Measured:
    """One pass over the tasks of a workload.

    Attributes:
        tasks: How many.
        passed: How many of them passed.
        seconds: Elapsed, for all.
        cpu_seconds: Of all processes, for all.
        serving: The parts of it that other processes than templates and runs used, of ours: of the process that has the
            judge or, over gRPC, of the client's and the server's.
        latencies: Seconds of each task.
    """

    tasks: int
    passed: int
    seconds: float
    cpu_seconds: float
    serving: Sequence[float]
    latencies: Sequence[float]

    @property
    def per_second(self) -> float:
        """Tasks per second."""
        return self.tasks / self.seconds

    @property
    def cpu_of_one(self) -> float:
        """Processor seconds per task."""
        return self.cpu_seconds / self.tasks


class Driver:
    """The process. Use as a context."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        """Starts it. Raises RuntimeError."""
        self._name = name
        self._tasks = 0
        self._scratch = tempfile.TemporaryDirectory(prefix="bench-code-")
        environment = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
        environment |= {"PYTHONPATH": str(Path.cwd()), "TMPDIR": self._scratch.name}
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=self._scratch.name,
                env=environment,
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )
        except OSError as error:
            self._scratch.cleanup()
            raise RuntimeError(f"{name} does not start ({error}); make bench-code installs what it needs") from error
        try:
            self._reply()
        except BaseException:
            self._end()
            raise

    @property
    def pid(self) -> int:
        """The first process of the tree that is measured."""
        return self._process.pid

    def prepare(self, tasks: Sequence[Task], kind: str) -> None:
        """Hands the tasks over; untimed. Raises RuntimeError."""
        self._tasks = len(tasks)
        self._ask({"do": "prepare", "kind": kind, "tasks": [dataclasses.asdict(task) for task in tasks]})

    def run(self, way: str = "run") -> Measured:
        """Has them judged; `each` in place of `run` where only the time of each matters. Raises RuntimeError."""
        before = usage.cpu_seconds(self.pid)
        reply = self._ask({"do": way})
        cpu = usage.cpu_seconds(self.pid) - before
        return Measured(
            self._tasks, reply["passed"], reply["seconds"], cpu, reply.get("serving", ()), reply["latencies"]
        )

    def _ask(self, line: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(line) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise RuntimeError(f"{self._name} has ended") from None
        return self._reply()

    def _reply(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(SECONDS):
                raise RuntimeError(f"{self._name} gave no answer for {SECONDS:g} s")
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._name} does not run; make bench-code installs what it needs")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def _end(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()  # upon which it ends by itself
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._scratch.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()


def peer(name: str, workers: int) -> Driver:
    """An executor of another project. Raises RuntimeError."""
    return Driver(name, [str(PEERS.absolute()), str(Path(__file__).with_name("peer_main.py")), name, str(workers)])


def bare(way: str, workers: int) -> Driver:
    """A new interpreter for each task. Raises RuntimeError."""
    return Driver(way, [sys.executable, "-m", "bench.code.bare_main", way, str(workers)])


def ours(way: str, workers: int, packages: Sequence[str] = ()) -> Driver:
    """This project's judge. Raises RuntimeError."""
    return Driver(f"ours {way}", [sys.executable, "-m", "bench.code.ours_main", way, str(workers), *packages])
