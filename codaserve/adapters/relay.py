"""Asks in a fresh process for one that was forked: where gRPC had been used before the fork, it breaks after it.

    python -m codaserve.adapters.relay

reads calls from standard input and writes answers to standard output, until its parent closes the one.
"""

import atexit
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codaserve.adapters.asking import Service

START = "import sys; sys.path[:] = {path!r}; from codaserve.adapters import relay; relay.main()"


class _Relay:
    """The process, and a lock so that one call is under way at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None

    def ask(self, call: Any) -> Any:
        with self.lock:
            if self.process is None or self.process.poll() is not None:
                command = [sys.executable, "-c", START.format(path=sys.path)]
                self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            assert self.process.stdin and self.process.stdout
            pickle.dump(call, self.process.stdin)
            self.process.stdin.flush()
            return pickle.load(self.process.stdout)

    def stop(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
            self.process.wait()


_relay = _Relay()


def ask(service: "Service", messages: Sequence[Any]) -> list[Any]:
    """As `Service.ask`.

    Raises:
        RuntimeError: The client refused the call.
        EOFError: The process ended.
    """
    answers = _relay.ask((service, list(messages)))
    if isinstance(answers, Exception):
        raise answers
    return list(answers)


def main() -> None:
    """Answers until the input ends."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed must not come between the answers
    serve(sys.stdin.buffer, output)


def serve(calls: IO[bytes], answers: IO[bytes]) -> None:
    """Answers calls, in order."""
    while True:
        try:
            service, messages = pickle.load(calls)
        except EOFError:
            return
        try:
            answer: Any = service.ask(messages)
        except Exception as error:  # noqa: BLE001, whatever it is belongs to the caller
            answer = RuntimeError(f"{type(error).__name__}: {error}")
        pickle.dump(answer, answers)
        answers.flush()


def _forked() -> None:
    """A forked process has one of its own."""
    global _relay
    _relay = _Relay()


os.register_at_fork(after_in_child=_forked)
atexit.register(lambda: _relay.stop())
