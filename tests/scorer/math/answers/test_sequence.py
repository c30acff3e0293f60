"""Several things against several things."""

import pytest

from tests.scorer.math.answers.judged import judged, pairs

SAME = r"""
x\in\{1\}\cup\{3\} | \{1,3\}
(1,3) | {1,3}
{1,3} | (1,3)
\{1,3\} | {3,1}
(1,2),(3,4) | {1,2},{3,4}
x=1 or x=2 | \{1,2\}
x=1, 2 | x=2,1
x \in \{1,2\} | x=1,2
\{1,2\} | x \in \{2,1\}
(1,2),(3,4) | (x,y)=(3,4),(1,2)
\{(1,2),(3,4)\} | (x,y) \in \{(1,2),(3,4)\}
(1,2) | A(1,2)
5 | \{5\}
1,2 | (1,2)
1,2,3 | 3,1,2,3
(1,2) | 1,2
1,2,3 | [1,2,3]
\{1,1,2\} | \{1,2\}
1, 2, and 3 | 3,2,1
[1,1] | \{1\}
f(x)=x,f(x)=-x | f(x)=-x \text{ and } f(x)=x
\begin{pmatrix}-7\\16\\5\end{pmatrix} | (-7,16,5)
(-7,16,5) | \begin{pmatrix}-7\\16\\5\end{pmatrix}
\langle 1,2\rangle | (1,2)
\{1,2\}\cup\{3\} | \{3,1,2\}
5\text{ cm}, 6\text{ cm} | 5, 6
(1,2) | (1, 2.0)
(-1,2) \text{ and } (3,4) | (3,4), (-1,2)
\left(\frac{1}{2},3\right),(2,5) | (2,5),(0.5,3)
\frac{1}{2}(1,2,3) | (0.5,1,1.5)
S=\{1,2\} | \{1,2\}
\{1,2\} | x=1 \text{ and } x=2
1,2 | x = 1 \text{ or } 2
1,2 | x_{1,2}=1,2
A=(1,2), B=(3,4) | B(3,4), A(1,2)
(1,2), (3,4) | A(1,2), B(3,4)
\begin{cases}x+y=3\\x-y=-1\end{cases} | \begin{cases}x-y=-1\\x+y=3\end{cases}
\begin{pmatrix}1\\2\end{pmatrix} | \langle 1,2\rangle
\begin{pmatrix}1\\2\end{pmatrix} | [1,2]
\begin{pmatrix}1\\2\end{pmatrix} | \vec{v}=(1,2)
\{(1,2)\} | (1,2)
\{\{1\},\{2\}\} | \{\{2\},\{1\}\}
f(x) = c, \text{ or } f(x)=x | f(x)=x, f(x)=c
(2,3) | \{(2,3)\}
x=2,y=3 \text{ or } x=3,y=2 | (2,3),(3,2)
(2,3),(3,2) | x=2,y=3 \text{ or } x=3,y=2
(x,y)=(2,3) \text{ or } (3,2) | (2,3),(3,2)
(x,y)=(2,3) \text{ or } (x,y)=(3,2) | (3,2),(2,3)
x=-1, x=2 | -1, 2
x=-1 \text{ and } x=2 | -1, 2
30^\circ, 60^\circ | \frac{\pi}{6}, \frac{\pi}{3}
(2k\pi, 2k\pi+\pi) | (2k\pi,\pi+2k\pi)
\begin{bmatrix}1&2\end{bmatrix} | [1,2]
(1,2,3) | \langle1,2,3\rangle
f(x)=0, f(x)=x^2 | f(x)=x^2 \text{ or } f(x)=0
\{(1,1),(2,2)\} | (1,1),(2,2)
(1,1) \text{ and } (2,2) | \{(2,2),(1,1)\}
P=(2,3) | (2,3)
A(1,2), B(3,4) | (1,2),(3,4)
5;6 | 6,5
\{a,b\} | \{b,a\}
A,B,C | C,B,A
n = 1,2,3 | \{1,2,3\}
x>0, y>0 | y>0, x>0
\{1,2\} | \text{Solution set}=\{1,2\}
(2,60^\circ) | (2, \frac{\pi}{3})
10, 12 | 12, 10
\{2, 3, 5\} | 5, 3, 2
\{2, 3, 5\} | 2 \text{ and } 3 \text{ and } 5
2\text{ and }3 | \{2,3\}
A = \{1, 2\} | \{2, 1\}
\begin{pmatrix}0.5\\1\end{pmatrix} | \left(\frac12, 1\right)
-\begin{pmatrix}1\\2\end{pmatrix} | (-1,-2)
t(1,2) | (t,2t)
(1,2)+t(3,4) | (1+3t,2+4t)
x=1 \lor x=2 | 1,2
x=1 \vee x=2 | \{1,2\}
10\%, 20\% | 0.1, 0.2
(10\%, 2) | (0.1, 2)
(0,0), (1,1) | (x,y) = (0,0), (1,1)
1,2 | 2;1
x=a \text{ or } x=b | a,b
5 \text{ apples}, 3 \text{ oranges} | 5, 3
x=1 | \{1\}
x=1 | x \in \{1\}
\{1\} | x=1
\frac{1}{2} \text{ or } 2 | 0.5, 2
"""

