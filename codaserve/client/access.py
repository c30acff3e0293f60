"""How a client proves who it is, and knows whom it talks to."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

LOOK_SECONDS = 1.0
"""Between two looks whether the token's file has changed."""


@dataclass(slots=True)
class _Kept:
    token: str
    looked: float
    changed: int


@dataclass(frozen=True, slots=True)
class Access:
    """What servers ask for. The default is for servers on loopback that ask for nothing.

    Attributes:
        token: Bearer token; sent in clear unless the connection is encrypted.
        token_file: File whose first word is the token, read again when it changes; in place of `token`.
        tls: Encrypt, and trust the system's authorities. Implied by `ca` and `certificate`.
        ca: PEM file of the authorities that servers' certificates come from, in place of the system's.
        certificate: PEM file of this client's certificate, for servers that ask for one (mutual TLS).
        key: PEM file of its private key.
        server_name: Name that the servers' certificates have, where it is not the one in their address.
    """

    token: str | None = field(default=None, repr=False)
    token_file: str | Path | None = None
    tls: bool = False
    ca: str | Path | None = None
    certificate: str | Path | None = None
    key: str | Path | None = None
    server_name: str | None = None
    _kept: list[_Kept] = field(default_factory=list, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raises ValueError for parts that do not fit together."""
        if self.token is not None and self.token_file is not None:
            raise ValueError("access: give token or token_file, not both")
        if (self.certificate is None) != (self.key is None):
            raise ValueError("access: certificate and key belong together; give both or none")
        if self.server_name is not None and not self.encrypts:
            raise ValueError("access: server_name needs tls or ca")

    @property
    def encrypts(self) -> bool:
        """Whether connections are encrypted."""
        return self.tls or self.ca is not None or self.certificate is not None

    def channel(self, address: str, options: tuple[tuple[str, Any], ...], name: str | None = None) -> Any:
        """A channel of grpc.aio to an address.

        `name`, `host:port`, is what the user called it: balancers on the way see it, and the certificate has to be that
        of its host.

        Raises:
            OSError: A file cannot be read.
        """
        if not self.encrypts:
            if name is not None:
                options = (*options, ("grpc.default_authority", name))
            return grpc.aio.insecure_channel(address, options=options)
        ca, key, certificate = (
            None if path is None else Path(path).read_bytes() for path in (self.ca, self.key, self.certificate)
        )
        server_name = self.server_name
        if server_name is None and name is not None:
            server_name = name.rpartition(":")[0]
        if server_name is not None:
            options = (*options, ("grpc.ssl_target_name_override", server_name))
        return grpc.aio.secure_channel(address, grpc.ssl_channel_credentials(ca, key, certificate), options=options)

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What goes with each call.

        Raises:
            OSError: The token's file cannot be read, and never could.
            ValueError: It is empty.
        """
        token = self.token if self.token_file is None else self._read(Path(self.token_file))
        return () if token is None else (("authorization", f"Bearer {token}"),)

    def _read(self, path: Path) -> str:
        now = time.monotonic()
        kept = self._kept[0] if self._kept else None
        if kept is not None and now - kept.looked < LOOK_SECONDS:
            return kept.token
        try:
            changed = path.stat().st_mtime_ns
            if kept is None or changed != kept.changed:
                words = path.read_text(encoding="utf-8").split()
                if not words:
                    raise ValueError(f"access: token_file {path} is empty")
                kept = _Kept(words[0], now, changed)
        except (OSError, ValueError):
            if kept is None:
                raise
        assert kept is not None
        kept.looked = now
        self._kept[:] = [kept]
        return kept.token
