"""Equations, inequalities, and what they say about a value."""

import pytest

from tests.scorer.math.answers.judged import judged, pairs

SAME = r"""
x\equiv 3\pmod 7 | x=7k+3
x\equiv 3\pmod 7 | x=7k-4, k\in\mathbb{Z}
x=7k+3, k\in\mathbb{Z} | x\equiv 3\pmod 7
11 | x=5+5+1=7=11
P(A|B)=\frac13 | \frac13
\frac13 | P(A \mid \overline{B})=\frac13
\cos\angle ABC=\frac12 | 0.5
S_{\triangle ABC}=6 | 6
x\equiv 3\pmod 7 | 10\pmod 7
\frac{1}{\sqrt6} | \frac{NO}{BO}=\frac{1}{\sqrt{6}}
x=5 | x=4+1=5
11 | x\approx 11
\frac13 | x=\frac13 \approx 1.3
1 | \int_0^2 \frac{x}{2}\,dx = 1
7:32 | S_{MBCN}:S = 7:32
\frac12 | P(A)=\frac12
2x^2 | f'(x)=2x^2
\log_3(27)=3 | \log_3(27)=3
y=2x+1 | 2x-y+1=0
y=2x+1 | y-1=2x
y=2x+1 | 2x+1
2x+3y=6 | 4x+6y=12
2x+3y=6 | 6=3y+2x
x^2+y^2=25 | x^2+y^2-25=0
(x-1)^2+y^2=4 | x^2-2x+y^2=3
2x+3y<6 | 4x+6y<12
2x+3y<6 | 6>2x+3y
2x+3y<6 | -2x-3y>-6
m_{max}=5 | 5
5 | 2+3=5
5 | x=2+3=5
x=5 | 5
5 | x=5
5=x | x=5
f(x)=x | f(z)=z
f(n)=2n+1007 | f(m)=2m+1007
f(x)=x^2 | y=x^2
\frac13 | \frac13\approx 0.333
\frac13\approx0.333 | \frac13
\begin{pmatrix}1&0\\0&2\end{pmatrix} | A=\begin{pmatrix}1&0\\0&2\end{pmatrix}
f(x)=\begin{cases}x&x>0\\-x&x\le0\end{cases} | \begin{cases}-x&x\le0\\x&x>0\end{cases}
x^2=1 | x^2-1=0
x = 5 | x=5.0
P(x)=x^2+1 | x^2+1
a_n = 2n+1 | 2n+1
a_n = 2n+1 | a_k = 2k+1
y=2x+1 | y = 1 + 2x
y=2x+1 | f(x)=2x+1
2x+1 | f(x)=2x+1
2x+1 | y=2x+1
y=-\frac{2}{3}x+2 | 2x+3y=6
\frac{x^2}{4}+\frac{y^2}{9}=1 | 9x^2+4y^2=36
\frac{x}{2}=\frac{y}{3} | 3x=2y
r=2\cos\theta | 2\cos\theta
y'=2x | 2x
f'(x)=2x | 2x
f^{-1}(x)=\frac{x-1}{2} | \frac{x-1}{2}
P(X=2)=\frac{1}{4} | \frac14
AB = 5 | 5
x = 5 \text{ cm} | 5
\pi | \pi\approx3.14
a:b = 2:3 | 2:3
2:3 | a:b=2:3
(x-2)^2+(y-3)^2=25 | x^2+y^2-4x-6y-12=0
y-3=2(x-1) | y=2x+1
x=1 | 1=x
a<b | b>a
x^2-5x+6=0 | 0=6-5x+x^2
x=0 | 0
y = 3x - 2 | 3x - y = 2
3x-y-2=0 | y=3x-2
y<3x-2 | 3x-y>2
x^2+y^2\le 4 | 4\ge x^2+y^2
\theta=30^\circ | 30^\circ
\theta=30^\circ | \frac{\pi}{6}
\text{(A) } 5 | 5
4 | \sqrt{16}=4
4 | 2+2=2\cdot2=4
7 | 3+4=8-1
\frac{1+\sqrt{97}}{8}\approx1.36 | \frac{1+\sqrt{97}}{8}
6.67 | x\approx6.67
n=3 | 3
a_n=3^n-1 | 3^n-1
S_n=\frac{n(n+1)}{2} | \frac{n^2+n}{2}
25 | \text{Area} = 25
25 | \text{Area}=25\text{ cm}^2
5 | |AB| = 5
6 | \gcd(a,b)=6
\frac12 | P(A \cap B) = \frac12
12 | [ABC]=12
2:3 | AB:BC=2:3
x^2 - 4 = (x-2)(x+2) | (x-2)(x+2)
(x-2)(x+2) | x^2-4=(x-2)(x+2)
y = mx + b | y = b + mx
A = \frac{1}{2}bh | \frac{bh}{2}
f(x) = 2x + C | 2x + C
x=\ln 2 | \ln(2)
2\sqrt2 \approx 2.83 | 2\sqrt2
2\sqrt2 | 2\sqrt2\approx2.83
2\sqrt2 | x=2\sqrt2\approx2.83
x+y=5 | 5=x+y
x=20\% | 0.2
x^3-1=0 | x^3=1
3x+4y-5=0 | y=\frac{5-3x}{4}
(x-1)^2=4 | x^2-2x-3=0
z\overline{z}=1 | \overline{z}z=1
"""

