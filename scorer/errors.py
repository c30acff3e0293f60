"""What stops an item short of a verdict. The service turns each into a `Failure`; none of them is a wrong answer."""

from codaserve.v1 import scorer_pb2 as pb


class TaskError(Exception):
    """The task itself is at fault; sending it again cannot help.

    Attributes:
        code: FAILURE_INVALID_TASK or FAILURE_UNSUPPORTED_LANGUAGE.
        message: One sentence that says what is wrong and what to do.
        field: Path of the field at fault inside the item, "math.gold" say; empty when no single field is.
    """

    def __init__(self, message: str, *, field: str = "", code: "pb.FailureCode" = pb.FAILURE_INVALID_TASK) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


class DeadlineExceeded(Exception):  # noqa: N818
    """The deadline of the call passed before there was a verdict."""


class MachineLoaded(Exception):  # noqa: N818
    """The machine did not give an item its processor time within the elapsed time that the item may take."""

    def __init__(self, got_seconds: float, wall_seconds: float) -> None:
        super().__init__(f"{got_seconds:.2g} s of processor time in {wall_seconds:g} s")
