"""Canonical forms of whole answers, for people who want to see what was compared."""

from scorer.math.answers import collection, intervals, regions
from scorer.math.answers.stated import Same, statement
from scorer.math.answers.trees import is_expression
from scorer.math.answers.written import written
from scorer.math.syntax.show import show
from scorer.math.syntax.tree import Node, Quantity, TooLarge

_BRACKETS = {
    "tuple": ("(", ")"),
    "vector": ("(", ")"),
    "list": ("", ""),
    "alternatives": ("", ""),
    "set": ("{", "}"),
    "brackets": ("[", "]"),
}


def canonical(node: Node, same: Same) -> str:
    """A text that is the same for most spellings of an answer: `{1, 2}`, `(-inf, 3]`, `x = 1/2`."""
    try:
        return _canonical(node, same)
    except TooLarge:
        return show(node)


def _canonical(node: Node, same: Same) -> str:
    if is_expression(node):
        return written(node)
    if isinstance(node, Quantity) and is_expression(node.value):
        return f"{written(node.value)} {node.unit}"
    reading = regions.read(node)
    if reading is not None and reading.certain:
        text = intervals.text(reading.region)
        return f"{reading.variable} in {text}" if reading.variable and text else text or show(node)
    several = collection.read(node, same)
    if several is not None:
        opening, closing = _BRACKETS[several.kind]
        items = [_canonical(item, same) for item in several.items]
        if several.kind in ("list", "alternatives", "set"):
            items.sort()
        subject = f"{show(several.subject)} = " if several.subject is not None else ""
        return f"{subject}{opening}{', '.join(items)}{closing}"
    said = statement(node, same)
    if said is not None and said.subject is not None:
        return f"{show(said.subject)} = {_canonical(said.value, same)}"
    return show(node)
