"""Plus-minus against the values it stands for."""

import pytest

from tests.scorer.math.answers.judged import judged, pairs

SAME = r"""
\pm3 | 3,-3
3,-3 | \pm 3
x=\pm 3 | -3, 3
\pm 3 | x=3 \text{ or } x=-3
1\pm\sqrt{2} | 1+\sqrt2, 1-\sqrt2
\pm1,\pm2 | 1,-1,2,-2
\{1\pm\sqrt5,-2\} | \{-2,1-\sqrt5,1+\sqrt5\}
\frac{3\pm\sqrt{5}}{2} | \frac{3\mp\sqrt{5}}{2}
\pm\frac{\pi}{3}+2k\pi, k \in \mathbb{Z} | x = 2n\pi \pm \frac{\pi}{3}
x \equiv 2 \pmod 5 | x\equiv 7\pmod{5}
x=\frac{1\pm\sqrt5}{2} | \frac{1+\sqrt5}{2}, \frac{1-\sqrt5}{2}
\frac{1+\sqrt5}{2}, \frac{1-\sqrt5}{2} | x=\frac{1\pm\sqrt5}{2}
x=\pm2 | \pm 2
\{2,-2\} | \pm 2
(\pm 1, 2) | (1,2), (-1,2)
z=1\pm i | 1+i, 1-i
\sqrt{2},-\sqrt2 | \pm\sqrt{2}
1+2i,1-2i | 1\pm2i
x=1\pm2i | 1-2i, 1+2i
z=2+i \text{ or } z=-2-i | \pm(2+i)
x=\pm1, \pm2 | 1,2,-1,-2
\pm\frac{1}{2} | 0.5, -0.5
\{\pm 1\} | \{1,-1\}
\mp 1 | \pm 1
x = \frac{-b \pm \sqrt{b^2-4ac}}{2a} | \frac{-b+\sqrt{b^2-4ac}}{2a}, \frac{-b-\sqrt{b^2-4ac}}{2a}
x = 2\pi n \pm \frac{\pi}{3} | x = \pm\frac{\pi}{3} + 2k\pi, k\in\mathbb{Z}
x\equiv3\pmod{7} | x \equiv 10 \pmod 7
3\pmod 7 | 3 \bmod 7
\pm\sqrt{2}\pm\sqrt{3} | \sqrt2+\sqrt3, \sqrt2-\sqrt3, -\sqrt2+\sqrt3, -\sqrt2-\sqrt3
y = \pm x | y = x, y=-x
y=\pm x | y=x \text{ or } y=-x
f(x) = \pm x | f(x)=x \text{ or } f(x)=-x
"""

OTHER = r"""
x>4 | x>\pm 4
\left[10^{-3}, \infty\right) | \left[10^{\pm 3}, \infty\right)
x > \frac{13}{4} | x > \frac{13}{\pm 4}
1\pm\sqrt{2} | 1+\sqrt2, 1+\sqrt2
x \equiv 2 \pmod 5 | x\equiv 3\pmod{5}
\frac{1\pm\sqrt5}{2} | \frac{1\pm\sqrt5}{3}
2 | \pm 2
\pm 2 | 2
\pm\sqrt{2}\pm\sqrt{3} | \sqrt2+\sqrt3, -\sqrt2-\sqrt3
\pm 1 | 1,1
x = \frac{-b \pm \sqrt{b^2-4ac}}{2a} | \frac{-b+\sqrt{b^2-4ac}}{2a}
x = 2\pi n \pm \frac{\pi}{3} | x = \frac{\pi}{3} + 2k\pi, k\in\mathbb{Z}
x\equiv3\pmod{7} | 4
x \equiv 3 \pmod 7 | x\equiv3\pmod{14}
y=\pm x | y=x
"""


@pytest.mark.parametrize(("gold", "answer"), pairs(SAME))
def test_accepts(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "equal"


@pytest.mark.parametrize(("gold", "answer"), pairs(OTHER))
def test_refuses(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "different"
