r"""Values with what is written beside them: units, money, percent, degrees.

A unit may be added or left out, and a changed one is wrong, unless both say the same measure of one kind exactly:
`90 \text{ min}` is `1.5 \text{ h}`. 50% is 50 and 0.5; degrees equal radians.
"""

from collections.abc import Callable
from fractions import Fraction

from scorer.math.answers.bases import same_based
from scorer.math.answers.match import any_of
from scorer.math.answers.unit_factors import convertible
from scorer.math.judgement import Options, Outcome
from scorer.math.syntax.tree import Based, Constant, Node, Number, Power, Product, Quantity, Symbol
from scorer.math.units import canonical_unit
from scorer.math.values import free
from scorer.math.vocabulary import CANONICAL

SameValue = Callable[[Node, Node], Outcome]
_RADIANS = (Constant("pi"), Number(Fraction(1, 180)))
_METRES = {"m^2": "m^2", "m^3": "m^3"}
"""A power of m behind a number alone can be nothing else beside a number; a mere m may be a name."""
_HUNDREDTH = Fraction(1, 100)


def same_quantity(gold: Node, answer: Node, options: Options, same_value: SameValue) -> Outcome:
    """Compares two values, each with or without something beside it.

    Args:
        gold: The gold answer: an expression, or a `Quantity` of one.
        answer: The answer, likewise.
        options: `unit_matters` is what counts here.
        same_value: Compares two expressions, the gold's first.

    Returns:
        What is known of the two.
    """
    if isinstance(gold, Based) or isinstance(answer, Based):
        return same_based(gold, answer)
    wanted, wanted_unit = _split(gold, answer)
    value, unit = _split(answer, gold)
    if wanted_unit == unit:
        return same_value(wanted, value)
    if not wanted_unit or not unit:
        outcome = _one_without(wanted, wanted_unit, value, unit, options, same_value)
    else:
        outcome = _changed(wanted, wanted_unit, value, unit, same_value)
    if options.unit_matters is False and outcome is not Outcome.EQUAL:
        return any_of([outcome, same_value(wanted, value)])
    return outcome


def _split(node: Node, other: Node) -> tuple[Node, str]:
    """A value and its unit, which may be written in bare letters where the other side shows that they are one."""
    if isinstance(node, Quantity):
        return node.value, node.unit
    if isinstance(node, Product) and isinstance(node.factors[0], Number) and not free(other):
        metres = _METRES.get(_letter(node.factors[-1]), "")
        if metres and not isinstance(other, Quantity) and not free(Product(node.factors[:-1])):
            return Product(node.factors[:-1]), metres
    if not isinstance(node, Product) or not isinstance(other, Quantity):
        return node, ""
    written = ""
    for place in range(len(node.factors) - 1, 0, -1):
        letter = _letter(node.factors[place])
        if not letter:
            break
        written = letter + written
        for unit in (canonical_unit(written), canonical_unit(rf"\text{{{written}}}")):
            if unit is not None and (unit == other.unit or _are_of_one_kind(unit, other.unit)):
                return Product(node.factors[:place]), unit
    return node, ""


def _are_of_one_kind(one: str, other: str) -> bool:
    first, second = convertible(one), convertible(other)
    return first is not None and second is not None and first.dimension == second.dimension


def _letter(factor: Node) -> str:
    if isinstance(factor, Symbol):
        return factor.name
    if isinstance(factor, Power) and isinstance(factor.base, Symbol) and isinstance(factor.exponent, Number):
        return f"{factor.base.name}^{factor.exponent.value}"
    return ""


def _one_without(
    wanted: Node, wanted_unit: str, value: Node, unit: str, options: Options, same_value: SameValue
) -> Outcome:
    """One of the two has nothing beside its value: a unit is left out, or what is left out is a factor."""
    left_out = same_value(wanted, value)
    if wanted_unit == "%" or unit == "%":
        parts = [same_value(_part(wanted, wanted_unit), _part(value, unit))]
    elif wanted_unit == "degree" or unit == "degree":
        parts = [same_value(_radians(wanted, wanted_unit), _radians(value, unit))]
    else:
        parts = []
    if options.unit_matters and wanted_unit:  # a unit is missing; what is left out as a factor is not
        return any_of(parts)
    return any_of([left_out, *parts])


def _part(value: Node, unit: str) -> Node:
    return _scaled(value, _HUNDREDTH) if unit == "%" else value


def _radians(value: Node, unit: str) -> Node:
    return Product((value, *_RADIANS)) if unit == "degree" else value


def _scaled(value: Node, factor: Fraction) -> Node:
    if isinstance(value, Number):
        return Number(value.value * factor, value.decimal)
    return value if factor == 1 else Product((Number(factor), value))


def _changed(wanted: Node, wanted_unit: str, value: Node, unit: str, same_value: SameValue) -> Outcome:
    """Two different units: the same measure of one kind, the same things in more or fewer words, or wrong."""
    if {wanted_unit, unit} == {"degree", "radian"}:
        return same_value(_radians(wanted, wanted_unit), _radians(value, unit))
    one, other = convertible(wanted_unit), convertible(unit)
    if one is not None and other is not None and one.dimension == other.dimension:
        return same_value(_scaled(wanted, one.factor), _scaled(value, other.factor))
    if _same_things(wanted_unit, unit):
        return same_value(wanted, value)
    return Outcome.DIFFERENT


def _same_things(one: str, other: str) -> bool:
    """Whether two names of counted things differ only in words before the noun: "red marble" and "marble"."""
    words, more = sorted((one.split(), other.split()), key=len)
    named = words[-1] == more[-1] and set(words) < set(more)
    return named and not any("/" in word or "^" in word or word in CANONICAL for word in more)
