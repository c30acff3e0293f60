"""Requests to a server: JSON in, JSON out, each with a deadline, all of them to be cancelled from another thread."""

import http.client
import json
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

CONNECT_SECONDS = 10.0
"""A server that is there accepts connections at once."""
MAX_ANSWER_BYTES = 1 << 30
"""No answer of ours is larger; one that is comes from something else."""


class HttpError(Exception):
    """No usable answer. The text says from where and why."""

    def __init__(self, text: str, *, retryable: bool) -> None:
        """`retryable`: the same request may succeed later."""
        super().__init__(text)
        self.retryable = retryable


class Client:
    """Talks to one server. Safe to use from several threads; each request has a connection of its own."""

    def __init__(self, address: str, api_key: str = "") -> None:
        """Connects to nothing yet.

        Args:
            address: `host:port`, a URL that begins with http:// or https://, or `unix:` and the path of a socket.
            api_key: Sent as bearer token; empty for none.

        Raises:
            ValueError: It is no such address.
        """
        self.address = address
        self._headers = {"Content-Type": "application/json", "Connection": "close"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._path = ""
        self._host, self._port, self._secure = "", 0, False
        if not address.startswith("unix:"):
            parts = urlsplit(address if "://" in address else f"http://{address}")
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
                raise ValueError(f"{address!r} is neither host:port nor a URL")
            if "://" not in address and parts.port is None:
                raise ValueError(f"{address!r} has no port: give host:port or a URL")
            self._secure = parts.scheme == "https"
            self._host, self._port = parts.hostname, parts.port or (443 if self._secure else 80)
            self._path = parts.path.rstrip("/")
        self._lock = threading.Lock()
        self._open: set[http.client.HTTPConnection] = set()
        self._closed = False

    def request(self, method: str, path: str, body: Any = None, *, seconds: float, plain: bool = False) -> Any:
        """Sends a request and gives the JSON value that is answered; None for an empty answer.

        Args:
            method: GET or POST.
            path: From the server's root.
            body: Sent as JSON; None for no body.
            seconds: Until the answer must be complete.
            plain: The answer is text, and is given as it is.

        Raises:
            HttpError: There is no answer with a status of success within that time, or the client was closed.
        """
        connection = self._connection(min(CONNECT_SECONDS, seconds))
        with self._lock:
            if self._closed:
                raise HttpError(f"{self.address}: the client is closed", retryable=False)
            self._open.add(connection)
        late = threading.Event()
        due = time.monotonic() + seconds

        def expire() -> None:
            late.set()
            _break(connection)

        limit = threading.Timer(seconds, expire)
        limit.daemon = True
        limit.start()
        try:
            content = self._exchange(connection, method, self._path + path, body, seconds)
            return content.decode(errors="replace") if plain else _json(content, f"{self.address}: {method} {path}")
        except (OSError, http.client.HTTPException) as error:
            # The socket's own limit may be first.
            over = late.is_set() or time.monotonic() >= due
            reason = f"no answer within {seconds:g} s" if over else str(error) or type(error).__name__
            raise HttpError(f"{self.address}: {method} {path}: {reason}", retryable=not self._closed) from error
        finally:
            limit.cancel()
            connection.close()
            with self._lock:
                self._open.discard(connection)

    def close(self) -> None:
        """Ends every request under way and refuses further ones."""
        self._closed = True
        self.interrupt()

    def interrupt(self) -> None:
        """Ends every request under way; each raises `HttpError`."""
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            _break(connection)

    def _connection(self, seconds: float) -> http.client.HTTPConnection:
        if self.address.startswith("unix:"):
            return _UnixConnection(self.address.removeprefix("unix:"), seconds)
        if self._secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self._host, self._port, timeout=seconds, context=context)
        return http.client.HTTPConnection(self._host, self._port, timeout=seconds)

    def _exchange(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: Any, seconds: float
    ) -> bytes:
        connection.connect()
        assert connection.sock is not None
        connection.sock.settimeout(seconds)
        data = None if body is None else json.dumps(body).encode()
        connection.request(method, path, data, self._headers)
        response = connection.getresponse()
        content = response.read(MAX_ANSWER_BYTES + 1)
        if response.length:  # of a body that ends early, read() gives what there is
            raise http.client.IncompleteRead(content, response.length)
        where = f"{self.address}: {method} {path}"
        if len(content) > MAX_ANSWER_BYTES:
            raise HttpError(f"{where}: an answer of more than {MAX_ANSWER_BYTES} bytes", retryable=False)
        if not 200 <= response.status < 300:
            text = content[:500].decode(errors="replace").strip()
            retryable = response.status in (408, 425, 429) or response.status >= 500
            raise HttpError(f"{where}: status {response.status}: {text}", retryable=retryable)
        return content


def _json(content: bytes, where: str) -> Any:
    try:
        return json.loads(content) if content.strip() else None
    except ValueError as error:
        raise HttpError(f"{where}: the answer is no JSON: {content[:100]!r}", retryable=False) from error


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self._socket_path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._socket_path)


def _break(connection: http.client.HTTPConnection) -> None:
    """Wakes the thread that waits for the connection; it closes it."""
    sock = connection.sock
    if sock is not None:
        with suppress(OSError):  # not connected yet, or no longer
            sock.shutdown(socket.SHUT_RDWR)
