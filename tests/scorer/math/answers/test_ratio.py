"""Ratios."""

import pytest

from tests.scorer.math.answers.judged import judged, pairs

SAME = r"""
2:3 | 4:6
2:3 | \frac{2}{3}
1:2:3 | 2:4:6
3:1 | 3
1:\sqrt{3} | \sqrt3:3
1:2 | 0.5
1:2 | 50:100
2x:3 | 4x:6
4:3 | 4/3
4:3 | 8:6
"""

OTHER = r"""
0:5 | 0:7
0:[1,2] | 0:[1,3]
2:3 | 3:2
2:3:4 | 2:3:5
1:2 | 2
4:3 | 3/4
"""


@pytest.mark.parametrize(("gold", "answer"), pairs(SAME))
def test_accepts(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "equal"


@pytest.mark.parametrize(("gold", "answer"), pairs(OTHER))
def test_refuses(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "different"
