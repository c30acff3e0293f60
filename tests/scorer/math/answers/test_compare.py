"""Whole answers."""

import pytest

from tests.scorer.math.answers.judged import judged, pairs

SAME = r"""
x=1,y=2 | \begin{cases}x=1\\y=2\end{cases}
A(1,2) | A(1,2)
A(1,2) | A=(1,2)
\emptyset | \varnothing
\begin{pmatrix}1&2\\3&4\end{pmatrix} | \begin{bmatrix}1&2\\3&4\end{bmatrix}
\begin{pmatrix}1\\2\end{pmatrix} | \begin{pmatrix}1&2\end{pmatrix}^T
A=(1,2), B=(3,4) | A(1,2), B(3,4)
x \approx 3.14 | x\approx 3.14
-2 | \begin{vmatrix}1&2\\3&4\end{vmatrix}
\mathbb{Z} | \text{all integers}
\mathbb{R} | \text{all real numbers}
n\ge3 | n \ge 3
2^3\cdot3 | 24
f(x)=ax+b | f(x)=ax+b
a_{n}=3^n-1 | a_n=3^{n}-1
5 \text{ and } 6 | 5,6
\mathbb{Q} | \mathbb{Q}
\varnothing | \text{empty set}
(1, 2) | \left( 1 , 2 \right)
10, 12 | 10 and 12
p \land q | p \land q
\left[\begin{array}{cc}1&2\\3&4\end{array}\right] | \begin{pmatrix}1&2\\3&4\end{pmatrix}
\cos\frac{\pi}{3}+i\sin\frac{\pi}{3} | \frac12+\frac{\sqrt3}{2}i
n = 4k+1 | n=4k+1
1,2,\ldots,10 | 1, 2, \dots, 10
x+y=5 | x+y=5
5\% | 0.05
n! | n \cdot (n-1)!
(1,2);(3,4) | (1,2),(3,4)
\{(x,y) \mid x+y=1\} | \{(x,y) : x+y=1\}
"""

OTHER = r"""
n^2 | k^2
2n\pi r | 2k\pi r
\sqrt2 | 1.414
-\infty | \infty
6.67 | \frac{20}{3}
2\sqrt2 | 2.83
5\% | 0.5
A | B
"""


@pytest.mark.parametrize(("gold", "answer"), pairs(SAME))
def test_accepts(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "equal"


@pytest.mark.parametrize(("gold", "answer"), pairs(OTHER))
def test_refuses(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "different"
