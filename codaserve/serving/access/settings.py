"""Configuration of who may use a server."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from codaserve.serving.access.client import Quota
from codaserve.settings import Section


class TlsSettings(Section):
    """Encryption, and certificates of clients. The files are read again when they change."""

    certificate: Path | None = None
    """PEM file with the server's certificate and those that lead to the authority's. Default: no encryption."""
    key: Path | None = None
    """PEM file with the certificate's private key."""
    client_ca: Path | None = None
    """PEM file with the authorities of clients' certificates: only clients with one of theirs are let in."""

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together; give both or none")
        if self.client_ca is not None and self.certificate is None:
            raise ValueError("client_ca needs certificate and key")
        return self

    @property
    def on(self) -> bool:
        """Whether connections are encrypted."""
        return self.certificate is not None


class QuotaSettings(Section):
    """What each client may ask for; a line of the token file may say otherwise for its client."""

    items_in_flight: int | None = Field(None, ge=1)
    """Items that may wait or be worked on at one time. Default: as many as the queue takes."""
    items_per_second: float | None = Field(None, gt=0)
    """Items of each second on average. Default: no bound."""
    processes: int = Field(1, ge=1)
    """Server processes among which each quota is divided, those of the token file as well; `processes` of the scorer
    sets it."""

    @property
    def each(self) -> Quota:
        """The quota of clients without one of their own."""
        return Quota(self.items_in_flight, self.items_per_second)
