"""Values of several unknowns."""

import pytest

from tests.scorer.math.answers.judged import judged, pairs

SAME = r"""
A: 5, B: 7 | A = 5 and B = 7
A=5, B=7 | B: 7, A: 5
p=5,q=2;p=7,q=2 | p = 5, q = 2 \quad \text{and} \quad p = 7, q = 2
(5,2),(7,2) | p = 5, q = 2 \quad \text{and} \quad p = 7, q = 2
p=5, q=2, p=7, q=2 | (7,2),(5,2)
x=-5, p=\frac{14}{3} | -5, 14/3
AB=4, CD=5 | 4, 5
x_1=1, x_2=2 | 1,2
x_1=1, x_2=2 | 2,1
2,1 | x_1=1, x_2=2
x_1=1, x_2=2 | x=1 \text{ or } x=2
x=1,y=2 | (1,2)
(1,2) | x=1,y=2
(1,2) | y=2,x=1
1,2 | x=1, y=2
(x,y)=(1,2) | (1,2)
(1,2) | (x,y)=(1,2)
(x,y)=(1,2) | x=1, y=2
(x,y)=(1,2) | (y,x)=(2,1)
a=1,b=2,c=3 | (1,2,3)
a=1,b=2,c=3 | c=3, b=2, a=1
(\frac12, \frac13) | (x,y) = (0.5, \frac{2}{6})
1,2 | x_1 = 2, x_2 = 1
1,2 | x_{1}=1, x_{2}=2
(1,2) | x_1 = 1, x_2 = 2
(1,2) | (x_1,x_2) = (1,2)
\begin{cases}x=1\\y=2\end{cases} | (1,2)
f(x)=x+1, g(x)=x-1 | g(x)=x-1, f(x)=x+1
(a,b,c)=(1,2,3) | a=1, b=2, c=3
a=1, b=2, c=3 | (a,b,c)=(1,2,3)
m=3,n=4 | n=4,m=3
k=3 \text{ and } m = 4 | (3,4)
x=2, y=3 | \{(2,3)\}
(x=2, y=3) | (2,3)
A=\{1,2\}, B=\{3\} | B=\{3\}, A=\{1,2\}
x=1, y=\frac12 | (1, 0.5)
\alpha=1,\beta=2 | (1,2)
x=3, y=4, z=5 | 3,4,5
a=3, b=4 | b=4; a=3
(5, -2) | x=5,\ y=-2
(5, -2) | x=5\text{ and }y=-2
(r, \theta) = (2, \frac{\pi}{3}) | (2, \frac{\pi}{3})
(2, \frac{\pi}{3}) | (r, \theta) = (2, \pi/3)
(2, \frac{\pi}{3}) | r=2, \theta=\frac{\pi}{3}
x = 3, y = 4 | y=4 \text{ and } x=3
x=y=0 | (0,0)
x=y=z=1 | (1,1,1)
(1,1,1) | x=y=z=1
a=b=2, c=3 | (2,2,3)
x = 5, \; y = 3 | (5; 3)
AB=5, BC=6 | BC=6, AB=5
"""

OTHER = r"""
C_1=2,C_2=1,C_3=1 | C_1=2,C_2=1,C_2=1
d=3,M=(1,2) | M=3,d=(1,2)
p=5, q=2, p=7, q=2 | (7,2),(2,5)
p=5, q=2, p=7, q=2 | p=5,r=2;p=7,r=2
p=5, q=2, p=7, q=2 | p=5, q=2
x=-5, p=\frac{14}{3} | 14/3, -5
AB=4, CD=5 | 5, 4
(x,y,z)=(2,2,-1) | (x,y,z)=(2,2,\pm 1)
(1,2) | x=2,y=1
1,2 | x=2, y=1
x=2,y=1 | 1,2
(x,y)=(1,2) | (y,x)=(1,2)
5 | x=5, y=6
5 | x=y=5
a=1,b=2,c=3 | a=1,b=2
a=1,b=2 | a=1,b=2,c=3
(1,2) | x_1 = 2, x_2 = 1
f(x)=x+1, g(x)=x-1 | f(x)=x-1, g(x)=x+1
(0,1) | x=0, y=2
n=3 | n=3, m=4
A=\{1,2\}, B=\{3\} | A=\{3\}, B=\{1,2\}
x=3, y=4, z=5 | 5,4,3
x = 3, y = 4 | x=4, y=3
x = 3, y = 4 | (4,3)
a=b=2, c=3 | (2,3,3)
AB=5, BC=6 | AB=6, BC=5
"""


@pytest.mark.parametrize(("gold", "answer"), pairs(SAME))
def test_accepts(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "equal"


@pytest.mark.parametrize(("gold", "answer"), pairs(OTHER))
def test_refuses(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "different"
