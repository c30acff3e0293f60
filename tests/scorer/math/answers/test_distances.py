"""Inequalities about a distance."""

import pytest

from tests.scorer.math.answers.judged import judged, pairs

SAME = r"""
|x|<3 | -3<x<3
(-3,3) | |x|<3
|x-1|\ge 2 | (-\infty,-1]\cup[3,\infty)
|x-1|\ge 2 | x\le -1 \text{ or } x \ge 3
1\le|z|\le \frac32 | z \in [-\frac32, -1] \cup [1, \frac32]
2 > |x+1| | (-3,1)
"""

OTHER = r"""
|x|<3 | -3<x\le 3
|x|<3 | x<3
|x|>3 | (-3,3)
|x-1|\ge 2 | (-\infty,-3]\cup[1,\infty)
"""


@pytest.mark.parametrize(("gold", "answer"), pairs(SAME))
def test_accepts(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "equal"


@pytest.mark.parametrize(("gold", "answer"), pairs(OTHER))
def test_refuses(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "different"
