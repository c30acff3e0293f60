"""Sets with a name and operations on them."""

import pytest

from tests.scorer.math.answers.judged import judged, pairs

SAME = r"""
A \cup B | B \cup A
"""

OTHER = r"""
\mathbb{N} | \mathbb{Z}
\{(x,y) \mid x+y=1\} | \{(x,y) : x-y=1\}
"""


@pytest.mark.parametrize(("gold", "answer"), pairs(SAME))
def test_accepts(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "equal"


@pytest.mark.parametrize(("gold", "answer"), pairs(OTHER))
def test_refuses(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "different"
