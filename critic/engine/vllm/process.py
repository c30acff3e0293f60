"""The process that runs vLLM."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

_WORKER = Path(__file__).with_name("worker.py")
_ENVIRONMENT = {
    # One process: no others to look after, and on a CPU no second pool of threads that gets into the first one's way.
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "VLLM_NO_USAGE_STATS": "1",
    "HF_HUB_OFFLINE": "1",
}


class ProcessError(Exception):
    """The process ended, failed or took too long; it is gone by then. The text says which."""


class Process:
    """A running vLLM. Not thread-safe, except for `close`."""

    def __init__(self, python: Path, settings: dict[str, Any], threads: int, seconds: float) -> None:
        """Starts vLLM and waits until it has loaded the model.

        Args:
            python: Interpreter of its environment.
            settings: As `worker` reads them.
            threads: Threads on CPU. 0: as many as OpenMP takes.
            seconds: Until it must be ready.

        Raises:
            ProcessError: It is not.
        """
        ours, its = socket.socketpair()
        with ours, its:
            environment = os.environ | _ENVIRONMENT | ({"OMP_NUM_THREADS": str(threads)} if threads else {})
            environment.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
            try:
                self._process = subprocess.Popen(
                    [python, "-I", _WORKER, str(its.fileno()), json.dumps(settings)],
                    stdin=subprocess.PIPE,
                    stdout=2,
                    env=environment,
                    pass_fds=[its.fileno()],
                    start_new_session=True,
                )
            except OSError as error:
                raise ProcessError(f"{python} does not run: {error.strerror}") from error
            self._connection: Connection[Any, Any] = Connection(ours.detach())
        ready = self._reply(seconds)
        self.device: str = ready["device"]
        self.dtype: str = ready["dtype"]

    def ask(self, message: Any, seconds: float) -> Any:
        """Sends a message and waits for the answer.

        Raises:
            ProcessError: There is none within `seconds`.
        """
        return self._reply(seconds, message)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """Ends it. Whoever waits for an answer gets a `ProcessError`."""
        if self.alive:
            # Its own session: whatever vLLM has started goes with it. Another thread may have waited for its end since.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _reply(self, seconds: float, message: Any = None) -> Any:
        # Sending waits, too, for a process that does not read; only its end is sure to wake both.
        too_late = threading.Event()

        def expire() -> None:
            too_late.set()
            self.close()

        limit = threading.Timer(seconds, expire)
        limit.start()
        try:
            if message is not None:
                self._connection.send(message)
            reply = self._connection.recv()
        except (OSError, EOFError) as error:
            self._end()
            status = (
                f"did not answer within {seconds:g} s" if too_late.is_set() else f"ended ({self._process.returncode})"
            )
            raise ProcessError(f"vLLM {status}") from error
        finally:
            limit.cancel()
        if isinstance(reply, dict) and "error" in reply:
            self._end()
            raise ProcessError(f"vLLM failed: {reply['error']}")
        return reply

    def _end(self) -> None:
        self.close()
        self._connection.close()
        assert self._process.stdin is not None
        self._process.stdin.close()
