"""Configuration that every server has."""

from pathlib import Path

from pydantic import Field

from codaserve.serving.access.settings import QuotaSettings, TlsSettings
from codaserve.serving.logs import LogSettings
from codaserve.settings import ProgramSettings, Section


class MetricsSettings(Section):
    """Metrics for Prometheus (/metrics) and probes (/livez, /readyz) over plain HTTP, without tokens or encryption:
    they tell nothing of anybody's work."""

    port: int | None = Field(None, ge=0, le=65535)
    """Port to listen on; 0 takes a free one. Default: none."""
    host: str = "127.0.0.1"
    """Address to listen on. One that other machines can reach needs insecure_public, here or of the server."""
    insecure_public: bool = False
    """Listen on an address that other machines can reach."""
    address_file: Path | None = None
    """File to which `host:port` is written once it is listened on."""


class ServerSettings(ProgramSettings):
    """Base of a server's configuration: where it listens and how it stops."""

    host: str = "127.0.0.1"
    """Address to listen on. One that other machines can reach needs tokens or tls, or insecure_public."""
    port: int = Field(50051, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    address_file: Path | None = None
    """File to which `host:port` is written once the server answers."""
    exit_with_parent: bool = False
    """Stop when standard input ends: a parent that holds the other end of the pipe takes the server with it."""
    shares_port: bool = False
    """Let other server processes listen on the same port (SO_REUSEPORT): the kernel gives each new connection to one of
    them. Else a second one on the port is refused."""
    drain_seconds: float = Field(30.0, ge=0, le=3600)
    """After SIGTERM: how long running work may take to finish, seconds."""
    tokens: Path | None = None
    """File of bearer tokens, one in a line: NAME TOKEN [items=N] [rate=N] [admin], items and rate its client's own
    quota, admin for who may have a critic load another checkpoint. Read again when it changes. Default: no token is
    asked for."""
    tls: TlsSettings = TlsSettings()
    """Encryption, and certificates of clients."""
    insecure_public: bool = False
    """Listen on an address that other machines can reach even without tokens and tls."""
    quota: QuotaSettings = QuotaSettings()
    """What each client may ask for."""
    metrics: MetricsSettings = MetricsSettings()
    """The port for those who watch."""
    log: LogSettings = LogSettings()
    """The log."""
    traces: str | None = None
    """Where spans of OpenTelemetry are sent by OTLP over HTTP, http://collector:4318/v1/traces say; needs the extra
    tracing. Default: nothing is traced."""
    max_message_bytes: int = Field(64 * 2**20, ge=2**16, le=2**31 - 1)
    """Largest message that is taken or sent, bytes."""
    max_calls: int = Field(1024, ge=1, le=2**20)
    """Calls over gRPC at one time, streams included and health checks not; one more is refused unread, with a hint of
    when to come back."""
