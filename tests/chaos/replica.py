"""A service in a place of the network, with a small disk of its own, that can be hurt and started again."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import grpc

from tests.chaos.network import Network, Place

PORT = 50051
DISK_BYTES = 16 << 20
START_SECONDS = 300.0
STOP_SECONDS = 120.0


class Replica:
    """A scorer or a critic."""

    def __init__(self, network: Network, place: Place, program: str, arguments: Sequence[str], folder: Path) -> None:
        """Does not start it yet.

        Args:
            network: Where it is.
            place: And where there.
            program: "scorer" or "critic".
            arguments: As on its command line.
            folder: New; gets its log, and its disk is mounted in it.
        """
        self.program = program
        self.place = place
        self.address = f"{place.host}:{PORT}"
        self._network = network
        self._disk = folder / "disk"
        self._disk.mkdir(parents=True)
        self.log = folder / "log"
        command = ["ip", "netns", "exec", place.namespace, sys.executable, "-m", "codaserve.cli.main", program]
        self._command = [*command, "--host", place.host, "--port", str(PORT), "--insecure-public", *arguments]
        self._process: subprocess.Popen[bytes] | None = None
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=1777", "tmpfs", str(self._disk)]
        subprocess.run(mount, check=True)

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None
        return self._process.pid  # `ip netns exec` becomes it

    def start(self) -> None:
        """Starts it; `wait` for it to answer."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=os.environ | {"TMPDIR": str(self._disk)},
            )

    def wait(self) -> None:
        """Returns when it can be connected to.

        Raises:
            RuntimeError: It ended, or takes too long.
        """
        with grpc.insecure_channel(self.address, options=[("grpc.enable_http_proxy", 0)]) as channel:
            ready = grpc.channel_ready_future(channel)
            give_up = time.monotonic() + START_SECONDS
            while time.monotonic() < give_up:
                if self._process is None or self._process.poll() is not None:
                    break
                try:
                    ready.result(1)
                except grpc.FutureTimeoutError:
                    continue
                return
        raise RuntimeError(f"the {self.program} does not answer: {self.log.read_text(errors='replace')[-2000:]}")

    def kill(self) -> None:
        """As kill -9."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        """As SIGSTOP: it holds its connections and says nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets it go on."""
        os.kill(self.pid, signal.SIGCONT)

    def starve_of_descriptors(self) -> tuple[int, int]:
        """Allows it no more than it has; returns what it was allowed."""
        has = len(list(Path(f"/proc/{self.pid}/fd").iterdir()))
        _, hard = before = resource.prlimit(self.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (has + 2, hard))
        return before

    def feed_descriptors(self, before: tuple[int, int]) -> None:
        """Undoes it."""
        resource.prlimit(self.pid, resource.RLIMIT_NOFILE, before)

    def fill_disk(self) -> None:
        """Leaves no byte of its disk."""
        try:
            with (self._disk / "filler").open("wb", buffering=0) as file:
                while file.write(b"x" * (1 << 20)):
                    pass
        except OSError:
            return

    def empty_disk(self) -> None:
        """Undoes it."""
        (self._disk / "filler").unlink(missing_ok=True)

    def stop(self) -> int:
        """Asks it to stop; its status. What is left in its place afterwards has leaked."""
        assert self._process is not None
        self._process.terminate()
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL

    def close(self) -> None:
        """Kills it if it runs, and unmounts its disk."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
        subprocess.run(["umount", "--lazy", str(self._disk)], check=False, capture_output=True)
