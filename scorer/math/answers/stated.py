r"""What an equation says about a value: `x = 5`, `f(x) = 2x`, `2 + 3 = 5`, `(x, y) = (1, 2)`, `\frac13 \approx 0.3`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from scorer.math import values
from scorer.math.answers.subjects import Subject, names_of, subject_of
from scorer.math.answers.trees import MINUS_ONE, contains, difference, is_expression, replaced
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Apply, Big, Labelled, Node, Number, Product, Relation, Symbol

Same = Callable[[Node, Node], Outcome]
_RUNNING = re.compile(r"([A-Za-z]+)_\{?([a-z])\}?")
_INDEXED = re.compile(r"([A-Za-z]+)_\{?(\d+)\}?")


@dataclass(frozen=True, slots=True)
class Statement:
    """A value and what it is the value of."""

    subject: Subject | None
    """None for `2 + 3 = 5`."""
    value: Node
    roundings: tuple[Node, ...] = ()
    """Decimals that are the value rounded."""


def statement(node: Node, same: Same) -> Statement | None:
    """The value that an equation says; None when it says none, or contradicts itself.

    Of what an unknown is said to be the last exact side counts, and what stands before it is working: `x = 2 + 3 = 5`.
    Two different numbers are no working but a contradiction, unless a calculation stands before both. What follows an
    approximate sign is about right only.
    Without an unknown all sides have to be equal, and it has to say something: `2 + 3 = 5`, but not `5 = 5`.
    """
    if isinstance(node, Labelled):
        return Statement(Symbol(node.label), node.body)
    if not isinstance(node, Relation) or not set(node.operators) <= {"=", "approx"}:
        return None
    sides, operators = node.sides, node.operators
    subject: Subject | None = None
    first, last = subject_of(sides[0]), subject_of(sides[-1])
    if first is not None and not _is_in(sides[0], sides[1:]):
        subject, sides, operators = first, sides[1:], operators[1:]
    elif len(sides) == 2 and operators == ("=",) and last is not None and not _is_in(sides[1], sides[:1]):
        subject, sides, operators = last, sides[:1], ()
    exact = next((index for index, operator in enumerate(operators) if operator == "approx"), len(operators)) + 1
    place = exact - 1 if subject is None else _place_of_value(sides[:exact])
    value = sides[place]
    working = sides[:place]
    agreed = _is_working if subject is not None else _is_reason
    calculated = subject is not None and bool(working) and not is_plain(working[0])
    if not calculated and not all(agreed(side, value, same) for side in working):
        return None
    roundings = tuple(side for side in sides[exact:] if is_rounding(side, value))
    if subject is None and len(roundings) < len(sides) - exact:
        return None
    return Statement(subject, value, roundings)


def subjects_in(nodes: Sequence[Node], same: Same) -> list[Subject]:
    """What the values are said of, where it is said."""
    said = [statement(node, same) for node in nodes]
    return [one.subject for one in said if one is not None and one.subject is not None]


def _place_of_value(sides: tuple[Node, ...]) -> int:
    """The last side that is worked out, if one is: 5 in `h = 5 = 4r`; else the last one."""
    closed = [place for place, side in enumerate(sides) if not unknowns(side)]
    return closed[-1] if closed else len(sides) - 1


def _is_working(side: Node, value: Node, same: Same) -> bool:
    return not is_plain(side) or same(value, side) is not Outcome.DIFFERENT


def _is_reason(side: Node, value: Node, same: Same) -> bool:
    r"""Whether one side of an equation without an unknown is what another is worth: `\int_0^1 x\,dx = \frac12`."""
    if side == value or (is_plain(side) and is_plain(value)):
        return False
    outcome = same(side, value)
    return outcome is Outcome.EQUAL or (outcome is Outcome.UNKNOWN and contains(side, Big) and not unknowns(side))


def is_plain(node: Node) -> bool:
    """Whether a node is a number in digits, perhaps with a sign."""
    factors = node.factors if isinstance(node, Product) else (node,)
    return isinstance(factors[-1], Number) and all(factor == MINUS_ONE for factor in factors[:-1])


def _is_in(subject: Node, sides: tuple[Node, ...]) -> bool:
    names = frozenset(part.name for part in names_of(subject)) or unknowns(subject)
    return any(names & unknowns(side) for side in sides)


def unknowns(node: Node) -> frozenset[str]:
    """Names of the unknowns and unknown functions in any node."""
    return values.free(node)


def is_rounding(rounded: Node, value: Node) -> bool:
    """Whether a decimal is a value rounded to as many digits as the decimal has."""
    written = values.exact(rounded) if is_expression(rounded) else None
    if written is None or not is_expression(value):
        return False
    digits = 0
    while (written * 10**digits).denominator != 1:
        digits += 1
        if digits > 40:
            return False
    half = Number(Fraction(1, 2 * 10**digits))
    off = difference(value, rounded)
    above = values.order(off, half)
    below = values.order(off, Product((Number(Fraction(-1)), half)))
    return above is not None and below is not None and above <= 0 <= below


def agree(gold: Subject | None, answer: Subject | None) -> bool:
    """Whether two values are said of the same thing, as far as it was said: `f(x)` and `f(z)`, `f(x)` and `y` are."""
    if gold is None or answer is None or gold == answer:
        return True
    if isinstance(gold, Apply) and isinstance(answer, Apply):
        both = zip(gold.arguments, answer.arguments, strict=False)
        return (
            gold.name == answer.name
            and len(gold.arguments) == len(answer.arguments)
            and all(left == right or (_is_variable(left) and _is_variable(right)) for left, right in both)
        )
    kinds = {type(gold), type(answer)}
    if kinds == {Symbol, Apply}:
        function, symbol = (gold, answer) if isinstance(gold, Apply) else (answer, gold)
        return symbol == Symbol("y") and isinstance(function, Apply) and _is_general(function)
    if isinstance(gold, Symbol) and isinstance(answer, Symbol):
        first, second = _RUNNING.fullmatch(gold.name), _RUNNING.fullmatch(answer.name)
        return bool(first and second and first[1] == second[1]) or _is_index_renamed(gold, answer)
    return False


def _is_variable(node: Node) -> bool:
    """Whether it stands for any value: x in `f(x)`, but not A in `P(A)`."""
    return isinstance(node, Symbol) and node.name[0].islower()


def _is_general(function: Apply) -> bool:
    """Whether it is a function itself, `f(x)`, and neither its derivative nor its inverse nor one of its values."""
    return function.name.isalpha() and all(map(_is_variable, function.arguments))


def _is_index_renamed(gold: Subject, answer: Subject) -> bool:
    """`x_1` is an `x`, `x` is an `x_1`."""
    names = [_base(part.name) for part in (*names_of(gold), *names_of(answer))]
    bare = [part for part in (*names_of(gold), *names_of(answer)) if not _INDEXED.fullmatch(part.name)]
    return len(set(names)) == 1 and len(bare) == 1


def _base(name: str) -> str:
    match = _INDEXED.fullmatch(name)
    return match[1] if match else name


def renamed(gold: Statement, answer: Statement) -> Statement:
    """The answer with the arguments of its function named as the gold answer names them: `f(z) = z` for `f(x)`."""
    pairs = dict(zip(_arguments(answer.subject), _arguments(gold.subject), strict=False))
    if gold.subject == answer.subject or not pairs:
        return answer
    hidden: dict[str, Node] = {name: Symbol(f"{name}~") for name in pairs.values() if name not in pairs}
    return replace(answer, value=replaced(answer.value, hidden | {old: Symbol(new) for old, new in pairs.items()}))


def _arguments(subject: Subject | None) -> list[str]:
    """The names that stand for any value: x in `f(x)`, n in `a_n`."""
    if isinstance(subject, Apply):
        return [argument.name for argument in subject.arguments if isinstance(argument, Symbol)]
    match = _RUNNING.fullmatch(subject.name) if isinstance(subject, Symbol) else None
    return [match[2]] if match else []
