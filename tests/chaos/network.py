"""A network of the test's own: every service in a network namespace behind a link that can be slow, lossy or cut.

Needs root, `ip` (iproute2) and /dev/net/tun.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

BLOCK = "198.18"
"""Reserved for tests of networks (RFC 2544), so nobody has it."""


@dataclass(frozen=True)
class Place:
    """A namespace and the link to it."""

    index: int
    namespace: str
    outer: str
    """The link's end that is ours."""
    inner: str
    """The link's end there."""
    host: str
    """Address there."""


class Network:
    """Places for services. A context manager: at the end what is left in them is killed, and they are gone."""

    def __init__(self, places: int) -> None:
        """Makes this many places, at most 63.

        Raises:
            subprocess.CalledProcessError: It may not be done here.
        """
        net = f"{BLOCK}.{os.getpid() % 250}"
        name = f"cs{os.getpid() % 10**6}"
        self.places = [
            Place(i, f"{name}x{i}", f"{name}o{i}", f"{name}i{i}", f"{net}.{4 * i + 2}") for i in range(places)
        ]
        self._wires: subprocess.Popen[str] | None = None
        try:
            for place in self.places:
                _run("ip", "netns", "add", place.namespace)
            names = [f"{place.outer}:{place.inner}:{place.namespace}" for place in self.places]
            command = [sys.executable, "-m", "tests.chaos.wire", *names]
            self._wires = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            assert self._wires.stdout is not None
            if self._wires.stdout.readline() != "ready\n":
                raise RuntimeError("tests.chaos.wire did not start: are we root, and is there /dev/net/tun?")
            for place in self.places:
                ours = f"{net}.{4 * place.index + 1}"
                _run("ip", "address", "add", ours, "peer", place.host, "dev", place.outer)
                _run("ip", "link", "set", place.outer, "up")
                there = ["ip", "-n", place.namespace]
                _run(*there, "address", "add", place.host, "peer", ours, "dev", place.inner)
                _run(*there, "link", "set", place.inner, "up")
                _run(*there, "link", "set", "lo", "up")
        except BaseException:
            self.close()
            raise

    def impair(self, place: Place, *, delay_ms: float = 0, loss: float = 0) -> None:
        """Delays each packet from there and to there, and loses this share of them, until `heal`. A share of 1 is a
        cut: packets vanish, and no connection is closed."""
        assert self._wires is not None
        assert self._wires.stdin is not None
        self._wires.stdin.write(f"{place.index} {delay_ms} {loss}\n")
        self._wires.stdin.flush()

    def heal(self, place: Place) -> None:
        """Undoes that."""
        self.impair(place)

    def processes(self, place: Place) -> list[int]:
        """Ids of the processes there."""
        listed = subprocess.run(["ip", "netns", "pids", place.namespace], capture_output=True, text=True, check=False)
        return [int(pid) for pid in listed.stdout.split()]

    def close(self) -> None:
        """Ends everything."""
        for place in self.places:
            for pid in self.processes(place):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        if self._wires is not None:
            self._wires.communicate()
        for place in self.places:
            subprocess.run(["ip", "netns", "del", place.namespace], capture_output=True, check=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=60)
