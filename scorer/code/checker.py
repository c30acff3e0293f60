"""A task's own program that says whether what came is right, of whatever kind it is.

Of a checker that fails on what came, a second run tells whose fault that is: one that accepts what is expected failed
because of what came.
"""

from dataclasses import dataclass
from typing import Protocol

from codaserve.v1 import scorer_pb2 as pb
from scorer.code import reasons
from scorer.code.question import NotJsonError, Question
from scorer.code.reasons import Finding
from scorer.errors import TaskError


@dataclass(frozen=True)
class Failed:
    """A checker gave no score.

    Attributes:
        why: What it did; nothing of the values that it was given.
        answered: Whether it gave something that is no score.
    """

    why: str
    answered: bool = False


class Kind(Protocol):
    """How checkers of one kind are run."""

    async def score(self, question: Question) -> float | Failed:
        """Its answer, from 0 to 1. Raises as `Checker.find` does, and NotJsonError."""
        ...

    async def load(self) -> Failed | None:
        """Why it fails whatever it is asked; None if it does not. Raises as `Checker.find` does."""
        ...

    def close(self) -> None:
        """Frees what it holds."""
        ...


class Checker:
    """The checker of one task."""

    def __init__(self, kind: Kind, field: str) -> None:
        """Args:
        kind: The program; closed with this.
        field: Path of the checker's field.
        """
        self._kind = kind
        self._field = field

    async def find(self, question: Question) -> Finding:
        """What it says of what came.

        Raises:
            TaskError: The checker does not work.
            SandboxError: It cannot be run.
            MachineLoaded: The machine slowed it twice.
        """
        try:
            score = await self._kind.score(question)
        except NotJsonError as error:
            return Finding(pb.REASON_WRONG_ANSWER, f"what the call returned has no form in JSON: {error}")
        if isinstance(score, Failed):
            await self._accuse(score, question)
            return Finding(pb.REASON_WRONG_ANSWER, f"the checker failed on what came: {score.why}")
        if score == 1:
            return reasons.PASSED
        detail = f"the checker gave {score:g}" if score else "the checker does not accept what came"
        return Finding(pb.REASON_WRONG_ANSWER, detail, score)

    def close(self) -> None:
        """Frees what the program holds."""
        self._kind.close()

    async def _accuse(self, failed: Failed, question: Question) -> None:
        """Returns if the checker failed because of what came, and raises TaskError if it would have failed anyway."""
        if not question.expects:
            if (broken := await self._kind.load()) is not None:
                raise self._fault(broken.why)
            if failed.answered:
                raise self._fault(failed.why)
            return
        control = await self._kind.score(question.control())
        if isinstance(control, Failed):
            raise self._fault(f"fails on what is expected: {control.why}")
        if control != 1:
            raise self._fault(f"fails ({failed.why}), and gives what is expected {control:g} in place of 1")

    def _fault(self, message: str) -> TaskError:
        return TaskError(f"the checker does not work: {message}; correct it", field=f"{self._field}.source")
