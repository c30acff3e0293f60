"""Configuration of how the trainer shows running services who it is."""

from pathlib import Path
from typing import Self

from pydantic import model_validator

from codaserve.client import Access
from codaserve.settings import Section


class AccessSettings(Section):
    """For services that ask for a token or a certificate; one that is started here asks for nothing."""

    token_file: Path | None = None
    """File with the bearer token; read again when it changes."""
    tls: bool = False
    """Encrypt, and trust the system's authorities."""
    ca: Path | None = None
    """PEM file of the authorities of the services' certificates; implies tls."""
    certificate: Path | None = None
    """PEM file of the certificate to show (mutual TLS)."""
    key: Path | None = None
    """PEM file of its private key."""
    server_name: str | None = None
    """Name in the services' certificates, where it is not the one in their address."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        self.client()
        return self

    def client(self) -> Access:
        """The same for a client."""
        return Access(**self.model_dump())
