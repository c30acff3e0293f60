"""Sets of real numbers in their spellings."""

import pytest

from tests.scorer.math.answers.judged import judged, pairs

SAME = r"""
x\in[0,1) | x=[0,1)
x\in[0,1) | S=[0,1)
(0,1) | 0<f(x)<1
0<f(x)\le1 | (0,1]
[0,2) | 2>a+b\ge0
x>2 | (2,\infty)
(2,\infty) | x>2
x>2 | 2<x
1\le x<2 | [1,2)
[1,2) | 2>x\ge1
x<-1 or x>3 | (-\infty,-1)\cup(3,\infty)
x<-1 \text{ or } x>3 | x>3 \text{ or } x<-1
(-\infty,-1)\cup(3,\infty) | x<-1, x>3
(1,3) | x>1 \text{ and } x<3
\mathbb{R} | (-\infty,\infty)
(-\infty,\infty) | \mathbb{R}
\mathbb{R} | -\infty < x < \infty
\mathbb{R} | x \in \mathbb{R}
\mathbb{R}\setminus\{1\} | x \ne 1
x \ne 1 | (-\infty,1)\cup(1,\infty)
\mathbb{R}\setminus\{1,2\} | x \ne 1, 2
\mathbb{R}\setminus\{1,2\} | x\neq 1, x\neq 2
\mathbb{R}\setminus\{1,2\} | x\neq 1 \text{ and } x\neq 2
\mathbb{R} \setminus [0,1) | (-\infty,0)\cup[1,\infty)
\emptyset | \{\}
\emptyset | \text{no solution}
(-\infty,-2]\cup\{1\} | a\le -2 or a=1
x\in(1,2) | 1<x<2
[a,b) | a\le x<b
(1,3)\setminus\{2\} | (1,2)\cup(2,3)
(-\infty,2)\cap(1,\infty) | (1,2)
[0,2]\cup[1,3] | [0,3]
\{x\mid x>0\} | x>0
\{x\in\mathbb{R}\mid x>0\} | (0,\infty)
\{x : -1<x<1\} | (-1,1)
\{y \mid y \ge 2\} | [2,\infty)
]1,2[ | (1,2)
x \in [-2,7] | [-2,7]
(-\infty, 1) \text{ and } (2,\infty) | (-\infty,1)\cup(2,\infty)
[\frac{1}{2}, 8] | 0.5 \le x \le 8
(0, \sqrt{2}) | 0<x<\frac{2}{\sqrt{2}}
0^\circ<x<90^\circ | (0^\circ, 90^\circ)
x \notin \{1,2\} | \mathbb{R}\setminus\{1,2\}
x>2 | \{x \in \mathbb{R} : x > 2\}
(-\infty,1)\cup(1,\infty) | x \in \mathbb{R}, x \neq 1
(-\infty,1)\cup(1,\infty) | x<1 or x>1
(-\infty,1)\cup(1,\infty) | \mathbb{R}-\{1\}
(-\infty,1)\cup(1,\infty) | x \in (-\infty,1)\cup(1,\infty)
(-\infty,1)\cup(1,\infty) | \{x \mid x \neq 1\}
(-\infty,1)\cup(1,\infty) | (-\infty,1) \text{ or } (1,\infty)
(0,\infty) | \mathbb{R}^+
(0,\infty) | \mathbb{R}_{>0}
x\ge0 | [0,+\infty)
[0,+\infty) | 0\le x<\infty
[0,+\infty) | x \in [0, \infty[
\{x \mid x<-1 \text{ or } x>1\} | (-\infty,-1)\cup(1,\infty)
\{x: x\in\mathbb{R}, x>1\} | (1,\infty)
\{x \in \mathbb{R} : -2 \le x \le 2\} | [-2,2]
-2 \le x \le 2 | x\ge -2 \text{ and } x\le 2
-2 \le x \le 2 | -2\le x, x\le 2
(1,2) \cup (3,4) | (1,2), (3,4)
D=(-\infty,1) | (-\infty,1)
(-\infty,1) | D=(-\infty,1)
a \le b < c | c > b \ge a
(-\infty,\infty) | x \in (-\infty, \infty)
\left(-\infty,\frac{1}{2}\right] | x\leq 0.5
y<3x-2 | 3x-2>y
\{x|x>2\} | x>2
\{x \in \mathbb{R} \mid x \neq 0\} | x \neq 0
\{ x \mid x \le -1 \text{ or } x \ge 1 \} | x \le -1 \text{ or } x \ge 1
-1 < x < 1 \text{ or } x > 3 | (-1,1)\cup(3,\infty)
x \in (-\infty,-1) \cup (1,\infty) | x<-1, x>1
-1<x<1 | 1>x>-1
\{0\}\cup[1,2] | x=0 \text{ or } 1\le x\le2
(-\infty, \infty) | \text{all real numbers}
m \ge \frac{1}{4} | [\frac14, +\infty)
a<-1 \text{ or } a>1 | (-\infty,-1)\cup(1,+\infty)
k<0 \text{ or } k=1 | (-\infty,0)\cup\{1\}
[-1,1)\cup(1,3] | -1\le x\le3, x\ne1
[-1,1)\cup(1,3] | -1\le x\le3 \text{ and } x\ne1
(0,1)\cap(0.5,2) | (0.5,1)
\emptyset | (0,1)\cap(2,3)
1\le n\le 5 | [1,5]
x \in [1,2] \cup [3,4] | 1\le x\le 2 \text{ or } 3\le x\le 4
(-\infty,-1)\cup(0,\infty) | x<-1\text{ or }x>0
\mathbb{R}\setminus\{-1,0\} | (-\infty,-1)\cup(-1,0)\cup(0,\infty)
x\ne -1, 0 | \mathbb{R}\setminus\{-1,0\}
\text{all real numbers except 1} | (-\infty,1)\cup(1,\infty)
x\ge 5 | \{x: x\geq 5\}
x\ge 5 | 5 \le x
t \ge 5 | [5,\infty)
3<x\leq7 | x \in (3,7]
3<x\leq7 | (3;7]
[0,\infty) | \text{nonnegative real numbers}
\text{no real solutions} | \emptyset
\{x \mid x = 1 \text{ or } x = 2\} | \{1,2\}
(0,\infty) | \text{all positive real numbers}
x > 1 \wedge x < 3 | (1,3)
x > 1 \land x < 3 | 1<x<3
\log_2 3 < x < 2 | (\log_2 3, 2)
(\log_2 3, 2) | \frac{\ln 3}{\ln 2} < x < 2
[-\frac{\pi}{2}, \frac{\pi}{2}] | -\frac{\pi}{2}\le x\le\frac{\pi}{2}
(-\infty, -\sqrt{5}) \cup (\sqrt{5}, \infty) | x < -\sqrt5 \text{ or } x > \sqrt5
[0, \infty) | y \ge 0
y \ge 0 | [0,\infty)
2 < x < 3 | x \in (2,3)
"""

