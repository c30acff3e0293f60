"""The server's side of TLS, from files that may change while the server runs."""

import logging
from pathlib import Path
from typing import Any

import grpc

from codaserve.configuration import ConfigurationError
from codaserve.serving.access.settings import TlsSettings

_log = logging.getLogger(__name__)


class Certificates:
    """Reads certificate, key and authorities, and again whenever one of the files has changed."""

    def __init__(self, settings: TlsSettings) -> None:
        """Args:
        settings: Of a server that encrypts.
        """
        assert settings.certificate is not None and settings.key is not None
        self._settings = settings
        self._files: list[Path] = [settings.certificate, settings.key]
        if settings.client_ca is not None:
            self._files.append(settings.client_ca)
        self._seen: list[tuple[int, ...]] = []

    def credentials(self) -> Any:
        """For the port of a gRPC server. New connections see changed files; those that are open stay as they are.

        Raises:
            ConfigurationError: A file cannot be read.
        """
        return grpc.dynamic_ssl_server_credentials(
            self._read(), self._changed, require_client_authentication=self._settings.client_ca is not None
        )

    def _changed(self) -> Any:
        """Called for each new connection, on a thread of gRPC's; None for no change."""
        try:
            return None if self._states() == self._seen else self._read()
        except (ConfigurationError, OSError) as error:
            _log.error("the certificates of before stay in force: %s", error)
            return None

    def _read(self) -> Any:
        seen = self._states()
        try:
            certificate, key, *authorities = (file.read_bytes() for file in self._files)
        except OSError as error:
            raise ConfigurationError(f"tls: {error.filename} cannot be read: {error.strerror}") from error
        for content, file in zip((certificate, key, *authorities), self._files, strict=True):
            if b"-----BEGIN " not in content:
                raise ConfigurationError(f"tls: {file} is no PEM file")
        configuration = grpc.ssl_server_certificate_configuration(
            [(key, certificate)], root_certificates=authorities[0] if authorities else None
        )
        self._seen = seen
        return configuration

    def _states(self) -> list[tuple[int, ...]]:
        try:
            statuses = [file.stat() for file in self._files]
        except OSError as error:
            raise ConfigurationError(f"tls: {error.filename} cannot be read: {error.strerror}") from error
        return [(status.st_mtime_ns, status.st_ino, status.st_size) for status in statuses]
