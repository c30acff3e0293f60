"""The health service, as anybody can call it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from codaserve.serving import healths as module
from codaserve.serving.healths import LONGEST_BYTES, Healths

TIMEOUT = 120.0
SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
Place = tuple[Healths, Any]


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    """The service with two names, and a channel to it."""
    async with AsyncExitStack() as stack:
        server = grpc.aio.server()
        healths = Healths(server)
        healths.set("", serving=True)
        healths.set("a.Service", serving=False)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        stack.push_async_callback(server.stop, None)
        options = [("grpc.enable_http_proxy", 0)]
        yield healths, await stack.enter_async_context(grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options))


async def refusal(call: Any) -> grpc.StatusCode:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    code = caught.value.code()
    assert isinstance(code, grpc.StatusCode)
    return code


async def test_each_service_has_its_own_state(place: Place) -> None:
    stub = health_pb2_grpc.HealthStub(place[1])
    for name, status in (("", SERVING), ("a.Service", NOT_SERVING)):
        answer = await stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=TIMEOUT)
        assert answer.status == status


async def test_who_watches_is_told_every_change(place: Place) -> None:
    healths, channel = place
    watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=TIMEOUT)
    for serving in (True, False, True):
        healths.set("", serving=serving)
        assert (await watch.read()).status == (SERVING if serving else NOT_SERVING)
    watch.cancel()


async def test_names_that_nobody_has_are_not_kept(place: Place) -> None:
    stub = health_pb2_grpc.HealthStub(place[1])
    long = health_pb2.HealthCheckRequest(service="x" * (2 << 20))
    for request, code in (
        (health_pb2.HealthCheckRequest(service="b.Service"), grpc.StatusCode.NOT_FOUND),
        (long, grpc.StatusCode.INVALID_ARGUMENT),
    ):
        assert await refusal(stub.Check(request, timeout=TIMEOUT)) is code
        assert await refusal(stub.Watch(request, timeout=TIMEOUT).read()) is code


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x0a" + bytes([255, 1]) + b"x" * 255 + b"\x0a\x00",  # a long name, then the one that counts
        b"\x0a\x05no",
        b"\xff" * LONGEST_BYTES,
    ],
)
async def test_what_is_no_short_request_ends_the_call(place: Place, request_bytes: bytes) -> None:
    for method in ("Check", "Watch"):
        call = place[1].unary_stream(f"/grpc.health.v1.Health/{method}")(request_bytes, timeout=TIMEOUT)
        assert await refusal(call.read()) is grpc.StatusCode.INVALID_ARGUMENT


async def test_few_watch_at_one_time(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WATCHES", 2)
    stub = health_pb2_grpc.HealthStub(place[1])
    request = health_pb2.HealthCheckRequest()
    watches = [stub.Watch(request, timeout=TIMEOUT) for _ in range(2)]
    assert [(await watch.read()).status for watch in watches] == [SERVING] * 2
    assert await refusal(stub.Watch(request, timeout=TIMEOUT).read()) is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (await stub.Check(request, timeout=TIMEOUT)).status == SERVING
    watches[0].cancel()
    async with asyncio.timeout(TIMEOUT):
        while True:  # the server learns of it a little later
            another = stub.Watch(request, timeout=TIMEOUT)
            try:
                assert (await another.read()).status == SERVING
                break
            except grpc.aio.AioRpcError as error:
                assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
                await asyncio.sleep(0.01)
    for watch in (watches[1], another):
        watch.cancel()


async def test_who_sends_no_request_keeps_nobody_away(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SOON_SECONDS", 0.05)
    monkeypatch.setattr(module, "READ_SECONDS", TIMEOUT)
    monkeypatch.setattr(module, "FEW", 0)
    silent = [place[1].stream_stream("/grpc.health.v1.Health/Check")(timeout=TIMEOUT) for _ in range(20)]
    answered = False
    async with asyncio.timeout(TIMEOUT):
        while not answered:  # on a slow machine a request, too, may come too late for so short a time
            try:
                request = health_pb2.HealthCheckRequest()
                answer = await health_pb2_grpc.HealthStub(place[1]).Check(request, timeout=TIMEOUT)
                answered = answer.status == SERVING
            except grpc.aio.AioRpcError as error:
                assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    for each in silent:
        assert await each.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_request_that_does_not_come_is_given_up(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SOON_SECONDS", 0.01)
    monkeypatch.setattr(module, "READ_SECONDS", 0.01)
    silent = place[1].stream_stream("/grpc.health.v1.Health/Watch")(timeout=TIMEOUT)
    assert await silent.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
