r"""Forms that a task may want an answer in, besides being right: an integer, a reduced fraction, factored, ..."""

import re
from dataclasses import replace
from math import gcd

from scorer.math.answers.factored import is_expanded, is_factored
from scorer.math.answers.trees import rebuilt
from scorer.math.judgement import Options
from scorer.math.normalise import normalise, skeleton
from scorer.math.syntax.tree import List, Node, Product, Quantity, Relation, Sum
from scorer.math.units import canonical_unit

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)"
_DECIMAL_DIGITS = rf"{_DIGITS}?\.\d*(?:\d|\\overline ?\{{\d+\}})"
_FRACTION = re.compile(
    r"([-+]?) ?(?:\\frac ?\{ ?([-+]?) ?(\d+) ?\} ?\{ ?([-+]?) ?(\d+) ?\}|\(?([-+]?)(\d+)\)? ?/ ?\(?([-+]?)(\d+)\)?)"
)
_MIXED = re.compile(r"[-+]? ?\d+ ?(?:\\frac ?\{ ?(\d+) ?\} ?\{ ?(\d+) ?\}|(?<=\d )(\d+) ?/ ?(\d+))")
_POWER_OF_TEN = r"(?: ?(?:\\times|\\cdot|\*) ?10 ?(?:\^|\*\*) ?(?:\{ ?[-+]?\d+ ?\}|\([-+]?\d+\)|[-+]?\d+)|[eE][-+]?\d+)"
_PATTERNS = {
    "integer": re.compile(rf"[-+]? ?{_DIGITS}"),
    "fraction": _FRACTION,
    "reduced_fraction": _FRACTION,
    "decimal": re.compile(rf"[-+]? ?{_DECIMAL_DIGITS}"),
    "percent": re.compile(rf"[-+]? ?(?:{_DECIMAL_DIGITS}|{_DIGITS}|\\frac ?\{{\d+\}} ?\{{\d+\}}|\d+/\d+) ?%"),
    "mixed_number": _MIXED,
    "scientific": re.compile(rf"[-+]? ?[1-9](?:\.\d+)?{_POWER_OF_TEN}"),
}
_PERCENT_WORD = re.compile(r" ?(?:\\text ?\{ ?)?per ?cent ?\}?$")
_NAMED = re.compile(r"^[A-Za-z](?:_\w|\([a-z]\))? ?= ?")
_MONEY = re.compile(r"^([-+]?) ?[$€£¥₹] ?")


def unmet(gold_text: str, answer_text: str, gold: Node | None, answer: Node | None, options: Options) -> str:
    """Why an answer that is right is not accepted: it is in none of the forms that the task wants.

    Args:
        gold_text: The gold answer, for the form "as_given".
        answer_text: The answer.
        gold: The gold answer as it was read; None when it could not be.
        answer: The answer as it was read; None when it could not be.
        options: What the task asks for.

    Returns:
        A sentence that names the forms; empty when one is met or none is wanted.

    Raises:
        TooLarge: Whether it is factored cannot be told.
    """
    for form in options.forms:
        if form == "as_given":
            met = written_alike(gold, answer) if gold is not None and answer is not None else False
            met = met or skeleton(normalise(gold_text)) == skeleton(normalise(answer_text))
        else:
            met = written_as(answer_text, answer, form)
        if met:
            return ""
    wanted = " or ".join(form.replace("_", " ") for form in options.forms)
    return f"the answer is right, but its form is not {wanted}" if wanted else ""


def written_as(text: str, node: Node | None, form: str) -> bool:
    """Whether an answer is written in a form. A unit behind a number and a name before it (`x =`) do not matter.

    Args:
        text: The answer.
        node: The answer as it was read; only "factored" and "expanded" need it.
        form: Any but "as_given".

    Raises:
        TooLarge: Whether it is factored cannot be told.
    """
    if form in ("factored", "expanded"):
        if node is None:
            return False
        return is_factored(_value(node)) if form == "factored" else is_expanded(_value(node))
    pattern = _PATTERNS.get(form)
    if pattern is None:
        return False
    number = _NAMED.sub("", _PERCENT_WORD.sub("%", normalise(text)))
    match = pattern.match(_MONEY.sub(r"\1", number))
    if match is None or not _is_unit(match.string[match.end() :]):
        return False
    if form == "reduced_fraction":
        above, below = (int(match[3] or match[7]), int(match[5] or match[9]))
        return gcd(above, below) == 1 and "-" not in (match[4] or match[8] or "")
    if form == "mixed_number":
        return 0 < int(match[1] or match[3]) < int(match[2] or match[4])
    return True


def written_alike(gold: Node, answer: Node) -> bool:
    """Whether two answers are written the same, order of terms, factors and listed things aside."""
    if isinstance(gold, Quantity) != isinstance(answer, Quantity):
        gold, answer = _value(gold), _value(answer)
    return _ordered(gold) == _ordered(answer) or _ordered(_value(gold)) == _ordered(_value(answer))


def _is_unit(rest: str) -> bool:
    return not rest.strip() or (not re.match(r"[\d.,/%]", rest.strip()) and canonical_unit(rest) is not None)


def _value(node: Node) -> Node:
    """What is said of a name, and without its unit."""
    if isinstance(node, Relation) and node.operators == ("=",):
        node = node.sides[1]
    return node.value if isinstance(node, Quantity) else node


def _ordered(node: Node) -> Node:
    node = rebuilt(node, _ordered)
    if isinstance(node, Sum):
        return replace(node, terms=tuple(sorted(node.terms, key=repr)))
    if isinstance(node, Product):
        return replace(node, factors=tuple(sorted(node.factors, key=repr)))
    return replace(node, items=tuple(sorted(node.items, key=repr))) if isinstance(node, List) else node
