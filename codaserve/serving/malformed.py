"""Bytes that are no message of the method's kind: the caller's fault, which gRPC would take for one of the server's."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from google.protobuf.message import DecodeError

from codaserve.serving.refusal import Refused, Why


def tolerant(decode: Callable[[bytes], Any] | None) -> Callable[[bytes], Any] | None:
    """A deserializer that gives a refusal in place of a message which it cannot read; None for bytes as they are."""
    if decode is None:
        return None

    def read(data: bytes) -> Any:
        try:
            return decode(data)
        except DecodeError as error:
            return Refused(Why.INVALID, f"the request cannot be read: {error}")

    return read


async def readable(requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
    """The messages of a stream.

    Raises:
        Refused: At the first that cannot be read.
    """
    async for request in requests:
        if isinstance(request, Refused):
            raise request
        yield request
