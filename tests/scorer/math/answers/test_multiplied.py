"""Products and powers of matrices."""

import pytest

from tests.scorer.math.answers.judged import judged

ROTATED = r"\begin{pmatrix}0&-1\\1&0\end{pmatrix}"
SHEARED = r"\begin{pmatrix}1&1\\0&1\end{pmatrix}"


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (r"\begin{pmatrix}-1&0\\0&-1\end{pmatrix}", ROTATED + "^2"),
        (r"\begin{pmatrix}0&-1\\1&1\end{pmatrix}", ROTATED + SHEARED),
        (r"\begin{pmatrix}1&64\\0&1\end{pmatrix}", SHEARED + "^{64}"),
        (r"\begin{pmatrix}3\\2\end{pmatrix}", SHEARED + r"\begin{pmatrix}1\\2\end{pmatrix}"),
    ],
)
def test_worked_out(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "equal"


def test_the_order_matters() -> None:
    assert judged(ROTATED + SHEARED, SHEARED + ROTATED) == "different"


def test_large_powers_are_not_worked_out() -> None:
    assert judged("5", SHEARED + "^{65}") != "equal"
