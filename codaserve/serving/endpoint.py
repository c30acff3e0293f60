"""The port for those who watch a server: metrics and probes over plain HTTP. It tells nothing of anybody's work.

/metrics   Prometheus' text
/livez     200 while the server's loop turns, else 503
/readyz    200 while it takes work, else 503 and the reason
"""

import logging
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from codaserve.configuration import ConfigurationError

SLOWEST_SECONDS = 5.0
"""One reader at a time; one that is slower than this is cut off."""
_log = logging.getLogger(__name__)


class Endpoint:
    """A port and the thread that answers on it, from its making to `close`."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        pages: Callable[[], bytes],
        live: Callable[[], str],
        ready: Callable[[], str],
    ) -> None:
        """Opens the port.

        Args:
            host: Address.
            port: Port; 0 takes a free one.
            pages: The metrics' text.
            live: Why the server is stuck; empty while it is not. Called on the endpoint's thread, like `ready`.
            ready: Why it takes no work; empty while it does.

        Raises:
            ConfigurationError: It cannot be listened on.
        """

        class Handler(BaseHTTPRequestHandler):
            timeout = SLOWEST_SECONDS

            def do_GET(self) -> None:
                match self.path.partition("?")[0]:
                    case "/metrics":
                        self._send(200, pages(), CONTENT_TYPE_LATEST)
                    case "/livez":
                        self._say(live())
                    case "/readyz":
                        self._say(ready())
                    case _:
                        self._send(404, b"there are /metrics, /livez and /readyz\n", "text/plain")

            def _say(self, complaint: str) -> None:
                self._send(503 if complaint else 200, f"{complaint or 'ok'}\n".encode(), "text/plain")

            def _send(self, status: int, body: bytes, kind: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *values: object) -> None:
                _log.debug(format, *values)

        try:
            self._server = HTTPServer((host, port), Handler)
        except OSError as error:
            raise ConfigurationError(f"metrics.port: cannot listen on {host}:{port}: {error}") from error
        self.address = f"{host}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Closes the port; waits for an answer that is being written."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(SLOWEST_SECONDS)


def page_of(registry: CollectorRegistry) -> bytes:
    """The text of a registry."""
    return generate_latest(registry)
