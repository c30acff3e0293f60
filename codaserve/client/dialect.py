"""What differs between the scorer and the critic, so that the rest of the client is written once."""

from collections.abc import Callable, Sequence
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


MIN_WINDOW = 16
MAX_WINDOW = 512
MOST_SLOW_TOGETHER = 8
"""More in one message would hardly make an item of them cheaper."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server takes."""

    window: int
    """Quick items that one client should have in flight: enough to keep every worker busy, no more, since an item's
    deadline runs while it waits in the server."""
    slow_weight: int
    """Places of the window that an item takes which is not quick."""
    slow_together: int
    """Items of one unary call that are not quick, 0 if they are streamed. So few that the window has a call for each
    worker: a call that waits for its slowest item then holds no other worker up."""
    max_message_bytes: int
    """Bytes of one message."""
    max_items: int
    """Items of one unary call."""


UNKNOWN_LIMITS = Limits(
    window=MIN_WINDOW, slow_weight=1, slow_together=0, max_message_bytes=4 * 2**20, max_items=MIN_WINDOW
)
"""For servers that do not publish theirs; 4 MiB is gRPC's own default."""


@dataclass(frozen=True, slots=True)
class Dialect(Generic[Item, Result]):
    """One service's names and messages."""

    service: str
    stub: Callable[[Any], Any]
    stream: str
    """The bidirectional method."""
    quick: Callable[[Item], bool]
    """Whether an item usually takes the server less time than sending it in a message of its own."""
    batch: Callable[[Sequence[Item]], tuple[str, Any]]
    """The unary method, and its request."""
    info_request: Callable[[], Any]
    limits: Callable[[Any, float], Limits]
    """From the answer of Info and the timeout of a call, seconds."""
    item: Callable[[], Item]
    failed: Callable[[str, Code, str, bool], Result]
    """Makes a result of an id, a code, a message and whether it is retryable."""


def _scorer_limits(info: scorer_pb2.ScorerInfo, timeout: float) -> Limits:
    limits = info.limits
    # Even if every answer is an endless loop, the last of the window must be reached before its deadline.
    runs = min(max(int(timeout / 3 / max(limits.default_run.wall_seconds, 0.1)), 2), 16) * limits.sandbox_slots
    answers = int(timeout * 0.8 / max(limits.math_seconds, 0.1)) * limits.math_workers
    return _bounded(answers, runs, limits, limits.sandbox_slots)


def _scorer_batch(items: Sequence[scorer_pb2.ScoreItem]) -> tuple[str, scorer_pb2.ScoreRequest]:
    return "Score", scorer_pb2.ScoreRequest(items=items)


def _critic_limits(info: critic_pb2.CriticInfo, timeout: float) -> Limits:
    del timeout  # values take a forward pass, whatever the text is
    window = 2 * info.limits.max_groups
    return _bounded(window, window, info.limits)


def _critic_batch(groups: Sequence[critic_pb2.StateGroup]) -> tuple[str, critic_pb2.EvaluateRequest]:
    return "Evaluate", critic_pb2.EvaluateRequest(groups=groups)


def _bounded(quick: int, slow: int, published: Any, slow_workers: int | None = None) -> Limits:
    """Limits from the numbers of quick and of slow items that one client should have in flight.

    Without the number of workers for slow items, these are streamed.
    """
    most = min(published.max_queue or MAX_WINDOW, MAX_WINDOW)
    window = min(max(quick, MIN_WINDOW), most)
    slow_weight = max(window // max(slow, MIN_WINDOW), 1)
    return Limits(
        window=window,
        slow_weight=slow_weight,
        slow_together=min(window // slow_weight // slow_workers, MOST_SLOW_TOGETHER) if slow_workers else 0,
        max_message_bytes=published.max_message_bytes or UNKNOWN_LIMITS.max_message_bytes,
        max_items=getattr(published, "max_items", 0) or UNKNOWN_LIMITS.max_items,
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
    quick=lambda item: item.WhichOneof("task") == "math",
    batch=_scorer_batch,
    info_request=scorer_pb2.ScorerInfoRequest,
    limits=_scorer_limits,
    item=scorer_pb2.ScoreItem,
    failed=_scorer_failure,
)
CRITIC: Dialect[critic_pb2.StateGroup, critic_pb2.GroupEvaluation] = Dialect(
    service="codaserve.v1.Critic",
    stub=critic_pb2_grpc.CriticStub,
    stream="EvaluateStream",
    quick=lambda _: False,
    batch=_critic_batch,
    info_request=critic_pb2.CriticInfoRequest,
    limits=_critic_limits,
    item=critic_pb2.StateGroup,
    failed=_critic_failure,
)
