"""Walking and rewriting the trees of answers."""

from collections.abc import Callable
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any, TypeGuard, cast, get_args

from scorer.math.syntax.tree import (
    Apply,
    Based,
    Big,
    Call,
    Constant,
    Matrix,
    Node,
    Number,
    PlusMinus,
    Power,
    Product,
    Quantity,
    Sum,
    Symbol,
)
from scorer.math.values.walk import parts

NODES: tuple[type, ...] = get_args(Node)
MINUS_ONE = Number(Fraction(-1))
Expression = Number | Based | Symbol | Constant | Sum | Product | Power | Call | Apply | Big
_EXPRESSIONS: tuple[type, ...] = get_args(Expression)


def is_expression(node: Node) -> TypeGuard[Expression]:
    """Whether a node has one value, perhaps with unknowns in it; a sum or product of matrices does not."""
    if isinstance(node, Sum | Product):
        return all(is_expression(part) or isinstance(part, PlusMinus | Quantity) for part in parts(node))
    return isinstance(node, _EXPRESSIONS) or (isinstance(node, Matrix) and node.determinant)


def negated(node: Node) -> Node:
    """A node times -1."""
    return Product((MINUS_ONE, node))


def difference(left: Node, right: Node) -> Node:
    """What is left of one node when another is taken away."""
    return Sum((left, negated(right)))


def contains(node: Node, wanted: type) -> bool:
    """Whether a node of a kind is in a tree."""
    return isinstance(node, wanted) or any(contains(child, wanted) for child in parts(node))


def rebuilt(node: Node, change: Callable[[Node], Node]) -> Node:
    """A node with its children changed."""
    changed: dict[str, Any] = {field.name: _changed(getattr(node, field.name), change) for field in fields(node)}
    return replace(node, **changed)


def _changed(value: object, change: Callable[[Node], Node]) -> object:
    if isinstance(value, NODES):
        return change(cast(Node, value))
    if isinstance(value, tuple):
        return tuple(_changed(part, change) for part in value)
    return value


def replaced(node: Node, values: dict[str, Node]) -> Node:
    """A tree with unknowns replaced by what they stand for; variables of sums and integrals are left alone."""
    if isinstance(node, Symbol):
        return values.get(node.name, node)
    if isinstance(node, Big) and node.variable in values:
        values = {name: value for name, value in values.items() if name != node.variable}
    return rebuilt(node, lambda child: replaced(child, values)) if values else node
