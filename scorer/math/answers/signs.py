r"""Plus-minus written out: `1\pm\sqrt2` is the list of its two values."""

from scorer.math.answers.match import MAX_ITEMS
from scorer.math.answers.trees import contains, negated, rebuilt
from scorer.math.syntax.tree import Group, List, Node, PlusMinus, SetOperation, Sum, TooLarge


def expanded(node: Node) -> Node:
    r"""A tree without plus-minus. The signs of one value go together: `\pm(1\pm\sqrt2)` has two values.

    Raises:
        TooLarge: There are too many values.
    """
    return _expanded(node) if contains(node, PlusMinus) else node


def _expanded(node: Node) -> Node:
    if isinstance(node, List):
        return List(_flat(node.items), node.joined_by)
    if isinstance(node, Group) and node.opening == "{":
        return Group("{", "}", _flat(node.items))
    if isinstance(node, SetOperation):
        return rebuilt(node, expanded)
    return List((_with_sign(node, upper=True), _with_sign(node, upper=False)), "and")


def _flat(items: tuple[Node, ...]) -> tuple[Node, ...]:
    found: list[Node] = []
    for item in items:
        value = expanded(item)
        found += value.items if value is not item and isinstance(value, List) else [value]
    if len(found) > MAX_ITEMS:
        raise TooLarge(f"more than {MAX_ITEMS} values by plus-minus signs")
    return tuple(found)


def _with_sign(node: Node, *, upper: bool) -> Node:
    node = rebuilt(node, lambda child: _with_sign(child, upper=upper))
    if not isinstance(node, PlusMinus):
        return node
    right = negated(node.right) if upper == node.minus_first else node.right
    return right if node.left is None else Sum((node.left, right))
