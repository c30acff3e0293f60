"""Where gRPC calls come in: tokens are checked and callers told apart before a request is even read."""

from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import grpc

from codaserve.serving.access.client import Client, by_certificate, by_peer
from codaserve.serving.access.gate import Gate
from codaserve.serving.call import CURRENT, begin
from codaserve.serving.refusal import Refused, Why

HEALTH = "/grpc.health.v1.Health/"
"""Methods that need no token: whoever restarts services has none."""
STATUS = {
    Why.UNAUTHENTICATED: grpc.StatusCode.UNAUTHENTICATED,
    Why.INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    Why.EXHAUSTED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Why.STOPPING: grpc.StatusCode.UNAVAILABLE,
}
"""What gRPC calls each kind of refusal."""


class Boundary(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """Every call passes here first."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def intercept_service(self, continuation: Callable[[Any], Awaitable[Any]], details: Any) -> Any:
        """Lets a call in, or answers it. The handler runs in the same task, so it finds the call that is set here."""
        if details.method.startswith(HEALTH):
            return await continuation(details)
        authorization = request_id = None
        for key, value in details.invocation_metadata:
            if key == "authorization":
                authorization = value
            elif key == "x-request-id":
                request_id = value
        call = begin(request_id)
        try:
            call.client = self._gate.check(authorization)
        except Refused as refused:
            return _answer(refused)
        return await continuation(details)


def caller(context: "grpc.aio.ServicerContext[Any, Any]") -> Client:
    """Who makes a call: by its token, else by its certificate, else by its address."""
    call = CURRENT.get()
    if call is not None and call.client is not None:
        return call.client
    identity = context.auth_context()
    for key in ("x509_common_name", "x509_subject_alternative_name"):
        for value in identity.get(key, ()):
            if value:
                return _remembered(by_certificate(value.decode(errors="replace")))
    return _remembered(by_peer(context.peer()))


async def abort(context: "grpc.aio.ServicerContext[Any, Any]", refused: Refused) -> NoReturn:
    """Ends a call with a refusal."""
    hint = refused.retry_after_ms
    trailer = () if hint is None else (("retry-after-ms", str(hint)),)
    await context.abort(STATUS[refused.why], refused.message, trailing_metadata=trailer)
    raise AssertionError("abort returned")


def _remembered(client: Client) -> Client:
    call = CURRENT.get()
    if call is not None:
        call.client = client
    return client


def _answer(refused: Refused) -> Any:
    async def refuse(requests: Any, context: Any) -> None:
        del requests  # not even read
        await abort(context, refused)

    return grpc.stream_stream_rpc_method_handler(refuse)
