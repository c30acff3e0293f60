"""What every problem of the family offers, and what a task file says of it."""

from collections.abc import Sequence
from random import Random
from typing import Any, Protocol

Task = dict[str, Any]


class Problem(Protocol):
    """One question with a known answer."""

    @property
    def level(self) -> str:
        """Level of difficulty, as it stands in task files and reports."""

    @property
    def prompt(self) -> str:
        """The text that the policy continues; ends with a newline."""

    def checks(self) -> Task:
        """How a response is scored: {"math": ...} or {"code": ...}, a score item without its submission."""

    def work(self, rng: Random, slips: float) -> str:
        """A worked solution, one step a line.

        Args:
            rng: Source of the slips.
            slips: How careless the writer is: 0 never slips, 1 as often as the family's slip rates say. Lines after a
                slip follow from it, so the answer is usually wrong then.
        """


class Checkable(Problem, Protocol):
    """A problem that knows each line of a right solution."""

    def corrected(self, lines: Sequence[str]) -> list[str]:
        """The lines of a right solution, each as it should be if all written before it were right.

        A line that goes on rightly from a wrong result is right, so that it is clear which line is wrong.

        Args:
            lines: Those of any answer.
        """
