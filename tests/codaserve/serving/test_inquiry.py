"""One process asks another."""

import asyncio
import socket
from contextlib import closing
from pathlib import Path

import pytest

from codaserve.serving.endpoint import Endpoint
from codaserve.serving.inquiry import ask

PATIENCE = 120.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "address"


async def test_a_page_comes_whatever_proxy_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as held:  # bound, so that nobody else listens there
        held.bind(("127.0.0.1", 0))
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{held.getsockname()[1]}")
        with closing(Endpoint("127.0.0.1", 0, pages=lambda: "é\n".encode(), live=lambda: "stuck", ready=str)) as it:
            file.write_text(it.address + "\n")
            assert await ask(file, "/metrics", PATIENCE) == "é\n"
            assert await ask(file, "/readyz", PATIENCE) == "ok\n"
            assert await ask(file, "/livez", PATIENCE) is None
            assert await ask(file, "/none", PATIENCE) is None
        assert await ask(file, "/readyz", PATIENCE) is None


async def test_no_answer_is_waited_for_no_longer_than_was_said(file: Path) -> None:
    assert await ask(file, "/livez", PATIENCE) is None  # it is not there yet
    with socket.create_server(("127.0.0.1", 0)) as silent:
        file.write_text(f"127.0.0.1:{silent.getsockname()[1]}\n")
        assert await ask(file, "/livez", 0.01) is None


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", b"\r\n\r\n", b"noise"])
async def test_half_an_answer_is_none(file: Path, answer: bytes) -> None:
    async def tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(tell, "127.0.0.1", 0) as server:
        file.write_text(f"127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
        assert await ask(file, "/livez", PATIENCE) is None
