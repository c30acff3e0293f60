"""The parts of an expression, and what it is made of."""

import zlib
from dataclasses import dataclass, field
from fractions import Fraction

from scorer.math.syntax.tree import (
    Apply,
    Based,
    Big,
    Call,
    Cases,
    Constant,
    Group,
    Labelled,
    List,
    Matrix,
    Node,
    Number,
    PlusMinus,
    Power,
    Product,
    Quantity,
    Ratio,
    Relation,
    SetBuilder,
    SetOperation,
    Sum,
    Symbol,
    TooLarge,
)
from scorer.math.values import budget

MAX_NODES = 20_000
MAX_DEPTH = 150
_MASK = (1 << 61) - 1


def parts(node: Node) -> tuple[Node, ...]:
    """The nodes right below one, in the order in which they are written."""
    match node:
        case Sum(terms):
            return terms
        case Product(factors):
            return factors
        case Power(base, exponent):
            return (base, exponent)
        case Call(_, arguments) | Apply(_, arguments):
            return arguments
        case Quantity(value):
            return (value,)
        case Big(_, _, lower, upper, body):
            return tuple(part for part in (lower, upper, body) if part is not None)
        case PlusMinus(left, right):
            return (right,) if left is None else (left, right)
        case Relation(sides):
            return sides
        case Group(_, _, items) | List(items):
            return items
        case SetBuilder(element, conditions):
            return (element, *conditions)
        case SetOperation(_, operands):
            return operands
        case Matrix(rows):
            return tuple(entry for row in rows for entry in row)
        case Cases(branches):
            return tuple(part for branch in branches for part in branch if part is not None)
        case Ratio(inside):
            return inside
        case Labelled(_, body):
            return (body,)
    return ()


@dataclass(slots=True)
class Survey:
    """What occurs in an expression."""

    unknowns: set[str] = field(default_factory=set)
    """Names of free symbols."""
    functions: set[str] = field(default_factory=set)
    """Names of unknown functions."""
    calls: set[str] = field(default_factory=set)
    """Names of known functions; `log10` for a logarithm without a base."""
    constants: set[str] = field(default_factory=set)
    numbers: set[Fraction] = field(default_factory=set)
    """Some of the numbers that are written in it."""
    integers: set[str] = field(default_factory=set)
    """Names of free symbols that make sense as integers only: bounds of sums, parts of a binomial coefficient, ..."""
    conjugated: set[str] = field(default_factory=set)
    """Names of unknowns with a bar of their own: they are no real numbers, or no numbers that are barred."""
    binds: bool = False
    """There is a sum, product, integral or limit with a variable of its own."""
    digest: int = 0
    """The same for the same expression in every process."""


_COMPLEX_CALLS = frozenset(["conjugate", "re", "im", "arg"])
_INTEGER_CALLS = frozenset(["factorial", "double_factorial", "binomial", "permutations", "gcd", "lcm", "mod"])
_MAX_NUMBERS = 8


def survey(node: Node) -> Survey:
    """Looks at every part once.

    Raises:
        TooLarge: there are too many parts, or they are too deep.
    """
    found = Survey()
    pending: list[tuple[Node, int, frozenset[str], bool]] = [(node, 0, frozenset(), False)]
    count = 0
    while pending:
        here, depth, bound, whole = pending.pop()
        count += 1
        if count > MAX_NODES or depth > MAX_DEPTH:
            raise TooLarge(f"an expression with more than {MAX_NODES} parts, or more than {MAX_DEPTH} deep")
        mark = type(here).__name__
        if isinstance(here, Symbol):
            mark = here.name
            if here.name not in bound:
                found.unknowns.add(here.name)
                if whole:
                    found.integers.add(here.name)
        elif isinstance(here, Number):
            mark = str(hash(here.value))  # of numbers, the same in every process
            if len(found.numbers) < _MAX_NUMBERS:
                found.numbers.add(here.value)
        elif isinstance(here, Based):
            mark = str(hash(here.value))
        elif isinstance(here, Constant):
            mark = here.name
            found.constants.add(here.name)
        elif isinstance(here, Call):
            mark = here.function
            found.calls.add("log10" if mark == "log" and len(here.arguments) == 1 else mark)
            whole = whole or mark in _INTEGER_CALLS
            if mark == "conjugate" and isinstance(here.arguments[0], Symbol):
                found.conjugated.add(here.arguments[0].name)
        elif isinstance(here, Apply):
            mark = here.name
            found.functions.add(mark)
        found.digest = (found.digest * 1_000_003 + zlib.crc32(mark.encode()) + depth) & _MASK
        if isinstance(here, Big):
            found.binds = True
            ends = tuple(part for part in (here.lower, here.upper) if part is not None)
            limits = whole or here.kind in ("sum", "product")
            pending.extend((part, depth + 1, bound, limits) for part in ends)
            pending.append((here.body, depth + 1, bound | {here.variable}, whole))
        elif isinstance(here, Power):
            pending.append((here.base, depth + 1, bound, whole))
            pending.append((here.exponent, depth + 1, bound, whole or _is_negative(here.base)))
        else:
            pending.extend((part, depth + 1, bound, whole) for part in parts(here))
    budget.spend(1 + count // 4)
    return found


def is_complex(left: Survey, right: Survey) -> bool:
    """Whether two expressions are about complex numbers: without this, unknowns and all parts are real."""
    about = left.constants | right.constants | left.calls | right.calls
    return "i" in about or not _COMPLEX_CALLS.isdisjoint(about)


def _is_negative(node: Node) -> bool:
    """Whether this is a negative number, as written: powers of it are real for integers only."""
    if isinstance(node, Number):
        return node.value < 0
    if isinstance(node, Product) and len(node.factors) < 4 and all(isinstance(part, Number) for part in node.factors):
        return sum(1 for part in node.factors if isinstance(part, Number) and part.value < 0) % 2 == 1
    return False


def free(node: Node) -> frozenset[str]:
    """Names of the free symbols and of the unknown functions.

    Raises:
        TooLarge: there are too many parts, or they are too deep.
    """
    found = survey(node)
    return frozenset(found.unknowns | found.functions)
