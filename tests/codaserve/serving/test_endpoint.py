import socket
import urllib.error
import urllib.request
from contextlib import closing

import pytest
from prometheus_client import CollectorRegistry, Counter

from codaserve.configuration import ConfigurationError
from codaserve.serving.endpoint import Endpoint, page_of


def get(address: str, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_pages() -> None:
    registry = CollectorRegistry()
    Counter("codaserve_tests", "Of this test.", registry=registry).inc(3)
    state = {"live": "", "ready": "the queue is full"}
    with closing(
        Endpoint(
            "127.0.0.1",
            0,
            pages=lambda: page_of(registry),
            live=lambda: state["live"],
            ready=lambda: state["ready"],
        )
    ) as endpoint:
        status, text = get(endpoint.address, "/metrics")
        assert status == 200
        assert "codaserve_tests_total 3.0" in text
        assert get(endpoint.address, "/livez") == (200, "ok\n")
        assert get(endpoint.address, "/readyz") == (503, "the queue is full\n")
        state.update(live="stuck", ready="")
        assert get(endpoint.address, "/livez") == (503, "stuck\n")
        assert get(endpoint.address, "/readyz?verbose") == (200, "ok\n")
        assert get(endpoint.address, "/")[0] == 404


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"metrics.port: cannot listen on 127.0.0.1:{port}"):
            Endpoint("127.0.0.1", port, pages=bytes, live=str, ready=str)
