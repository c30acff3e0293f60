"""What every dialect stands on: routing, refusals, bounds, patience, and clients that go away."""

import asyncio
import json
import resource
import socket
from pathlib import Path
from typing import Any

import pytest

from codaserve.serving.access.client import Client
from codaserve.serving.http.messages import Answer, Message, Problem, ProblemError, answer_json
from codaserve.serving.http.route import Nothing, Route
from codaserve.serving.http.server import http_served
from codaserve.serving.http.settings import HttpSettings
from codaserve.serving.metrics import REGISTRY
from codaserve.serving.refusal import Refused, Why
from codaserve.serving.settings import ServerSettings
from codaserve.settings import ConfigurationError
from tests.codaserve.serving.http.asking import LONG, Line, Server, request, serving


class Said(Message):
    """Something said."""

    text: str
    """What."""
    times: int = 1


class Ear:
    """Routes that say what they hear; "wait" is answered when the test says so."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.ended = asyncio.Event()
        self.release = asyncio.Event()
        self.answered = asyncio.Event()

    async def echo(self, client: Client, body: Said) -> Answer:
        match body.text:
            case "wait":
                self.started.set()
                try:
                    await self.release.wait()
                finally:
                    self.ended.set()
            case "full":
                raise Refused(Why.EXHAUSTED, "full", retry_after_ms=1500)
            case "odd":
                raise ProblemError(Problem(418, "odd"))
            case "crash":
                raise ZeroDivisionError
        self.answered.set()
        return answer_json({"client": client.name, "said": body.text * body.times})

    async def nothing(self, client: Client, body: Nothing) -> Answer:
        return answer_json("nothing")

    @property
    def routes(self) -> list[Route[Any]]:
        return [
            Route("POST", "/echo", "test", "Echoes", Said, None, self.echo),
            Route("GET", "/nothing", "test", "Nothing", Nothing, None, self.nothing, open=True),
        ]


async def still_answers(server: Server) -> None:
    assert (await server.post("/echo", {"text": "a"})).value == {"client": "peer:127.0.0.1", "said": "a"}


async def test_requests_reach_their_routes_and_share_connections() -> None:
    async with serving(Ear().routes) as server:
        line = await server.call()
        for number in range(3):
            await line.send(request("POST", "/echo?x=1", json.dumps({"text": str(number)}).encode()))
            assert (await line.hear()).value["said"] == str(number)
        await line.send(request("GET", "/nothing") * 3)  # pipelined
        assert [(await line.hear()).value for _ in range(3)] == ["nothing"] * 3
        missing, wrong = await server.get("/elsewhere"), await server.get("/echo")
        await line.hang_up()
    assert (missing.status, wrong.status, wrong.headers["allow"]) == (404, 405, "post")
    assert "/nothing" in missing.value["detail"]


def counted(method: str) -> dict[str, float]:
    """Calls of a method by code."""
    return {
        sample.labels["code"]: sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name == "codaserve_requests_total" and sample.labels["method"] == method
    }


async def test_calls_are_counted_as_those_of_grpc() -> None:
    ear = Ear()
    echo, unknown = counted("/echo"), counted("unknown")
    async with serving(ear.routes) as server:
        for text in ("fine", "full", "odd", "crash", "fine"):
            await server.post("/echo", {"text": text})
        await server.post("/echo", {"text": 1})
        await server.get("/echo")
        await server.get("/nothing")
        for path in ("/elsewhere", "/anywhere", "/unknown"):
            await server.get(path)
        line = await server.call()
        await line.send(request("POST", "/echo", b'{"text": "wait"}'))
        await ear.started.wait()
        await line.hang_up()
        await ear.ended.wait()
    now = counted("/echo")
    expected = {
        "OK": 2,
        "RESOURCE_EXHAUSTED": 1,
        "INVALID_ARGUMENT": 2,
        "UNKNOWN": 1,
        "UNIMPLEMENTED": 1,
        "CANCELLED": 1,
    }
    assert {code: number - echo.get(code, 0) for code, number in now.items()} == expected
    assert counted("unknown")["NOT_FOUND"] - unknown.get("NOT_FOUND", 0) == 3
    assert counted("/nothing") == {}


async def test_problems_are_told_and_cost_no_connection() -> None:
    async with serving(Ear().routes) as server:
        line = await server.call()
        answers = {}
        for text in ("full", "odd", "crash", "fine"):
            await line.send(request("POST", "/echo", json.dumps({"text": text}).encode()))
            answers[text] = await line.hear()
        await line.hang_up()
    assert [heard.status for heard in answers.values()] == [429, 418, 500, 200]
    assert answers["full"].headers["retry-after"] == "2"
    assert "ZeroDivision" not in answers["crash"].body.decode()


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"", []),
        (b"{", []),
        (b"[]", []),
        (b"\xff\xfe", []),
        (b'{"text": "\xff"}', []),
        (b'{"text": "\\ud800"}', []),
        (b"[" * 100_000, []),
        (b'{"text": 1}', ["text"]),
        (b'{"times": 2}', ["text"]),
        (b'{"text": "a", "times": 1e999}', ["times"]),
        (b'{"text": "a", "times": ' + b"9" * 5000 + b"}", []),
    ],
)
async def test_malformed_bodies_are_told_with_the_field_at_fault(body: bytes, path: list[str]) -> None:
    async with serving(Ear().routes) as server:
        heard = await server.post("/echo", body)
        await still_answers(server)
    assert heard.status == 422
    assert heard.value["detail"][0]["loc"] == ["body", *path]


async def test_what_is_no_http_is_closed() -> None:
    async with serving(Ear().routes) as server:
        for data in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20 + b"\r\n\r\n", b"x" * 100_000):
            line = await server.call()
            await line.send(data)
            assert (await line.closed())[:12] in (b"HTTP/1.1 400", b"")
        for length in ("-1", "1_0", "zz", "1, 2"):
            line = await server.call()
            await line.send(request("POST", "/echo", headers={"content-length": length}))
            assert b" 400 " in (await line.closed())[:13]
        await still_answers(server)


async def test_bodies_are_bounded_however_they_come() -> None:
    async with serving(Ear().routes, max_body_bytes=2000) as server:
        declared = await server.call()
        await declared.send(request("POST", "/echo", headers={"content-length": "1000000000"}))
        assert (await declared.hear()).status == 413
        chunked = await server.call()
        await chunked.send(request("POST", "/echo", headers={"transfer-encoding": "chunked"}))
        for _ in range(3):
            await chunked.send(b"400\r\n" + b"a" * 1024 + b"\r\n")
        heard = await chunked.hear()
        assert (heard.status, heard.headers["connection"]) == (413, "close")
        fits = await server.post("/echo", {"text": "a" * 1900})
        assert fits.status == 200
        for line in (declared, chunked):
            await line.hang_up()


async def test_a_client_that_sends_all_of_a_large_body_reads_the_refusal() -> None:
    async with serving(Ear().routes, max_body_bytes=2000) as server:
        heard = await server.post("/echo", b"a" * 3_000_000)
    assert heard.status == 413


async def test_all_bodies_together_are_bounded() -> None:
    ear = Ear()
    async with serving(ear.routes, max_bodies_bytes=3000) as server:
        line = await server.call()
        await line.send(request("POST", "/echo", json.dumps({"text": "wait", "more": "a" * 1500}).encode()))
        await asyncio.wait_for(ear.started.wait(), LONG)
        full = await server.post("/echo", {"text": "a" * 2000})
        assert (full.status, full.headers["retry-after"]) == (503, "1")
        ear.release.set()
        assert (await line.hear()).status == 200
        assert (await server.post("/echo", {"text": "a" * 2000})).status == 200
        await line.hang_up()


async def test_slow_clients_are_not_waited_for() -> None:
    ear = Ear()
    async with serving(ear.routes, patience_seconds=1) as server:
        body = await server.call()
        await body.send(request("POST", "/echo", headers={"content-length": "10"}) + b"{")
        half = await server.call()
        await half.send(b"POST /echo HTTP/1.1\r\nhost: te")
        silent = await server.call()
        assert await silent.closed() == b""
        assert await half.closed() == b""
        heard = await body.hear()
        assert (heard.status, heard.headers["connection"]) == (408, "close")
        await body.hang_up()
        trickled = await server.call()
        with pytest.raises(ConnectionError):
            async with asyncio.timeout(LONG):
                while True:
                    await trickled.send(b"P")
                    await asyncio.sleep(0.1)
        waiting = await server.call()  # work is not bounded by that patience
        await waiting.send(request("POST", "/echo", b'{"text": "wait"}'))
        await asyncio.wait_for(ear.started.wait(), LONG)
        await asyncio.sleep(1.5)
        ear.release.set()
        assert (await waiting.hear()).status == 200


async def test_an_answer_that_is_not_taken_does_not_stay() -> None:
    ear = Ear()
    async with serving(ear.routes, patience_seconds=0.3) as server:
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.setblocking(False)
        host, _, port = server.address.rpartition(":")
        await asyncio.wait_for(asyncio.get_running_loop().sock_connect(plain, (host, int(port))), LONG)
        line = Line(*await asyncio.open_connection(sock=plain))
        line.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await line.send(request("POST", "/echo", b'{"text": "aaaaaaaaaa", "times": 1500000}'))
        await asyncio.wait_for(ear.answered.wait(), LONG)
        await asyncio.sleep(3)  # the answer is written in the next moments, and the patience with it begins
        line.writer.transport.resume_reading()  # type: ignore[attr-defined]
        assert len(await line.closed()) < 15_000_000
        await still_answers(server)


async def test_a_client_that_leaves_ends_its_work() -> None:
    ear = Ear()
    async with serving(ear.routes) as server:
        line = await server.call()
        await line.send(request("POST", "/echo", b'{"text": "wait"}'))
        await asyncio.wait_for(ear.started.wait(), LONG)
        await line.hang_up()
        await asyncio.wait_for(ear.ended.wait(), LONG)
        assert not ear.release.is_set()


async def test_connections_are_bounded() -> None:
    async with serving(Ear().routes, max_connections=3) as server:
        held = [await server.call() for _ in range(3)]
        for line in held:
            await line.send(request("GET", "/nothing"))
            assert (await line.hear()).status == 200
        for _ in range(20):
            refused = await server.get("/nothing")
            assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        await held[0].hang_up()
        async with asyncio.timeout(LONG):
            while (await server.get("/nothing")).status != 200:  # noqa: ASYNC110 - the server is asked
                await asyncio.sleep(0.01)
        for line in held:
            await line.hang_up()


async def test_tokens_are_asked_for_before_bodies(tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text("trainer 0123456789abcdef\n")
    async with serving(Ear().routes, {"tokens": tokens}) as server:
        line = await server.call()
        await line.send(request("POST", "/echo", headers={"content-length": "1000"}))
        without = await line.hear()
        wrong = await server.post("/echo", {"text": "a"}, authorization="Bearer nobody")
        right = await server.post("/echo", {"text": "a"}, authorization="Bearer 0123456789abcdef")
        page, health = await server.get("/"), await server.get("/nothing")
        await line.hang_up()
    assert (without.status, without.headers["www-authenticate"]) == (401, "bearer")
    assert (wrong.status, page.status, health.status) == (401, 401, 200)
    assert right.value["client"] == "token:trainer"


async def test_pages_in_a_browser_cannot_ask() -> None:
    async with serving(Ear().routes) as server:
        heard = await server.post("/echo", {"text": "a"}, origin="http://elsewhere.example")
        assert (await server.get("/")).status == 200
    assert heard.status == 403


async def test_the_end_waits_for_answers_but_not_for_ever() -> None:
    ear = Ear()
    async with serving(ear.routes) as server:
        idle, working = await server.call(), await server.call()
        await working.send(request("POST", "/echo", b'{"text": "wait"}'))
        await asyncio.wait_for(ear.started.wait(), LONG)
    assert await idle.closed() == b""
    assert ear.ended.is_set()
    assert (await working.hear()).status == 503
    await working.closed()
    with pytest.raises(ConnectionError):
        await server.call()


async def test_addresses_that_cannot_be_had_are_named() -> None:
    async def start(**settings: Any) -> None:
        async with http_served("test", [], HttpSettings.model_validate(settings), ServerSettings()):
            pass

    async with serving([]) as server:
        port = int(server.address.rpartition(":")[2])
        with pytest.raises(ConfigurationError, match=f"http.port: cannot listen on 127.0.0.1:{port}"):
            await start(port=port)
    with pytest.raises(ConfigurationError, match="can be reached from other machines"):
        await start(port=0, host="0.0.0.0")
    await start()


async def test_the_description_names_every_route() -> None:
    async with serving(Ear().routes) as server:
        document, page = await server.get("/openapi.json"), await server.get("/")
    paths = document.value["paths"]
    assert paths["/echo"]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/Said")
    assert document.value["components"]["schemas"]["Said"]["properties"]["text"]["description"] == "What."
    assert set(paths) == {"/echo", "/nothing"}
    assert "<code>POST /echo</code>" in page.body.decode()


async def test_there_may_be_as_many_open_files_as_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda kind, limits: raised.append(limits))
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (256, 5000))
    async with serving([], max_connections=2000):
        assert raised == [(2512, 5000)]
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (256, 512))
    with pytest.raises(ConfigurationError, match=r"http\.max_connections: 1000 connections need 1512 open files"):
        async with serving([]):
            pass
