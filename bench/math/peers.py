"""Verifiers of other projects, each in a process that is killed when a comparison takes too long."""

import json
import os
import selectors
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.math.cases import INJECTION, Case
from bench.math.tally import NOT_RUN, Verdict

SECONDS = 10.0
"""What one comparison may take."""
START_SECONDS = 120.0
ENVIRONMENT = Path(".venv-bench")
"""Where `make bench-math` installs the peers."""


@dataclass(frozen=True)
class Peer:
    """A verifier of another project."""

    name: str
    """As in `peer_main`."""
    title: str
    searches: bool = False
    """Finds the answer in a response itself. The others are given the answer that ours found."""
    evaluates: bool = False
    """Evaluates text of the answer as Python: answers that are programs are kept from it."""
    own_environment: bool = True
    """Is in `ENVIRONMENT`; else beside this project."""

    @property
    def python(self) -> Path:
        """The interpreter that has it."""
        return ENVIRONMENT.absolute() / "bin/python" if self.own_environment else Path(sys.executable)


MATH_VERIFY = Peer("math-verify", "math-verify 0.9.0", searches=True, own_environment=False)
PEERS = (
    MATH_VERIFY,
    Peer("mathruler", "mathruler 0.1.0", evaluates=True),
    Peer("verl prime", "verl 0.9.1 prime_math", evaluates=True),
    Peer("verl dapo", "verl 0.9.1 math_dapo"),
    Peer("verl math", "verl 0.9.1 math_reward"),
    Peer("lm-eval minerva", "lm-eval 0.4.13 minerva_math"),
)


class PeerProcess:
    """One peer's process, started again after it had to be killed. Use as a context."""

    def __init__(self, peer: Peer) -> None:
        """Starts nothing yet."""
        self.peer = peer
        self._process: subprocess.Popen[str] | None = None
        self._scratch = tempfile.TemporaryDirectory(prefix="bench-peer-")

    def judge(self, case: Case, found: str) -> tuple[Verdict, float]:
        """The verdict and the seconds that it took; None when the process was killed over it.

        Args:
            case: The case.
            found: The answer in the case's response, for a peer that does not search.

        Raises:
            RuntimeError: The peer does not start.
        """
        if self.peer.evaluates and case.category == INJECTION:
            return NOT_RUN, 0.0
        whole = self.peer.searches and case.answer is None
        text = case.answer if case.answer is not None else case.response or "" if whole else found
        process = self._process or self._start()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps({"gold": case.gold, "text": text, "whole": whole}) + "\n")
            process.stdin.flush()
            reply = _read(process, SECONDS)
        except BrokenPipeError:
            reply = None
        if reply is None:
            self._end()
            return None, SECONDS
        return bool(reply["accepted"]), float(reply["seconds"])

    def _start(self) -> subprocess.Popen[str]:
        # What a peer does to the files around it happens in an empty folder.
        command = [str(self.peer.python), str(Path(__file__).with_name("peer_main.py")), self.peer.name]
        environment = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._scratch.name,
                env=environment,
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )
        except FileNotFoundError:
            raise self._absent() from None
        if _read(self._process, START_SECONDS) is None:
            self._end()
            raise self._absent()
        return self._process

    def _absent(self) -> RuntimeError:
        return RuntimeError(f"{self.peer.title} does not start with {self.peer.python}; make bench-math installs it")

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._scratch.cleanup()


def _read(process: subprocess.Popen[str], seconds: float) -> dict[str, Any] | None:
    """The next line, or None when it does not come: one line is asked for at a time, so none waits in the buffer."""
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(seconds):
            return None
    line = process.stdout.readline()
    reply: dict[str, Any] | None = json.loads(line) if line else None
    return reply
