"""Sums, products and quotients put together as the tree has them."""

from fractions import Fraction

from scorer.math.syntax.tree import (
    Call,
    Cases,
    Group,
    List,
    Matrix,
    Node,
    NotReadable,
    Number,
    Power,
    Product,
    Quantity,
    Relation,
    SetBuilder,
    Sum,
    Symbol,
    Text,
)

MINUS_ONE = Number(Fraction(-1))
_NO_OPERANDS = (List, Relation, Text, SetBuilder, Cases)


_SQUARE = frozenset("[]")


def scaled(node: Node) -> Node:
    """An operand of a product or behind a minus sign, where an interval has no place.

    Raises:
        NotReadable: It is an interval, or a list in square brackets.
    """
    several = isinstance(node, Group) and len(node.items) > 1 and not all(isinstance(x, Group) for x in node.items)
    if several and isinstance(node, Group) and not _SQUARE.isdisjoint(node.opening + node.closing):
        raise NotReadable("an interval is no factor")
    return operand(node)


def operand(node: Node) -> Node:
    """A node where it is to be calculated with: square brackets around a sum are then just brackets.

    Raises:
        NotReadable: Nobody calculates with such a thing.
    """
    if isinstance(node, _NO_OPERANDS):
        raise NotReadable("words, relations and lists are no operands")
    if isinstance(node, Group) and len(node.items) == 1 and node.opening + node.closing in ("[]", "{}"):
        inner = node.items[0]
        if isinstance(inner, Sum | Product | Matrix):
            return inner
        raise NotReadable("square brackets around one thing may mean anything")
    return node


def negative(node: Node) -> Node:
    """The node with a minus sign, which goes below the unit of a quantity."""
    if isinstance(node, Quantity):
        return Quantity(negative(node.value), node.unit)
    if isinstance(node, Product) and node.factors[0] != MINUS_ONE:
        return Product((MINUS_ONE, *node.factors))
    return Product((MINUS_ONE, scaled(node)))


def product(factors: list[Node]) -> Node:
    """The product of factors, which may be one."""
    if len(factors) == 1:
        return factors[0]
    return Product(tuple([scaled(factor) for factor in factors]))


def quotient(above: Node, below: Node) -> Node:
    """A quotient.

    Raises:
        NotReadable: It is a derivative, which is no fraction, and more than the name `dy/dx`.
    """
    if _is_differential(above) and _is_differential(below):
        match above, below:
            case Product((Symbol("d"), Symbol(of))), Product((Symbol("d"), Symbol(by))):
                return Symbol(f"d{of}/d{by}")
        raise NotReadable("a derivative is not evaluated")
    factors = above.factors if isinstance(above, Product) else (operand(above),)
    return Product((*factors, Power(operand(below), MINUS_ONE)))


def _is_differential(node: Node) -> bool:
    first = node.factors[0] if isinstance(node, Product) else node
    first = first.base if isinstance(first, Power) else first
    return isinstance(first, Symbol) and first.name == "d"


def total(terms: list[Node]) -> Node:
    """The sum of terms; a unit after the last one is the unit of the sum."""
    if len(terms) == 1:
        return terms[0]
    last = terms[-1]
    if isinstance(last, Quantity) and last.unit not in ("%", "degree", "dollar"):
        before = terms[:-1]
        if not any(isinstance(term, Quantity) for term in before):
            return Quantity(Sum((*[operand(term) for term in before], last.value)), last.unit)
    return Sum(tuple([operand(term) for term in terms]))


def root(node: Node, degree: Node) -> Node:
    """The principal root of this degree."""
    if isinstance(degree, Number) and degree.value != 0:
        return Power(operand(node), Number(1 / degree.value), root=True)
    return Power(operand(node), Power(operand(degree), MINUS_ONE), root=True)


def call(function: str, *arguments: Node) -> Node:
    """A known function of operands."""
    return Call(function, tuple([operand(argument) for argument in arguments]))
