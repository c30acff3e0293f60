"""Tokens, names and quotas at the door of a real service."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from codaserve.serving.access.gate import Gate
from codaserve.serving.boundary import Boundary, abort, caller
from codaserve.serving.call import CURRENT
from codaserve.serving.healths import Healths
from codaserve.serving.metrics import REGISTRY
from codaserve.serving.refusal import Refused, Why

TOKEN = "0123456789abcdef-token"
TIMEOUT = 60.0


async def tell(request: bytes, context: Any) -> bytes:
    """The call as the handler sees it."""
    call = CURRENT.get()
    assert call is not None
    if request == b"exhausted":
        await abort(context, Refused(Why.EXHAUSTED, "no room", retry_after_ms=70))
    if request == b"broken":
        raise ValueError
    if request == b"wait":
        await asyncio.Event().wait()
    return f"{call.request_id} {caller(context).name}".encode()


async def tell_each(requests: Any, context: Any) -> AsyncIterator[bytes]:
    async for request in requests:
        yield await tell(request, context)


@pytest.fixture
async def channel(tmp_path: Path) -> AsyncIterator[Any]:
    (tmp_path / "tokens").write_text(f"alice {TOKEN}\n")
    async with AsyncExitStack() as stack:
        server = grpc.aio.server(interceptors=[Boundary(Gate(tmp_path / "tokens"))])
        handlers = {
            "One": grpc.unary_unary_rpc_method_handler(tell),
            "Many": grpc.stream_stream_rpc_method_handler(tell_each),
        }
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Test", handlers),))
        Healths(server).set("", serving=True)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        stack.push_async_callback(server.stop, None)
        yield await stack.enter_async_context(grpc.aio.insecure_channel(f"127.0.0.1:{port}"))


def with_token(*more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {TOKEN}"), *more)


async def test_the_handler_knows_the_caller_and_the_request(channel: Any) -> None:
    one = channel.unary_unary("/test.Test/One")
    assert await one(b"", timeout=TIMEOUT, metadata=with_token(("x-request-id", "r-1"))) == b"r-1 token:alice"
    made = {
        (await one(b"", timeout=TIMEOUT, metadata=with_token(("x-request-id", id_)))) for id_ in ("", "a b", "x" * 129)
    }
    assert len(made) == 3
    assert all(len(answer.split()[0]) == 16 for answer in made)
    many = channel.stream_stream("/test.Test/Many")
    answers = [a async for a in many(iter([b"", b""]), timeout=TIMEOUT, metadata=with_token(("x-request-id", "r-2")))]
    assert answers == [b"r-2 token:alice"] * 2


@pytest.mark.parametrize("metadata", [(), (("authorization", "Bearer wrong-0123456789"),)])
async def test_without_a_valid_token_nothing_is_read(channel: Any, metadata: Any) -> None:
    for call in (
        channel.unary_unary("/test.Test/One")(b"", timeout=TIMEOUT, metadata=metadata),
        channel.stream_stream("/test.Test/Many")(iter([b""]), timeout=TIMEOUT, metadata=metadata).read(),
        channel.unary_unary("/test.Test/Unknown")(b"", timeout=TIMEOUT, metadata=metadata),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
        assert "token" in (caught.value.details() or "")


async def test_health_needs_no_token(channel: Any) -> None:
    answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=TIMEOUT)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_a_refusal_keeps_its_hint(channel: Any) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await channel.unary_unary("/test.Test/One")(b"exhausted", timeout=TIMEOUT, metadata=with_token())
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert caught.value.details() == "no room"
    assert ("retry-after-ms", "70") in [(key, value) for key, value in caught.value.trailing_metadata()]


async def test_without_tokens_a_caller_is_its_address() -> None:
    server = grpc.aio.server(interceptors=[Boundary(Gate(None))])
    handler: Callable[..., Any] = grpc.unary_unary_rpc_method_handler(tell)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Test", {"One": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            answer = await channel.unary_unary("/test.Test/One")(
                b"", timeout=TIMEOUT, metadata=(("x-request-id", "r"),)
            )
    finally:
        await server.stop(None)
    assert answer == b"r peer:127.0.0.1"


def count(method: str, code: str) -> float:
    return REGISTRY.get_sample_value("codaserve_requests_total", {"method": method, "code": code}) or 0.0


async def test_calls_are_counted_by_how_they_end(channel: Any) -> None:
    ends = ("OK", "RESOURCE_EXHAUSTED", "UNKNOWN", "CANCELLED")
    cases = [*(("One", code) for code in ends), ("Many", "OK"), ("refused", "UNAUTHENTICATED")]
    before = {case: count(*case) for case in cases}
    one, many = channel.unary_unary("/test.Test/One"), channel.stream_stream("/test.Test/Many")
    await one(b"", timeout=TIMEOUT, metadata=with_token())
    assert len([answer async for answer in many(iter([b"", b""]), timeout=TIMEOUT, metadata=with_token())]) == 2
    for request, metadata in ((b"exhausted", with_token()), (b"broken", with_token()), (b"", ())):
        with pytest.raises(grpc.aio.AioRpcError):
            await one(request, timeout=TIMEOUT, metadata=metadata)
    waiting = one(b"wait", timeout=TIMEOUT, metadata=with_token())
    async with asyncio.timeout(60):
        while REGISTRY.get_sample_value("codaserve_requests_running") == 0:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        waiting.cancel()
        while count(*cases[3]) == before[cases[3]]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert {case: count(*case) - before[case] for case in cases} == dict.fromkeys(cases, 1.0)


async def test_room_of_a_call_comes_back_however_it_ends_and_health_needs_none() -> None:
    async with AsyncExitStack() as stack:
        started = asyncio.Event()

        async def noted(request: bytes, context: Any) -> bytes:
            started.set()
            return await tell(request, context)

        server = grpc.aio.server(interceptors=[Boundary(Gate(None), max_calls=1)])
        handlers = {"One": grpc.unary_unary_rpc_method_handler(noted)}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Test", handlers),))
        Healths(server).set("", serving=True)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        stack.push_async_callback(server.stop, None)
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(f"127.0.0.1:{port}"))
        one, unknown = channel.unary_unary("/test.Test/One"), channel.unary_unary("/test.Test/Unknown")

        async def ended(call: Any) -> grpc.StatusCode:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call
            code: grpc.StatusCode = caught.value.code()
            return code

        async def until(call: Callable[[], Any], code: grpc.StatusCode) -> None:
            async with asyncio.timeout(TIMEOUT):
                while await ended(call()) is not code:  # noqa: ASYNC110 - the server's side is asked
                    await asyncio.sleep(0.01)  # the server's side of the call before ends a moment after the answer

        waiting = one(b"wait", timeout=TIMEOUT)
        await asyncio.wait_for(started.wait(), TIMEOUT)
        assert await ended(one(b"broken", timeout=TIMEOUT)) is grpc.StatusCode.RESOURCE_EXHAUSTED
        answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=TIMEOUT)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        waiting.cancel()
        await until(lambda: one(b"broken", timeout=TIMEOUT), grpc.StatusCode.UNKNOWN)
        await until(lambda: unknown(b"", timeout=TIMEOUT), grpc.StatusCode.UNIMPLEMENTED)
        await until(lambda: one(b"broken", timeout=TIMEOUT), grpc.StatusCode.UNKNOWN)


async def test_a_stream_ends_when_its_token_is_taken_out(channel: Any, tmp_path: Path) -> None:
    stream = channel.stream_stream("/test.Test/Many")(timeout=TIMEOUT, metadata=with_token())
    await stream.write(b"")
    assert (await stream.read()).endswith(b"token:alice")
    (tmp_path / "tokens").write_text(f"alice other-{TOKEN}\n")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        while True:  # the file is looked at once a second
            await stream.write(b"")
            assert (await stream.read()).endswith(b"token:alice")
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
