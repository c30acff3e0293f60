"""Encryption of the HTTP port, by the files that gRPC's is encrypted by, which may change while the server runs."""

import logging
import ssl
from pathlib import Path
from typing import Any

from codaserve.serving.access.settings import TlsSettings
from codaserve.settings import ConfigurationError

SUBJECT = "subject"
"""In the state of a request: the name in its client's certificate."""
_log = logging.getLogger(__name__)


class Encryption:
    """A context for connections. Those that are made after a file has changed are encrypted by the new one."""

    def __init__(self, settings: TlsSettings) -> None:
        """Args:
        settings: Of a server that encrypts.

        Raises:
            ConfigurationError: A file cannot be used.
        """
        self._settings = settings
        files = (settings.certificate, settings.key, settings.client_ca)
        self._files: list[Path] = [file for file in files if file is not None]
        try:
            self._seen = self._states()
            self.context = self._read()
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationError(f"tls: certificate, key or client_ca cannot be used: {error}") from error
        self.context.sni_callback = self._begin

    def _begin(self, connection: ssl.SSLObject, *_: Any) -> None:
        """Called at the begin of each handshake."""
        try:
            states = self._states()
            if states != self._seen:
                self._seen = states
                renewed = self._read()
                renewed.sni_callback = self._begin
                self.context = renewed
        except (OSError, ssl.SSLError) as error:
            _log.error("the certificates of before stay in force: %s", error)
        connection.context = self.context

    def _read(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        assert self._settings.certificate is not None
        context.load_cert_chain(self._settings.certificate, self._settings.key)
        if self._settings.client_ca is not None:
            context.load_verify_locations(self._settings.client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def _states(self) -> list[tuple[int, ...]]:
        statuses = [file.stat() for file in self._files]
        return [(status.st_mtime_ns, status.st_ino, status.st_size) for status in statuses]


def subject(certificate: dict[str, Any] | None) -> str | None:
    """The name in a client's certificate: the common name, else the first alternative one.

    Args:
        certificate: As `ssl.SSLSocket.getpeercert` gives it.
    """
    if not certificate:
        return None
    names = [value for entry in certificate.get("subject", ()) for key, value in entry if key == "commonName"]
    names += [value for _, value in certificate.get("subjectAltName", ())]
    return next((name for name in names if name), None)
