"""Results that are not verdicts, and the one place where exceptions become them."""

import logging
from collections.abc import Awaitable

from codaserve.v1 import scorer_pb2 as pb
from scorer.errors import DeadlineExceeded, MachineLoaded, TaskError

_log = logging.getLogger(__name__)


def failure(
    item_id: str,
    code: "pb.FailureCode",
    message: str,
    *,
    retryable: bool,
    field: str = "",
    retry_after_ms: int = 0,
) -> pb.ScoreResult:
    """A result without a verdict."""
    return pb.ScoreResult(
        id=item_id,
        failure=pb.Failure(code=code, message=message, retryable=retryable, field=field, retry_after_ms=retry_after_ms),
    )


def invalid(item_id: str, field: str, message: str) -> pb.ScoreResult:
    """The item is malformed."""
    return failure(item_id, pb.FAILURE_INVALID_TASK, message, retryable=False, field=field)


def deadline_passed(item_id: str) -> pb.ScoreResult:
    """The item was not done in time."""
    return failure(
        item_id,
        pb.FAILURE_DEADLINE,
        "The deadline of the call passed before the item was done; send it again with a longer one.",
        retryable=True,
    )


def cancelled(item_id: str) -> pb.ScoreResult:
    """The call was cancelled."""
    return failure(item_id, pb.FAILURE_CANCELLED, "The call was cancelled.", retryable=True)


def shutting_down(item_id: str) -> pb.ScoreResult:
    """The service takes no more items."""
    return failure(
        item_id, pb.FAILURE_SHUTTING_DOWN, "The service is stopping; send the item elsewhere.", retryable=True
    )


def overloaded(item_id: str, message: str, retry_after_ms: int) -> pb.ScoreResult:
    """There is no room for the item now."""
    return failure(
        item_id,
        pb.FAILURE_OVERLOADED,
        message,
        retryable=True,
        retry_after_ms=retry_after_ms,
    )


async def outcome_of(item_id: str, verdict: Awaitable[pb.Verdict]) -> pb.ScoreResult:
    """The result of an item: the verdict, or the failure that the exception means. Cancellation goes through."""
    try:
        return pb.ScoreResult(id=item_id, verdict=await verdict)
    except Exception as error:  # noqa: BLE001 - one item's fault must not take the others along
        return of_exception(item_id, error)


def of_exception(item_id: str, error: BaseException) -> pb.ScoreResult:
    """The failure that an exception means."""
    match error:
        case TaskError():
            return failure(item_id, error.code, error.message, retryable=False, field=error.field)
        case DeadlineExceeded():
            return deadline_passed(item_id)
        case MachineLoaded():
            message = f"The machine is too loaded: the item got {error}; send it again later."
            return failure(item_id, pb.FAILURE_MACHINE_LOADED, message, retryable=True)
    # The answer itself is not logged: it belongs to whoever sent it.
    _log.error("an item failed", exc_info=error)
    return failure(item_id, pb.FAILURE_INTERNAL, "The service failed on this item; its log says why.", retryable=True)
