"""Answers that never come, come broken, or come from something else."""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from trainer.rollout.vllm.http import Client, HttpError


@pytest.fixture
def client(server: Any) -> Iterator[Client]:
    it = Client(server.address)
    yield it
    it.close()


def test_json_goes_both_ways_with_the_key(server: Any) -> None:
    seen: list[Any] = []

    def look(path: str, number: int, handler: Any) -> bool:
        seen.append(handler.headers["Authorization"])
        return False

    server.fault = look
    client = Client(f"http://{server.address}", "secret")
    assert client.request("POST", "/update_weight_version", {"new_version": "é"}, seconds=30) == {}
    assert client.request("GET", "/weight_info", seconds=30) == {"weight_version": "é"}
    assert seen == ["Bearer secret"] * 2


@pytest.mark.parametrize(
    "status, retryable", [(400, False), (404, False), (408, True), (429, True), (500, True), (503, True)]
)
def test_a_status_says_whether_another_try_can_help(client: Client, server: Any, status: int, retryable: bool) -> None:
    server.fault = lambda path, number, handler: handler.reply(status, b"why") or True
    with pytest.raises(HttpError, match=f"/x: status {status}: why") as caught:
        client.request("GET", "/x", seconds=30)
    assert caught.value.retryable == retryable


def test_an_answer_that_is_no_json_is_none(client: Client, server: Any) -> None:
    server.fault = lambda path, number, handler: handler.reply(200, b"<html>") or True
    with pytest.raises(HttpError, match="no JSON") as caught:
        client.request("GET", "/x", seconds=30)
    assert not caught.value.retryable
    assert client.request("GET", "/x", seconds=30, plain=True) == "<html>"
    server.fault = lambda path, number, handler: handler.reply(200, b"") or True
    assert client.request("POST", "/x", seconds=30) is None


def test_a_connection_that_breaks_is_an_error(client: Client, server: Any) -> None:
    def hang_up(path: str, number: int, handler: Any) -> bool:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        handler.connection.shutdown(socket.SHUT_RDWR)
        return True

    server.fault = hang_up
    with pytest.raises(HttpError) as caught:
        client.request("GET", "/x", seconds=30)
    assert caught.value.retryable


def test_nobody_there_is_an_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can answer there
        with pytest.raises(HttpError, match="refused") as caught:
            Client(f"127.0.0.1:{taken.getsockname()[1]}").request("GET", "/x", seconds=30)
    assert caught.value.retryable


@pytest.mark.parametrize("trickles", [False, True])
def test_the_deadline_holds_for_the_whole_answer(client: Client, server: Any, trickles: bool) -> None:
    gone = threading.Event()

    def slow(path: str, number: int, handler: Any) -> bool:
        if trickles:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        try:
            while not gone.wait(0.02):
                if trickles:
                    handler.wfile.write(b" ")
        except OSError:
            pass
        return True

    server.fault = slow
    with pytest.raises(HttpError, match=r"no answer within 0\.5 s") as caught:
        client.request("GET", "/x", seconds=0.5)
    gone.set()
    assert caught.value.retryable


def test_requests_under_way_can_be_ended_from_another_thread(client: Client, server: Any) -> None:
    inside, gone = threading.Event(), threading.Event()

    def hang(path: str, number: int, handler: Any) -> bool:
        inside.set()
        gone.wait(60)
        return True

    server.fault = hang
    caught: list[HttpError] = []

    def ask() -> None:
        with pytest.raises(HttpError) as error:
            client.request("GET", "/x", seconds=60)
        caught.append(error.value)

    for end, retryable in ((client.interrupt, True), (client.close, False)):
        inside.clear()
        thread = threading.Thread(target=ask)
        thread.start()
        assert inside.wait(30)
        end()
        thread.join(30)
        assert caught[-1].retryable == retryable
    gone.set()
    with pytest.raises(HttpError, match="closed"):
        client.request("GET", "/x", seconds=60)


def test_a_unix_socket_is_an_address(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        listening.listen()

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                body = json.dumps([1]).encode()
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

        thread = threading.Thread(target=answer)
        thread.start()
        assert Client(f"unix:{tmp_path / 's'}").request("GET", "/x", seconds=30) == [1]
        thread.join()


@pytest.mark.parametrize("address", ["", "ftp://h:1", "http://", "h", "h:port", "http://h/?a=b"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError):
        Client(address)
