"""Where gRPC calls come in: tokens are checked and callers told apart before a request is even read."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, aclosing
from functools import partial
from inspect import isasyncgenfunction
from typing import Any, NoReturn

import grpc

from codaserve import tracing
from codaserve.serving.access.client import Client, by_certificate, by_peer
from codaserve.serving.access.gate import Gate
from codaserve.serving.admission import Admission
from codaserve.serving.call import CURRENT, begin
from codaserve.serving.counts import Counts
from codaserve.serving.malformed import readable, tolerant
from codaserve.serving.metrics import RUNNING
from codaserve.serving.refusal import Refused, Why

HEALTH = "/grpc.health.v1.Health/"
"""Methods that need no token: whoever restarts services has none. They do not count as calls either: a server that has
too many is alive."""
STATUS = {
    Why.UNAUTHENTICATED: grpc.StatusCode.UNAUTHENTICATED,
    Why.INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    Why.EXHAUSTED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Why.STOPPING: grpc.StatusCode.UNAVAILABLE,
}
"""What gRPC calls each kind of refusal."""
_NAMES: dict[object, str] = {number: status.name for status in grpc.StatusCode for number in (status.value[0], status)}


class Boundary(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """Every call passes here first, and is counted when it has ended."""

    def __init__(self, gate: Gate, *, certified: bool = False, log: bool = False, max_calls: int = 1024) -> None:
        """Args:
        gate: Checks tokens.
        certified: Whether connections without a certificate of the client fail.
        log: Write a line for each call when it has ended.
        max_calls: At one time.
        """
        self._gate = gate
        self._calls = Admission(max_calls)
        self._certified = certified
        self._log = log
        self._watched: dict[str, tuple[Any, Any]] = {}

    async def intercept_service(self, continuation: Callable[[Any], Awaitable[Any]], details: Any) -> Any:
        """Lets a call in, or answers it. The handler runs in the same task, so it finds the call that is set here."""
        if details.method.startswith(HEALTH):
            return await continuation(details)
        authorization = request_id = trace = None
        for key, value in details.invocation_metadata:
            if key == "authorization":
                authorization = value
            elif key == "x-request-id":
                request_id = value
            elif key == "traceparent":
                trace = value
        call = begin(request_id)
        call.certified = self._certified
        call.trace = trace
        call.authorization = authorization
        try:
            call.client = self._gate.check(authorization)
            self._enter(call.client)
        except Refused as refused:
            # Under a name of its own: whoever has no token could else make up any number of methods to be counted.
            return self._follow(_answer(refused), "refused")
        handler = await continuation(details)
        if handler is None:
            return None
        known = self._watched.get(details.method)
        if known is None or known[0] is not handler:
            known = self._watched[details.method] = (handler, self._follow(handler, details.method))
        return known[1]

    def _follow(self, handler: Any, method: str) -> Any:
        """A handler that is counted, and whose streams end when the caller's token is no longer valid."""
        return _watched(handler, Counts(method.rpartition("/")[2], log=self._log), self._gate)

    def _enter(self, client: Client | None) -> None:
        """Counts the running call, whose request is not read yet, until its task ends."""
        name = "" if client is None else client.name
        if not self._calls.try_admit(1, name):
            wait = self._calls.retry_after_ms()
            message = (
                f"{self._calls.depth} calls are being served; max_calls is {self._calls.size}; come back in {wait} ms"
            )
            raise Refused(Why.EXHAUSTED, message, retry_after_ms=wait)
        task = asyncio.current_task()
        assert task is not None
        task.add_done_callback(lambda _: self._calls.release(1, name))


def caller(context: "grpc.aio.ServicerContext[Any, Any]") -> Client:
    """Who makes a call: by its token, else by its certificate, else by its address."""
    call = CURRENT.get()
    if call is not None and call.client is not None:
        return call.client
    client = _certified(context) if call is None or call.certified else None
    client = client or by_peer(context.peer())
    if call is not None:
        call.client = client
    return client


def _certified(context: "grpc.aio.ServicerContext[Any, Any]") -> Client | None:
    identity = context.auth_context()
    for key in ("x509_common_name", "x509_subject_alternative_name"):
        for value in identity.get(key, ()):
            if value:
                return by_certificate(value.decode(errors="replace"))
    return None


async def abort(context: "grpc.aio.ServicerContext[Any, Any]", refused: Refused) -> NoReturn:
    """Ends a call with a refusal."""
    hint = refused.retry_after_ms
    trailer = () if hint is None else (("retry-after-ms", str(hint)),)
    await context.abort(STATUS[refused.why], refused.message, trailing_metadata=trailer)
    raise AssertionError("abort returned")


def _watched(handler: Any, counts: Counts, gate: Gate) -> Any:
    codec = (tolerant(handler.request_deserializer), handler.response_serializer)
    begun = partial(_Watch, counts)
    if handler.unary_unary is not None:
        unary = handler.unary_unary

        async def answer(request: Any, context: Any) -> Any:
            with begun(context):
                if isinstance(request, Refused):
                    await abort(context, request)
                return await unary(request, context)

        return grpc.unary_unary_rpc_method_handler(answer, *codec)
    if handler.stream_stream is not None:
        stream = handler.stream_stream

        async def generate(requests: Any, context: Any) -> AsyncIterator[Any]:
            with begun(context):
                try:
                    async with aclosing(stream(_allowed(readable(requests), gate), context)) as answers:
                        async for each in answers:
                            yield each
                except Refused as refused:
                    await abort(context, refused)

        async def write(requests: Any, context: Any) -> None:
            with begun(context):
                try:
                    await stream(_allowed(readable(requests), gate), context)
                except Refused as refused:
                    await abort(context, refused)

        return grpc.stream_stream_rpc_method_handler(generate if isasyncgenfunction(stream) else write, *codec)
    return handler


async def _allowed(requests: AsyncIterator[Any], gate: Gate) -> AsyncIterator[Any]:
    """The messages of a stream. Raises Refused at the first for which the caller's token is no longer valid."""
    call = CURRENT.get()
    async for request in requests:
        if call is not None and gate.needs_token:
            gate.check(call.authorization)
        yield request


class _Watch:
    """Follows one call to its end."""

    __slots__ = ("_begun", "_context", "_counts", "_span")

    def __init__(self, counts: Counts, context: Any) -> None:
        self._counts = counts
        self._context = context
        self._begun = 0.0
        self._span: AbstractContextManager[Any] | None = None

    def __enter__(self) -> None:
        if tracing.is_on() and (call := CURRENT.get()) is not None:
            self._span = tracing.span(self._counts.method, call.trace, request_id=call.request_id)
            self._span.__enter__()
        RUNNING.inc()
        self._begun = time.perf_counter()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        seconds = time.perf_counter() - self._begun
        RUNNING.dec()
        self._counts.add(self._code(error), seconds)
        if self._span is not None:
            self._span.__exit__(kind, error, trace)

    def _code(self, error: BaseException | None) -> str:
        if isinstance(error, asyncio.CancelledError | GeneratorExit):
            return "CANCELLED"
        if error is not None and not isinstance(error, grpc.aio.AbortError):
            return "UNKNOWN"
        return _NAMES.get(self._context.code() or 0, "UNKNOWN")


def _answer(refused: Refused) -> Any:
    async def refuse(requests: Any, context: Any) -> None:
        del requests  # not even read
        await abort(context, refused)

    return grpc.stream_stream_rpc_method_handler(refuse)
