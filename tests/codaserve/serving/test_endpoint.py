import logging
import socket
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import pytest
from prometheus_client import CollectorRegistry, Counter

from codaserve.configuration import ConfigurationError
from codaserve.serving import endpoint as module
from codaserve.serving.endpoint import Endpoint, page_of

PATIENCE = 120.0


def get(address: str, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=PATIENCE) as answer:
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


def connect(address: str, sent: bytes = b"") -> socket.socket:
    host, port = address.split(":")
    connection = socket.create_connection((host, int(port)), timeout=PATIENCE)
    connection.sendall(sent)
    return connection


def is_cut(connection: socket.socket) -> bool:
    """Waits for the other side's end of a connection."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def plain(pages: bytes = b"") -> Endpoint:
    return Endpoint("127.0.0.1", 0, pages=lambda: pages, live=str, ready=str)


def test_who_dawdles_holds_up_nobody() -> None:
    large = b"x" * (16 << 20)
    with closing(plain(large)) as endpoint, ExitStack() as stack:
        for sent in (b"", b"GET /live", b"GET /metrics HTTP/1.1\r\n\r\n"):  # the last does not read what it asked for
            for _ in range(4):
                stack.enter_context(closing(connect(endpoint.address, sent)))
        assert get(endpoint.address, "/livez") == (200, "ok\n")
        assert get(endpoint.address, "/readyz") == (200, "ok\n")


def test_more_connections_take_the_place_of_the_eldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CONNECTIONS", 3)
    monkeypatch.setattr(module, "WHOLE_SECONDS", PATIENCE)
    with closing(plain()) as endpoint, ExitStack() as stack:
        silent = [stack.enter_context(closing(connect(endpoint.address))) for _ in range(4)]
        assert is_cut(silent[0])
        assert get(endpoint.address, "/livez") == (200, "ok\n")
        assert is_cut(silent[1])


@pytest.mark.parametrize("sent", [b"", b"GET /li", b"GET /metrics HTTP/1.1\r\n\r\n"])
def test_a_connection_has_a_deadline_whatever_it_does(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WHOLE_SECONDS", 0.2)
    blocked = threading.Event()

    def pages() -> bytes:
        blocked.wait(PATIENCE)
        return b""

    with closing(Endpoint("127.0.0.1", 0, pages=pages, live=str, ready=str)) as endpoint:
        with closing(connect(endpoint.address, sent)) as connection:
            assert is_cut(connection)
        blocked.set()


def test_a_page_that_takes_long_holds_up_no_other_and_is_made_once_at_a_time() -> None:
    asked, go_on, alone = threading.Semaphore(0), threading.Event(), threading.Lock()
    together = []

    def live() -> str:
        together.append(not alone.acquire(blocking=False))
        asked.release()
        go_on.wait(PATIENCE)
        alone.release()
        return "stuck"

    with (
        closing(Endpoint("127.0.0.1", 0, pages=lambda: b"page", live=live, ready=str)) as endpoint,
        ThreadPoolExecutor(8) as pool,
    ):
        waiting = [pool.submit(get, endpoint.address, "/livez") for _ in range(8)]
        assert asked.acquire(timeout=PATIENCE)
        assert get(endpoint.address, "/metrics") == (200, "page")
        assert get(endpoint.address, "/readyz") == (200, "ok\n")
        go_on.set()
        assert [each.result() for each in waiting] == [(503, "stuck\n")] * 8
    assert not any(together)


def test_what_is_no_request_is_answered_or_cut(caplog: pytest.LogCaptureFixture) -> None:
    def pages() -> bytes:
        raise ValueError("no page")

    with closing(Endpoint("127.0.0.1", 0, pages=pages, live=str, ready=str)) as endpoint:
        for sent, status in (
            (b"POST /livez HTTP/1.1\r\n\r\n", b"405"),
            (b"\r\n\r\n", b"405"),
            (b"\xff\x00 \xfe\r\n\r\n", b"405"),
            (b"GET\r\n\r\n", b"404"),
        ):
            with closing(connect(endpoint.address, sent)) as connection:
                assert connection.recv(12) == b"HTTP/1.1 " + status
        with closing(connect(endpoint.address, b"GET /" + b"x" * module.LONGEST_BYTES)) as connection:
            assert is_cut(connection)
        with caplog.at_level(logging.ERROR):
            assert get(endpoint.address, "/metrics")[0] == 500
        assert "no page" in caplog.text
        assert get(endpoint.address, "/livez") == (200, "ok\n")
