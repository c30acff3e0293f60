"""What a service may answer to whatever it is sent."""

import re
from collections.abc import Sequence
from typing import Any

import grpc
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message

from codaserve.v1 import critic_pb2, scorer_pb2

REFUSALS = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.FAILED_PRECONDITION,  # a checkpoint that Reload cannot load
}
INVALID = {scorer_pb2.FAILURE_INVALID_TASK, critic_pb2.CRITIC_FAILURE_INVALID_INPUT}
INTERNAL = {scorer_pb2.FAILURE_INTERNAL, critic_pb2.CRITIC_FAILURE_INTERNAL}
_STEP = re.compile(r"([a-z_0-9]+)((?:\[\d+\])*)")


def parsed(kind: type[Message], data: bytes) -> Message | None:
    """The message, or None if the bytes are none."""
    try:
        return kind.FromString(data)
    except DecodeError:
        return None


def complaint(items: Sequence[Any], results: Sequence[Any], *, ordered: bool) -> str:
    """What is wrong with the results of items; empty when nothing is."""
    sent, got = [item.id for item in items], [result.id for result in results]
    if ordered and sent != got:
        return f"ids {sent} were answered as {got}"
    if sorted(sent) != sorted(got):
        return f"ids {sent} were answered as {got}, in any order"
    for result in results:
        if text := _complaint(items[0].DESCRIPTOR, result):
            return text
    return ""


def _complaint(kind: Descriptor, result: Any) -> str:
    if result.WhichOneof("outcome") is None:
        return f"a result without an outcome: {result}"
    if not result.HasField("failure"):
        return ""
    failure = result.failure
    if failure.code == 0 or not failure.message:
        return f"a failure that does not say why: {failure}"
    if failure.code in INTERNAL:
        return f"a fault of the service: {failure}"
    if failure.code in INVALID and not names_a_field(kind, failure.field):
        return f"an invalid item whose field is not named: {failure}"
    return ""


def names_a_field(kind: Descriptor | None, path: str) -> bool:
    """Whether "math.gold[0]" say is a field of messages of this kind."""
    if not path:
        return False
    for step in path.split("."):
        match = _STEP.fullmatch(step)
        if match is None or kind is None:
            return False
        oneof = kind.oneofs_by_name.get(match[1])
        field: FieldDescriptor | None = kind.fields_by_name.get(match[1])
        if oneof is None and field is None:
            return False
        kind = field.message_type if field is not None else None
    return True
