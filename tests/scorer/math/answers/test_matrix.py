"""Matrices and vectors."""

import pytest

from tests.scorer.math.answers.judged import judged, pairs

SAME = r"""
\begin{pmatrix}1&2\\3&-4\end{pmatrix} | [1 2; 3 -4]
\begin{pmatrix}1&2\\3&4\end{pmatrix} | [[1,2],[3,4]]
\begin{pmatrix}1&0\\0&2\end{pmatrix} | \frac12\begin{pmatrix}2&0\\0&4\end{pmatrix}
\begin{pmatrix}3\\3\end{pmatrix} | \begin{pmatrix}1\\2\end{pmatrix}+\begin{pmatrix}2\\1\end{pmatrix}
(1,2) | \mathbf{i}+2\mathbf{j}
(1,-2,3) | \vec{i}-2\vec{j}+3\vec{k}
2\hat{i}-\hat{j} | (2,-1)
\begin{pmatrix}1&2\\3&4\end{pmatrix} | \begin{pmatrix}1 & 2\\ 3 & \frac{8}{2}\end{pmatrix}
\begin{pmatrix}1\\2\end{pmatrix}+t\begin{pmatrix}3\\4\end{pmatrix} | \begin{pmatrix}1+3t\\2+4t\end{pmatrix}
\begin{bmatrix}1&2\\3&4\end{bmatrix} | ((1,2),(3,4))
\begin{bmatrix}1\\2\end{bmatrix} | [[1],[2]]
3\mathbf{i}-4\mathbf{j}+\mathbf{k} | (3,-4,1)
3i+4j | (3,4)
\begin{pmatrix}2&0\\0&2\end{pmatrix} | 2\begin{pmatrix}1&0\\0&1\end{pmatrix}
\frac{1}{3}\begin{pmatrix}3\\6\end{pmatrix} | \begin{pmatrix}1\\2\end{pmatrix}
"""

OTHER = r"""
\begin{pmatrix}1&2\\3&4\end{pmatrix} | [1 2; 4 3]
\begin{pmatrix}1&2\\3&4\end{pmatrix} | [1 3; 2 4]
\begin{pmatrix}1&2\\3&4\end{pmatrix} | \begin{pmatrix}1&3\\2&4\end{pmatrix}
(1,2) | 2\mathbf{i}+\mathbf{j}
\begin{pmatrix}1&2\\3&4\end{pmatrix} | \begin{vmatrix}1&2\\3&4\end{vmatrix}
\begin{pmatrix}1\\2\end{pmatrix} | \begin{pmatrix}1&2\end{pmatrix}
\begin{bmatrix}1&2\\3&4\end{bmatrix} | (1,2,3,4)
\begin{pmatrix}1&2\\3&4\end{pmatrix} | \begin{pmatrix}1&2&0\\3&4&0\end{pmatrix}
\begin{pmatrix}1&2\\3&4\end{pmatrix} | 1,2,3,4
"""


@pytest.mark.parametrize(("gold", "answer"), pairs(SAME))
def test_accepts(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "equal"


@pytest.mark.parametrize(("gold", "answer"), pairs(OTHER))
def test_refuses(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "different"