OTHER = r"""
x\equiv 3\pmod 7 | x=7k+4
x\equiv 3\pmod 7 | x=14k+3
x\equiv 3\pmod 7 | x=7k^2+3
x\equiv 3\pmod 7 | y=7k+3
x\equiv 3\pmod 7 | x=3
x\equiv 3\pmod 7 | x=7x+3
x\equiv 3\pmod 7 | x=7k+3, k\in\mathbb{R}
x\equiv 3\pmod 7 | x=7k+3, k\in\mathbb{N}
y=\frac12 | P(A)=\frac12
E(W)=\frac15 | E(A)=\frac15
7 | x=5+5+1=7=11
6 | x=5=6
P(A|B)=\frac13 | \frac23
P(A|B)=\frac13 | P(B|A)=\frac13
x\equiv 3\pmod 7 | 4\pmod 7
x\equiv 3\pmod 7 | 3\pmod 8
2 | \frac{x}{y}=2
2 | \frac{ab}{cd}=2
Q(t)=40e^t | Q'(t)=40e^t
b=\frac{c}{a} | b'=\frac{c}{a}
5 | 5\ldots
\{0,1,2\} | \{0,1,2\ldots\}
5 | 5=x-y
h=5 | h=6=4r
x=5 | x=4=5
5 | x=5=4
11 | x=\frac13 \approx 11
\frac13 | x \approx 0.33
1 | \int_0^a \frac{x}{2}\,dx = 1
5 | 5=5
0 | 0=0
x | x=x
f(n)=n | n=n
\log_3(27)=3 | 3=3
\log_3(27)=3 | \log_2(8)=3
\sin^2x+\cos^2x=1 | 1=1
x=3, 5 | 5=5, 3=3
2x+3 | f(2x)=2x+3
y=2x^2 | f'(x)=2x^2
2x^2 | f(y)=2x^2
x>2 | y>2
y=2x+1 | y=2x-1
y=2x+1 | x=2y+1
2x+3y=6 | 2x-3y=6
x^2+y^2=25 | x^2+y^2=5
2x+3y<6 | 2x+3y>6
2x+3y<6 | 2x+3y\le 6
0 | x-y=0
x-y=0 | 0
5 | 2+4=5
6 | 2+4=5
x=5 | y=5
f(x)=x | g(x)=x
f(x)=x^2 | f(x)=x^3
f(x)=x | f(z)=x
\frac13 | \frac13\approx 0.433
\frac13 | x\approx 0.333
y=0 | x=0
2x+1 | 2x+1=0
2x+1=0 | 2x+1
x^2+y^2=1 | x^2+y^2-1
\frac{x^2}{4}+\frac{y^2}{9}=1 | 4x^2+9y^2=36
r=2\cos\theta | r=2\sin\theta
V=\frac43\pi r^3 | \frac{4}{3}\pi R^3
\pi | x \approx 3.14
\pi | \pi\approx3.15
\pi | \pi=3.14
x=k\pi | k
(x-2)^2+(y-3)^2=25 | (x-2)^2+(y-3)^2=5
a<b | b<a
a<b<c | a<c<b
x=0 | y=0
y=3x-2 | y=3x+2
y<3x-2 | 3x-y<2
4 | \sqrt{16}=5
7 | 3+4=8-2
\frac{1+\sqrt{97}}{8}\approx1.36 | \frac{1+\sqrt{97}}{10}
f(x)=cx | f(x)=kx
f(x)=2x | f(y)=2x
5 | |x| = 5
5 | x_1+x_2=5
5 | \text{not} = 5
6 | xy = 6
(x-2)(x+2) | x^2-5=(x-2)(x+2)
x-2 | x^2-4=(x-2)(x+2)
2x | 2x = 6
6 | 2x=6
3 | 2x=6
12 | 3\cdot4=13
A = \frac{1}{2}bh | \frac{1}{2}b
2\sqrt2 | 2\sqrt2=2.83
2\sqrt2 | 2.83\approx2\sqrt2
x+y=5 | 5
x^3-1=0 | x^3=-1
y=x^2 | x=y^2
x^2=y^2 | x=y
"""

OPEN = r"""
-1<x<1 | |2x|<2
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
