"""Configuration of a server's HTTP port."""

from pathlib import Path

from pydantic import Field

from codaserve.settings import Section


class HttpSettings(Section):
    """Where HTTP is served, and how much of it is taken on."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int | None = Field(None, ge=0, le=65535)
    """Port to listen on; 0 takes a free one. Default: none, HTTP is not served."""
    address_file: Path | None = None
    """File to which `host:port` is written once HTTP is served."""
    max_connections: int = Field(1000, ge=1, le=2**16)
    """Connections at one time; one more is told to come back, and closed."""
    max_body_bytes: int = Field(16 * 2**20, ge=2**10, le=2**31 - 1)
    """Largest request body, bytes."""
    max_bodies_bytes: int = Field(256 * 2**20, ge=2**10)
    """Bodies of all requests together that are here at one time, bytes; what would go beyond is told to come back."""
    patience_seconds: float = Field(30.0, gt=0, le=3600)
    """Time that a client has to send the whole of a request, and to take an answer, seconds."""
