"""How much work all values of one comparison may be: lists make many comparisons of one."""

from collections.abc import Iterator
from contextlib import contextmanager

from scorer.math.syntax.tree import TooLarge

MAX_WORK = 80_000
"""In steps, see `arithmetic.MAX_STEPS`: less than half a second."""


class _Budget:
    left: float = float("inf")


_BUDGET = _Budget()


@contextmanager
def limited(work: int = MAX_WORK) -> Iterator[None]:
    """Limits the work that is done inside."""
    outer, _BUDGET.left = _BUDGET.left, work
    try:
        yield
    finally:
        _BUDGET.left = outer


def spend(steps: int) -> None:
    """Counts work.

    Raises:
        TooLarge: It is too much.
    """
    _BUDGET.left -= steps
    if _BUDGET.left < 0:
        raise TooLarge("a comparison takes too many steps")
