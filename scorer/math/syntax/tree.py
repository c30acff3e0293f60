"""What a written answer is made of: an immutable tree, as it was written and not yet evaluated.

Nodes are compared by structure. Nothing here knows how an answer is judged; `scorer.math.values` gives expressions
their values and `scorer.math.answers` gives whole answers their meaning.
"""

from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Number:
    """A number in digits: `1,234.5`, `.5`, `0.1\\overline{6}`, `1e5`. Negative only as the factor -1 of a sign."""

    value: Fraction
    decimal: bool = False
    """Written with a decimal point and no bar of repetition: it may have been rounded."""


@dataclass(frozen=True, slots=True)
class Based:
    """Digits with a base: `1011_2`, `(2A)_{16}`, `4210_{\\text{five}}`."""

    digits: str
    """In capitals, without leading zeros."""
    base: int
    value: int


@dataclass(frozen=True, slots=True)
class Symbol:
    """An unknown: `x`, `X`, `alpha` for `\\alpha`, `x_1`, `a_n`, `x'`; `...` for dots."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """`pi`, `e`, `i` or `infinity`."""

    name: str


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms; a subtracted one is `Product((Number(Fraction(-1)), term))`."""

    terms: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Product:
    """Factors. A quotient is a product with a `Power(below, Number(-1))`; a sign is the factor `Number(-1)`."""

    factors: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Power:
    """`base^exponent`; a root is `Power(x, 1/n)` with `root=True`: the principal one, real for odd n and real x."""

    base: "Node"
    exponent: "Node"
    root: bool = False


@dataclass(frozen=True, slots=True)
class PlusMinus:
    """`left \\pm right` (`left` is None without one); `minus_first` for `\\mp`. Signs of one answer go together."""

    left: "Node | None"
    right: "Node"
    minus_first: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A known function: sin cos tan cot sec csc arcsin arccos arctan arccot arcsec arccsc sinh cosh tanh coth sech csch
    arcsinh arccosh arctanh exp ln log (base 10 unless two arguments: base, value) abs floor ceil factorial
    double_factorial binomial gcd lcm max min re im arg conjugate sgn mod (value, modulus) permutations norm det."""

    function: str
    arguments: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Apply:
    """An unknown function: `f(x)`, `P(x, y)`, `f'(x)`, `f^{-1}(x)` (name `f^-1`)."""

    name: str
    arguments: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Big:
    """`\\sum`, `\\prod`, `\\int`, `\\lim` and alike: kind "sum", "product", "integral" or "limit".

    For an integral without bounds both are None; for a limit `lower` is what the variable goes to and `upper` None.
    """

    kind: str
    variable: str
    lower: "Node | None"
    upper: "Node | None"
    body: "Node"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value with what was written beside it: `5 \\text{ cm}^2`, `\\$18`, `60^\\circ`, `50\\%`, `18 red marbles`."""

    value: "Node"
    unit: str
    """The canonical name given by `scorer.math.units`; "%" for percent, "degree" for the degree sign, "dollar", ..."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A chain: `0 < x \\le 5` has sides (0, x, 5) and operators ("<", "<=").

    Operators: = != < <= > >= in notin subset approx equiv (with the modulus as a `Call` mod on its last side) divides.
    """

    sides: "tuple[Node, ...]"
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Things in brackets with commas or semicolons between them, or one thing in brackets that mean something:
    `(1, 2)`, `[1, 2)`, `\\{1, 2\\}`, `\\langle 1, 2\\rangle`, `\\{\\}`, `{1, 2}` without backslashes. One expression in
    round brackets is just that expression and no group."""

    opening: str
    """One of ( [ { < ]; the last one for the French `]1, 2[`."""
    closing: str
    """One of ) ] } > [."""
    items: "tuple[Node, ...]"
    bare: bool = field(default=False, compare=False)
    """In braces without backslashes, which LaTeX does not show: they may stand for round brackets."""


@dataclass(frozen=True, slots=True)
class List:
    """Things without brackets around them: `1, 2 and 3` (joined by "and" or commas), `5 or 6` (joined by "or")."""

    items: "tuple[Node, ...]"
    joined_by: str
    """"and" or "or"."""
    spelled: bool = field(default=False, compare=False)
    """The whole answer, and an "and" is written out in it: of two conditions both have to hold."""


@dataclass(frozen=True, slots=True)
class SetBuilder:
    """`\\{x \\in \\mathbb{R} \\mid x > 0\\}`: what is collected, and its conditions."""

    element: "Node"
    """What stands before the bar; a `Relation` with `in` when the domain is named there."""
    conditions: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class SetOperation:
    """`A \\cup B`, `A \\cap B`, `A \\setminus B`, of two or more operands."""

    operation: str
    """"union", "intersection" or "difference"."""
    operands: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class NamedSet:
    """`R`, `Z`, `Q`, `N`, `C` (blackboard letters, "all real numbers", "all integers"), or `empty`; with a sign or a
    subscript as in `R+`, `N0`."""

    name: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of entries: `\\begin{pmatrix}`, `\\begin{array}`, also in brackets; a column vector has rows of one entry.

    `determinant` for vmatrix: then it stands for its value.
    """

    rows: "tuple[tuple[Node, ...], ...]"
    determinant: bool = False


@dataclass(frozen=True, slots=True)
class Cases:
    """`\\begin{cases}`: pairs of a value and the condition after the `&` (None without one)."""

    branches: "tuple[tuple[Node, Node | None], ...]"


@dataclass(frozen=True, slots=True)
class Ratio:
    """`2:3:4`; also what may be a time of day, `7:32`."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Labelled:
    """`A(1, 2)` or `A = (1, 2)` for a point named by a capital letter."""

    label: str
    body: "Node"


@dataclass(frozen=True, slots=True)
class Text:
    """Words that are no mathematics: `\\text{even}`, `Monday`, `no solution`."""

    words: str
    """White space is single and trimmed; case is kept."""


Node = (
    Number | Based | Symbol | Constant | Sum | Product | Power | PlusMinus | Call | Apply | Big | Quantity | Relation
    | Group | List | SetBuilder | SetOperation | NamedSet | Matrix | Cases | Ratio | Labelled | Text
)  # fmt: skip
"""Any part of an answer."""


class NotReadable(ValueError):  # noqa: N818
    """A text is not an answer that the grammar knows, or is not wholly one."""


class TooLarge(ValueError):  # noqa: N818
    """A text or a value is refused for its size before it is worked on; the message says what is too large."""
