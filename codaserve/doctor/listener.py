"""What doctor opens on its own host for programs to reach: nothing may arrive."""

import contextlib
import socket
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self


class Listener:
    """A TCP and a UDP port of one number on the loopback, sockets and a file with one name in /tmp."""

    def __init__(self) -> None:
        """Opens all of them; use as a context manager. Raises OSError."""
        folder = Path("/tmp")
        with tempfile.NamedTemporaryFile(dir=folder, prefix="codaserve-doctor-") as taken:
            self.name = Path(taken.name).name
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        self._abstract = socket.socket(socket.AF_UNIX)
        self._abstract.bind(f"\0{self.name}")
        self._abstract.listen()
        self._datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._datagrams.bind(f"\0{self.name}.datagrams")
        self._path = folder / self.name
        self._file = folder / f"{self.name}.txt"
        self._local = socket.socket(socket.AF_UNIX)
        self._local.bind(str(self._path))
        self._path.chmod(0o666)
        self._local.listen()
        self._file.write_text("for everybody")
        self._file.chmod(0o644)

    def arrivals(self) -> list[str]:
        """What has arrived, in words."""
        return [
            *(f"a connection to the {name}" for name, server in self._servers() if _accepted(server)),
            *(f"a datagram to the {name}" for name, server in self._receivers() if _received(server)),
        ]

    def _servers(self) -> list[tuple[str, socket.socket]]:
        return [("TCP port", self._tcp), ("abstract socket", self._abstract), ("socket file", self._local)]

    def _receivers(self) -> list[tuple[str, socket.socket]]:
        return [("UDP port", self._udp), ("abstract socket", self._datagrams)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _, server in [*self._servers(), *self._receivers()]:
            server.close()
        for path in (self._path, self._file):
            path.unlink(missing_ok=True)


def is_this_host(host: str) -> bool:
    """Whether an address belongs to this machine: only then could a program reach what listens here."""
    with contextlib.suppress(OSError):
        for family, _, _, _, name in socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM):
            with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.bind((name[0], 0))
                return True
    return False


def _accepted(server: socket.socket) -> bool:
    server.setblocking(False)
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def _received(receiver: socket.socket) -> bool:
    receiver.setblocking(False)
    try:
        receiver.recv(1)
    except BlockingIOError:
        return False
    return True
