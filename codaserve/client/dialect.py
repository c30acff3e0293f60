"""What differs between the scorer and the critic, so that the rest of the client is written once."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Generic, TypeVar

from codaserve.v1 import critic_pb2, critic_pb2_grpc, scorer_pb2, scorer_pb2_grpc

Item = TypeVar("Item")
Result = TypeVar("Result")


class Code(IntEnum):
    """The failure codes that both services have, under the same numbers."""

    OVERLOADED = 1
    SHUTTING_DOWN = 2
    DEADLINE = 3
    INVALID = 5
    INTERNAL = 7
    UNAVAILABLE = 8


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server takes."""

    window: int
    """Items that one client should have in flight: enough to keep every worker busy, no more, since an item's deadline
    runs while it waits in the server."""
    max_message_bytes: int
    """Bytes of one item."""


UNKNOWN_LIMITS = Limits(window=16, max_message_bytes=4 * 2**20)
"""For servers that do not publish theirs; 4 MiB is gRPC's own default."""


@dataclass(frozen=True, slots=True)
class Dialect(Generic[Item, Result]):
    """One service's names and messages."""

    service: str
    stub: Callable[[Any], Any]
    stream: str
    """The bidirectional method."""
    info_request: Callable[[], Any]
    limits: Callable[[Any, float], Limits]
    """From the answer of Info and the timeout of a call, seconds."""
    item: Callable[[], Item]
    failed: Callable[[str, Code, str, bool], Result]
    """Makes a result of an id, a code, a message and whether it is retryable."""


def _scorer_limits(info: scorer_pb2.ScorerInfo, timeout: float) -> Limits:
    limits = info.limits
    slowest = max(limits.default_run.wall_seconds, limits.math_seconds, 0.1)
    # Even if every answer is an endless loop, the last of the window must be reached well before its deadline.
    depth = min(max(int(timeout / 3 / slowest), 2), 8)
    return _bounded(depth * (limits.math_workers + limits.sandbox_slots), limits.max_queue, limits.max_message_bytes)


def _critic_limits(info: critic_pb2.CriticInfo, timeout: float) -> Limits:
    del timeout  # values take a forward pass, whatever the text is
    return _bounded(2 * info.limits.max_groups, info.limits.max_queue, info.limits.max_message_bytes)


def _bounded(window: int, max_queue: int, max_message_bytes: int) -> Limits:
    window = min(max(window, 16), 512)
    return Limits(
        window=min(window, max_queue) if max_queue > 0 else window,
        max_message_bytes=max_message_bytes if max_message_bytes > 0 else UNKNOWN_LIMITS.max_message_bytes,
    )


def _scorer_failure(id_: str, code: Code, message: str, retryable: bool) -> scorer_pb2.ScoreResult:
    name = scorer_pb2.FailureCode.Name(code)
    return scorer_pb2.ScoreResult(id=id_, failure=scorer_pb2.Failure(code=name, message=message, retryable=retryable))


def _critic_failure(id_: str, code: Code, message: str, retryable: bool) -> critic_pb2.GroupEvaluation:
    name = critic_pb2.CriticFailureCode.Name(code)
    return critic_pb2.GroupEvaluation(
        id=id_, failure=critic_pb2.CriticFailure(code=name, message=message, retryable=retryable)
    )


SCORER: Dialect[scorer_pb2.ScoreItem, scorer_pb2.ScoreResult] = Dialect(
    service="codaserve.v1.Scorer",
    stub=scorer_pb2_grpc.ScorerStub,
    stream="ScoreStream",
    info_request=scorer_pb2.ScorerInfoRequest,
    limits=_scorer_limits,
    item=scorer_pb2.ScoreItem,
    failed=_scorer_failure,
)
CRITIC: Dialect[critic_pb2.StateGroup, critic_pb2.GroupEvaluation] = Dialect(
    service="codaserve.v1.Critic",
    stub=critic_pb2_grpc.CriticStub,
    stream="EvaluateStream",
    info_request=critic_pb2.CriticInfoRequest,
    limits=_critic_limits,
    item=critic_pb2.StateGroup,
    failed=_critic_failure,
)
