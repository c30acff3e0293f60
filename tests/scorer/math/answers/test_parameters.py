"""Values with a free integer in them."""

import pytest

from tests.scorer.math.answers.judged import judged, pairs

SAME = r"""
k\pi, k\in\mathbb{Z} | n\pi, n\in\mathbb{Z}
k\pi, k\in\mathbb{Z} | n\pi
x=k\pi | n\pi
x = \frac{\pi}{4}+k\pi | \frac{5\pi}{4}+n\pi, n\in\mathbb{Z}
\frac{\pi}{6}+2k\pi, \frac{5\pi}{6}+2k\pi | x=\frac{5\pi}{6}+2n\pi \text{ or } x=\frac{\pi}{6}+2n\pi
\{k\pi \mid k\in\mathbb{Z}\} | x=k\pi, k\in\mathbb{Z}
2k+1, k \in \mathbb{Z} | 2n-1, n\in\mathbb{Z}
V=\frac43\pi r^3 | \frac{4}{3}\pi r^3
x=2k\pi, k\in Z | 2\pi n, n \in \mathbb{Z}
x=\frac{\pi}{2}+k\pi | x=\frac{\pi}{2}+\pi n
x=\frac{\pi}{2}+k\pi | x=(2k+1)\frac{\pi}{2}
x=(-1)^k\frac{\pi}{6}+k\pi | (-1)^n\frac{\pi}{6}+n\pi
(k,l)=(-32+3x,64-5x) | (-32+3t,64-5t), t\in\mathbb{Z}
\{2k \mid k\in\mathbb{Z}\} | \{2n : n\in\mathbb{Z}\}
\{\frac{\pi}{4}+k\pi : k\in\mathbb{Z}\} | x=\frac{\pi}{4}+n\pi, n\in\mathbb{Z}
(2k\pi, 2k\pi+\pi), k \in \mathbb{Z} | (2n\pi, (2n+1)\pi), n\in\mathbb{Z}
x = n\pi + \frac{\pi}{4}, n \in \mathbb{Z} | \frac{\pi}{4} + \pi k
x = 30^\circ + 360^\circ n | x = 30^\circ + 360^\circ k
\frac{\pi}{3} + 2\pi n, \frac{2\pi}{3}+2\pi n | x = \frac{\pi}{3}+2\pi k, x=\frac{2\pi}{3}+2\pi k, k \in \mathbb{Z}
n=2k, k\in\mathbb{N} | n=2m, m\in\mathbb{N}
"""

OTHER = r"""
n=4k+2 \text{ or } n=4k+3, k\in\mathbb{Z} | N=4k+2 \text{ or } n=4k+3, k\in\mathbb{Z}
r_{1}=\frac{L-\pi r^{2}}{\pi} | r_{100}=\frac{L-\pi r^{2}}{\pi}
x = \frac{\pi}{4}+k\pi | \frac{\pi}{2}+n\pi
x = \frac{\pi}{4}+k\pi | \frac{\pi}{4}+2n\pi
x=k\pi | x=2k\pi
(k,l)=(-32+3x,64-5x) | (-32+3t,64+5t), t\in\mathbb{Z}
2n | 3k, k\in\mathbb{Z}
x=n\pi, n\in\mathbb{Z} | x=n\pi, n\in\mathbb{N}
n=2k, k\in\mathbb{N} | n=2k+1, k\in\mathbb{N}
"""


@pytest.mark.parametrize(("gold", "answer"), pairs(SAME))
def test_accepts(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "equal"


@pytest.mark.parametrize(("gold", "answer"), pairs(OTHER))
def test_refuses(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "different"


def test_far_apart() -> None:
    assert judged(r"10^{400}+n, n\in\mathbb{Z}", r"n, n\in\mathbb{Z}") == "equal"
    assert judged(r"\frac{10^{400}}{3}+n, n\in\mathbb{Z}", r"n, n\in\mathbb{Z}") == "different"
    assert judged(r"10^{400}\pi+\pi n, n\in\mathbb{Z}", r"\pi n, n\in\mathbb{Z}") == "unknown"
