"""Work is counted over all values of a comparison."""

import pytest

from scorer.math.judgement import Options, Outcome
from scorer.math.syntax.parse import parse
from scorer.math.syntax.tree import TooLarge
from scorer.math.understand import compare
from scorer.math.values import limited, same


def test_work_adds_up_and_is_forgotten_afterwards() -> None:
    left, right = parse(r"\sqrt2+1"), parse(r"\sqrt3")
    with pytest.raises(TooLarge), limited(1000):
        for _ in range(1000):
            same(left, right)
    assert same(left, right) is Outcome.DIFFERENT


def test_long_lists_of_large_values_are_refused() -> None:
    gold = ",".join(rf"\sqrt{{99{n}!}}" for n in range(10, 99))
    answer = ",".join(rf"\sqrt{{99{n}!}}" for n in range(99, 10, -1))
    assert compare(gold, answer, Options()).outcome is Outcome.SIZE
