"""Why a group has no values."""

from codaserve.v1 import critic_pb2 as pb

_RETRYABLE = {
    pb.CRITIC_FAILURE_OVERLOADED,
    pb.CRITIC_FAILURE_SHUTTING_DOWN,
    pb.CRITIC_FAILURE_DEADLINE,
    pb.CRITIC_FAILURE_INTERNAL,
}


class GroupError(Exception):
    """A group that cannot be valued, as it is told to the caller.

    Attributes:
        failure: The message that is sent.
    """

    def __init__(self, code: pb.CriticFailureCode, message: str, *, field: str = "", retry_after_ms: int = 0) -> None:
        super().__init__(message)
        self.failure = pb.CriticFailure(
            code=code, message=message, retryable=code in _RETRYABLE, field=field, retry_after_ms=retry_after_ms
        )


def invalid(field: str, message: str) -> GroupError:
    """INVALID_INPUT at a field, given as the path within the group."""
    return GroupError(pb.CRITIC_FAILURE_INVALID_INPUT, f"{field} {message}", field=field)