OTHER = r"""
(0,1) | 0<f(x)\le1
(0,1) | 0<f(x)<2
(0,9) | 0<x^2<9
(0,1) | 0<2x<1
(0,a) | 0<a+b<a
\{x \mid x \ge 3\},\{x \mid x \ge 0\} | \{x \mid x \ge 6\},\{x \mid x \ge 0\}
\{x \mid x \ge 3\},\{x \mid x \ge 0\} | x \ge 0
(-\infty,3),(2,\infty) | \mathbb{R}
(-\infty,1)\cup(3,\infty) | x<1 \text{ and } x>3
\emptyset | \{\emptyset\}
\emptyset | x=1 \text{ and } x=2
5 | \mathbb{Z}
1\le x<2 | (1,2)
\emptyset | \{0\}
\emptyset | 0
(-\infty,-2]\cup\{1\} | a\le -2 or a=2
[a,b) | a\le x\le b
x>2 | x\ge 2
x>2 | x<2
x>2 | 2
2 | x>2
x^2 | x>2
3 | \{3\}\cup\mathbb{R}
x\ge 3 | 3
3 | x \geq 3
-1<x<1 | |x|>1
-2 \le x \le 2 | -2\le x or x\le 2
(1,2) \cup (3,4) | (1,2), (3,5)
\mathbb{Z} | \mathbb{R}
\mathbb{Z} | (-\infty,\infty)
\mathbb{R} | 0
\emptyset | \mathbb{R}
x>3 | x>3, x<10
x>3 | x>3 \text{ or } x<0
n\ge3 | n>2
y=3x-2 | y<3x-2
(0,1) | 0<x\le1
x \in (-\infty,-1) \cup (1,\infty) | -1<x<1
a<-1 \text{ or } a>1 | (-\infty,-1]\cup(1,+\infty)
n>3 | 3
\mathbb{Q} | \mathbb{R}
0<x<1 | x>0
x>0, y>0 | x>0
[1,2] \cup [3,4] | 1\le x\le 2 \text{ and } 5\le x\le 6
3<x\leq7 | [3;7]
5 | \text{no solution}
x=3 | x\ne3
x>3 | x=3
7 | 6<x<8
(-\infty, -\sqrt{5}) \cup (\sqrt{5}, \infty) | x < -2.236 \text{ or } x > 2.236
x < -\sqrt5 \text{ or } x > \sqrt5 | |x|<\sqrt5
x>5 | 5>x
"""


@pytest.mark.parametrize(("gold", "answer"), pairs(SAME))
def test_accepts(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "equal"


@pytest.mark.parametrize(("gold", "answer"), pairs(OTHER))
def test_refuses(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "different"
