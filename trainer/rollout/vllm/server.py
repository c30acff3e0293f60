"""A vLLM server of one's own: a child process that listens on a Unix socket and goes when its parent goes."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from codaserve.embedded import EmbeddedServiceError, log_tail, without_launcher
from trainer.rollout.vllm.http import Client, HttpError

POLL_SECONDS = 0.25
STOP_SECONDS = 10.0
"""A server that is asked to end and has not by then is killed: it holds nothing that has to be kept."""
LONGEST_ANSWER = 5.0
"""Seconds that a look whether it answers may take."""
_SCRIPT = Path(__file__).with_name("serve.py")
_ENVIRONMENT = {
    # Loading other weights and adapters are endpoints of development; nobody but us can reach the socket.
    "VLLM_SERVER_DEV_MODE": "1",
    "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "HF_HUB_OFFLINE": "1",
}
_DEFAULTS = {
    # A CPU's cores are shared with the trainer; what is set already stays.
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "VLLM_CPU_KVCACHE_SPACE": "1",
}


class VllmServer:
    """A running server. Use `start`."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
        """Use `start`."""
        self.process = process
        self._folder = folder
        self._log = log
        self.address = f"unix:{folder / 'socket'}"

    @classmethod
    def start(cls, python: Path, arguments: Sequence[str], log: Path, seconds: float) -> "VllmServer":
        """Starts a server and waits until it answers.

        Args:
            python: Interpreter of vLLM's environment.
            arguments: Of vLLM's server; where to listen is added.
            log: Takes what it prints, appended.
            seconds: Until it must answer.

        Raises:
            EmbeddedServiceError: It ended or did not answer in time; it is gone by then.
        """
        folder = Path(tempfile.mkdtemp(prefix="codaserve-vllm-"))  # a folder that only this user can enter
        try:
            with log.open("ab") as output:
                process = subprocess.Popen(
                    [python, "-I", _SCRIPT, *arguments, "--uds", folder / "socket"],
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=output,
                    env={**_DEFAULTS, **without_launcher(os.environ), **_ENVIRONMENT},
                    start_new_session=True,
                )
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise EmbeddedServiceError(f"vllm.python: {python} does not run: {error.strerror}") from error
        server = cls(process, folder, log)
        try:
            server._wait(seconds)
        except BaseException:
            server.stop()
            raise
        return server

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    @property
    def end(self) -> str:
        """How it ended, with the end of its log."""
        return f"status {self.process.returncode}{log_tail(self._log)}"

    def stop(self) -> None:
        """Ends it and what it has started. Stopping twice is harmless."""
        if self.alive:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):  # all of them ended by themselves
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait(self, seconds: float) -> None:
        give_up = time.monotonic() + seconds
        client = Client(self.address)
        while True:
            try:
                client.request("GET", "/health", seconds=LONGEST_ANSWER)
                return
            except HttpError:
                pass
            if not self.alive:
                raise EmbeddedServiceError(f"vllm: ended while starting with {self.end}")
            if time.monotonic() > give_up:
                raise EmbeddedServiceError(f"vllm: did not answer within {seconds:g} s{log_tail(self._log)}")
            time.sleep(POLL_SECONDS)