OTHER = r"""
x\in\{1\} | y=1
x=0 \text{ or } c=2 | x=0 \text{ or } x=2
(1,3) | {3,1}
(1,3) | \{1,3\}
(1,3) | {1,3,3}
x=-2 \text{ or } x=2 | x=-2 \text{ or } y=2
-2, 2 | x=-2 \text{ or } y=2
p \land q | p \lor q
2 \cos(\pi t+\pi/3) | 2\cos(\pi t+\pi/3)=0
A^T B | B A^T
1,2 | (2,1)
1,1 | 1
1 | 1,1
1,1,2 | 1,2,2
x=1,2 | y=1,2
A(1,2) | B(1,2)
A(1,2) | A(2,1)
5 | 5, 6
5 | 5 or 6
(1,2) | 2,1
(1,2) | \{1,2\}
\{1,2\} | (1,2)
[1,2] | 1,2
[1,2] | \{1,2\}
1,2 | [1,2]
1,1,2 | 1,2
1,2,3 | 1,2
[0,10] | 5
5 | [0,10]
(2,1) | (1,2)
[2,1] | [3,1]
(1,2) | 1 or 2
\begin{pmatrix}-7\\16\\5\end{pmatrix} | (16,-7,5)
1+2i | (1,2)
\{1,2,3\} | \{1,2\}
(0,1) | [0,1]
(-1,2) \text{ and } (3,4) | (-1,2)
(1,2) | (1,2,3)
A=(1,2), B=(3,4) | A(3,4), B(1,2)
2:3 | 2,3
\begin{pmatrix}1\\2\end{pmatrix} | 1,3
\begin{pmatrix}1\\2\end{pmatrix} | 2,1
\{(1,2)\} | \{1,2\}
\{\{1\},\{2\}\} | \{1,2\}
(1,(2,3)) | (1,2,3)
1,2 | 12
12 | 1,2
1.5 | 1,5
(1,2) | (2,1)
3 | 1,2,3
2 | [0,10]
x=2 | x=2 or x=3
\sqrt{2},-\sqrt2 | \sqrt{2}
(2,3), (3,2) | (2,3)
x=-1, x=2 | -1
[0,1] | \{0,1\}
3+4i | (3,4)
3i | (0,3)
x=5\text{ or }x=-5 | |x|=5
f(x)=0, f(x)=x^2 | f(x)=x^2
A(1,2), B(3,4) | (1,2)
5,6 | 5.6
5\text{ m}, 6\text{ m} | 5\text{ cm}, 6\text{ cm}
\{a,b\} | \{a,B\}
n=1,2,3,4,5 | [1,5]
x>0, y>0 | x>0, y<0
(5, -2) | x=5\text{ or }y=-2
(1,2) | (1;3)
3 | 2x=6, x=3
\{2, 3, 5\} | \{2, 3\}
\{2, 3\} | \{2, 3, 5\}
(1,2)+t(3,4) | (1+3t,2-4t)
(1,2) | (1,2) or (2,1)
1.5 | (1,5)
-2 | 2,-2
\{1\} | \{1,1,2\}
x=3 | x=3, x=-3
7 | [7,7]
2 | 1 or 2
2 | 2, \ldots
1,2,\ldots,10 | 1,2,10
3 | 3, 3
3 | (3,3)
(3,3) | 3
(\log_2 3, 2) | (1.58, 2)
5 \text{ apples}, 3 \text{ oranges} | 3 \text{ apples}, 5 \text{ oranges}
A, B | A, C
"""

OPEN = r"""
\{-1,1\} | \{x \mid x^2=1\}
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
