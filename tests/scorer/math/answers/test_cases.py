"""Values by cases."""

import pytest

from tests.scorer.math.answers.judged import judged, pairs

SAME = r"""
\begin{cases}x&\text{if }x>0\\-x&\text{otherwise}\end{cases} | \begin{cases}x&x>0\\-x&\text{else}\end{cases}
"""

OTHER = r"""
\begin{cases}x&x>0\\-x&x\le0\end{cases} | \begin{cases}-x&x>0\\x&x\le0\end{cases}
\begin{cases}x&x>0\\-x&x\le0\end{cases} | \begin{cases}x&x>1\\-x&x\le1\end{cases}
"""

OPEN = r"""
\begin{cases}x&x>0\\-x&\text{otherwise}\end{cases} | \begin{cases}x&x>0\\-x&x\le0\end{cases}
"""


@pytest.mark.parametrize(("gold", "answer"), pairs(SAME))
def test_accepts(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "equal"


@pytest.mark.parametrize(("gold", "answer"), pairs(OTHER))
def test_refuses(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "different"


@pytest.mark.parametrize(("gold", "answer"), pairs(OPEN))
def test_leaves_open(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "unknown"
