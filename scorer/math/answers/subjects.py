"""What a value may be said to be the value of: `x`, `f(x)`, `(x, y)`, the length `AB`, `\\text{Area}`."""

from typing import TypeGuard

from scorer.math.answers.english import NEGATING
from scorer.math.answers.trees import MINUS_ONE
from scorer.math.syntax.show import show
from scorer.math.syntax.tree import Apply, Call, Group, Node, Power, Product, Ratio, SetOperation, Symbol, Text

Subject = Symbol | Apply | Group
_MOST_LETTERS = 3
_MOST_WORDS = 4
_OF_NAMES = frozenset({"gcd", "lcm", "max", "min", "det", "norm"})


def subject_of(node: Node) -> Subject | None:
    """What a node names; None when it is an expression, for which an equation has to be solved."""
    if is_subject(node):
        return node
    return Symbol(show(node)) if _is_name(node) else None


def is_subject(node: Node) -> TypeGuard[Subject]:
    """Whether a node is an unknown, a value of an unknown function, or a tuple of such."""
    if isinstance(node, Group):
        return node.opening == "(" and all(isinstance(item, Symbol | Apply) for item in node.items)
    return isinstance(node, Symbol | Apply)


def names_of(subject: Node) -> tuple[Symbol | Apply, ...]:
    """What a subject names, one by one."""
    items = subject.items if isinstance(subject, Group) else (subject,)
    return tuple(item for item in items if isinstance(item, Symbol | Apply))


def _is_name(node: Node) -> bool:
    """Whether it is a figure by its corners, a ratio or function of names, of a corner, a probability, or a noun."""
    match node:
        case Text(words):
            said = words.lower().split()
            return len(said) <= _MOST_WORDS and not NEGATING.intersection(said)
        case Product((Symbol("P"), SetOperation())):
            return True
        case Product():
            return _is_figure(node) or _is_quotient(node)
        case Group("[", "]", (Product() as inside,)) | Call("abs", (Product() as inside,)):
            return _is_figure(inside)
        case Ratio(parts):
            return all(subject_of(part) is not None for part in parts)
        case Call("sin" | "cos" | "tan" | "cot", (Symbol(name),)):
            return name.startswith("angle_") or (len(name) == 1 and name.isupper())
        case Call(function, arguments):
            return function in _OF_NAMES and all(subject_of(argument) is not None for argument in arguments)
    return False


def _is_quotient(node: Product) -> bool:
    r"""Whether a node is one length by another: `\frac{NO}{BO}`."""
    *above, below = node.factors
    if not isinstance(below, Power) or below.exponent != MINUS_ONE or not isinstance(below.base, Product):
        return False
    return len(above) > 1 and _is_figure(Product(tuple(above))) and _is_figure(below.base)


def _is_figure(node: Product) -> bool:
    letters = [factor for factor in node.factors if isinstance(factor, Symbol) and factor.name[0].isupper()]
    return len(letters) == len(node.factors) <= _MOST_LETTERS
