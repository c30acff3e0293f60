"""Values by cases."""

import pytest

from tests.scorer.math.answers.judged import judged, pairs

OTHER = r"""
\begin{cases}x&x>0\\-x&x\le0\end{cases} | \begin{cases}-x&x>0\\x&x\le0\end{cases}
"""


@pytest.mark.parametrize(("gold", "answer"), pairs(OTHER))
def test_refuses(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "different"
