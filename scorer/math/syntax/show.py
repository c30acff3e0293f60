r"""Canonical printing of trees, for people: `sqrt(2)/2`, `{1, 2}`, `(-inf, 3]`, `x = 5`. `parse` reads it again."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from scorer.math.syntax.tokens import GREEK, PLAIN_GREEK, WORDS
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
    NamedSet,
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
    Text,
)
from scorer.math.units import canonical_unit

_SUM, _PRODUCT, _POWER, _ATOM = range(4)
_OPERATIONS = {"union": r" \cup ", "intersection": r" \cap ", "difference": r" \setminus "}
_WORDY = {
    "in": r" \in ",
    "notin": r" \notin ",
    "subset": r" \subset ",
    "approx": r" \approx ",
    "equiv": r" \equiv ",
    "divides": r" \mid ",
}
_BRACKETS = {"{": r"\{", "}": r"\}", "<": r"\langle ", ">": r" \rangle"}
_PREFIXES = {"dollar": r"\$", "euro": "€", "gbp": "£", "rupee": "₹"}


def show(node: Node) -> str:
    """The text of a tree."""
    return _show(node, _SUM)


def _show(node: Node, place: int) -> str:
    """The text of a node, in round brackets where its place binds more tightly than it does."""
    text, rank = _PRINTERS[type(node)](node)
    return text if rank >= place else f"({text})"


def _joined(nodes: "tuple[Node, ...]", mark: str = ", ") -> str:
    return mark.join([_show(node, _SUM) for node in nodes])


def _number(node: Number) -> tuple[str, int]:
    value = node.value
    if value < 0:
        return f"-{_number(Number(-value, node.decimal))[0]}", _SUM
    if value.denominator == 1:
        return (f"{value.numerator}.0" if node.decimal else str(value.numerator)), _ATOM
    if node.decimal:
        return _decimal(value), _ATOM
    return f"{value.numerator}/{value.denominator}", _PRODUCT


def _decimal(value: Fraction) -> str:
    places = 0
    power = 1
    while power % value.denominator:
        power *= 10
        places += 1
    digits = str(value.numerator * (power // value.denominator)).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}"


def _name(name: str) -> str:
    head = name.rstrip("'")
    primes = name[len(head) :]
    letter, mark, subscript = head.partition("_")
    if letter in ("angle", "triangle"):
        return rf"\{letter} {_name(subscript)}"
    if letter in _GREEK:
        letter = f"\\{letter}"
    elif letter in ("e", "i") and not mark and not primes:
        letter = rf"\vec{{{letter}}}"
    if len(subscript) > 1 and not subscript.isdigit():
        subscript = f"{{{subscript}}}"
    return letter + mark + subscript + primes


def _sum(node: Sum) -> tuple[str, int]:
    text = ""
    for term in node.terms:
        part = _show(term, _PRODUCT) if not _is_negative(term) else _show(term, _SUM)
        if text:
            text += f" - {part[1:]}" if part[0] == "-" else f" + {part}"
        else:
            text = part
    return text, _SUM


def _is_negative(node: Node) -> bool:
    return isinstance(node, Product) and node.factors[0] == Number(Fraction(-1)) and len(node.factors) > 1


def _product(node: Product) -> tuple[str, int]:
    factors = node.factors
    if _is_negative(node):
        rest = factors[1] if len(factors) == 2 else Product(factors[1:])
        return f"-{_show(rest, _PRODUCT if len(factors) > 2 else _POWER)}", _SUM
    text = ""
    for factor in factors:
        if isinstance(factor, Power) and not factor.root and factor.exponent == Number(Fraction(-1)) and text:
            text += f"/{_show(factor.base, _POWER)}"
        elif text:
            text += f"*{_show(factor, _POWER)}"
        else:
            bare = isinstance(factor, Number) and _is_quotient(factors[1:2])
            text = _show(factor, _PRODUCT if bare else _POWER)
    return text, _PRODUCT


def _is_quotient(factors: "tuple[Node, ...]") -> bool:
    return all(isinstance(factor, Power) and factor.exponent == Number(Fraction(-1)) for factor in factors)


def _power(node: Power) -> tuple[str, int]:
    if node.root:
        degree = node.exponent
        if degree == Number(Fraction(1, 2)):
            return f"sqrt({_show(node.base, _SUM)})", _ATOM
        inner = Number(1 / degree.value) if isinstance(degree, Number) else degree
        if isinstance(inner, Power):
            inner = inner.base
        return rf"\sqrt[{_show(inner, _SUM)}]{{{_show(node.base, _SUM)}}}", _ATOM
    if node.exponent == Number(Fraction(-1)):
        return f"1/{_show(node.base, _POWER)}", _PRODUCT
    exponent = _show(node.exponent, _SUM)
    exponent = exponent if (exponent.isdigit() and exponent != "1") or exponent.isalpha() else f"({exponent})"
    return f"{_show(node.base, _ATOM)}^{exponent}", _POWER


def _plus_minus(node: PlusMinus) -> tuple[str, int]:
    sign = r"\mp" if node.minus_first else r"\pm"
    left = "" if node.left is None else f"{_show(node.left, _SUM)} "
    return rf"{left}{sign} {_show(node.right, _PRODUCT)}", _SUM


def _call(node: Call) -> tuple[str, int]:
    arguments = node.arguments
    if node.function == "abs":
        return rf"\lvert {_show(arguments[0], _SUM)}\rvert", _ATOM
    if node.function in ("factorial", "double_factorial"):
        marks = "!" if node.function == "factorial" else "!!"
        return f"{_show(arguments[0], _ATOM)}{marks}", _POWER
    if node.function == "mod":
        return f"{_show(arguments[0], _PRODUCT)} mod {_show(arguments[1], _POWER)}", _SUM
    if node.function == "binomial":
        return rf"\binom{{{_show(arguments[0], _SUM)}}}{{{_show(arguments[1], _SUM)}}}", _ATOM
    if node.function == "permutations":
        return rf"P_{{{_show(arguments[0], _SUM)}}}^{{{_show(arguments[1], _SUM)}}}", _ATOM
    if node.function == "log" and len(arguments) == 2:
        return rf"\log_{{{_show(arguments[0], _SUM)}}}({_show(arguments[1], _SUM)})", _ATOM
    if node.function == "conjugate":
        return rf"\overline{{({_show(arguments[0], _SUM)})}}", _ATOM
    if node.function == "norm":
        return rf"\lVert {_show(arguments[0], _SUM)}\rVert", _ATOM
    name = node.function if node.function in WORDS else f"\\{node.function}"
    return f"{name}({_joined(arguments)})", _ATOM


def _apply(node: Apply) -> tuple[str, int]:
    inverse = node.name.endswith("^-1")
    name = _name(node.name.removesuffix("^-1")) + ("^{-1}" if inverse else "")
    return f"{name}({_joined(node.arguments)})", _ATOM


def _big(node: Big) -> tuple[str, int]:
    variable = node.variable if len(node.variable) == 1 else _name(node.variable)
    if node.kind == "limit":
        assert node.lower is not None
        return rf"\lim_{{{variable} \to {_show(node.lower, _SUM)}}} {_show(node.body, _PRODUCT)}", _SUM
    bounds = ""
    if node.lower is not None and node.upper is not None:
        start = "" if node.kind == "integral" else f"{variable}="
        bounds = f"_{{{start}{_show(node.lower, _SUM)}}}^{{{_show(node.upper, _SUM)}}}"
    if node.kind == "integral":
        return rf"\int{bounds} {_show(node.body, _SUM)} d{variable}", _SUM
    return rf"\{'sum' if node.kind == 'sum' else 'prod'}{bounds} {_show(node.body, _PRODUCT)}", _SUM


def _quantity(node: Quantity) -> tuple[str, int]:
    if node.unit == "%":
        return f"{_show(node.value, _ATOM)}%", _PRODUCT
    if node.unit == "degree":
        return f"{_show(node.value, _ATOM)}°", _PRODUCT
    if node.unit in _PREFIXES:
        return f"{_PREFIXES[node.unit]}{_show(node.value, _ATOM)}", _PRODUCT
    head, mark, power = node.unit.partition("^")
    known = canonical_unit(rf"\text{{ {node.unit}}}") == node.unit
    unit = node.unit if known else f"{head}s{mark}{power}"
    return rf"{_show(node.value, _PRODUCT)} \text{{{unit}}}", _SUM


def _relation(node: Relation) -> tuple[str, int]:
    text = _show(node.sides[0], _SUM)
    for operator, side in zip(node.operators, node.sides[1:], strict=True):
        text += _WORDY.get(operator, f" {operator} ")
        if operator == "equiv" and isinstance(side, Call) and side.function == "mod":
            text += rf"{_show(side.arguments[0], _SUM)} \pmod{{{_show(side.arguments[1], _SUM)}}}"
        else:
            text += _show(side, _SUM)
    return text, _SUM


def _group(node: Group) -> tuple[str, int]:
    opening = _BRACKETS.get(node.opening, node.opening)
    closing = _BRACKETS.get(node.closing, node.closing)
    return f"{opening}{_joined(node.items)}{closing}", _ATOM


def _list(node: List) -> tuple[str, int]:
    if node.joined_by == "or":
        return " or ".join([_joined(i.items, "; ") if isinstance(i, List) else show(i) for i in node.items]), _SUM
    mark = "; " if any(isinstance(item, List) for item in node.items) else ", "
    return _joined(node.items, mark), _SUM


def _set_builder(node: SetBuilder) -> tuple[str, int]:
    return rf"\{{{_show(node.element, _SUM)} \mid {_joined(node.conditions)}\}}", _ATOM


def _set_operation(node: SetOperation) -> tuple[str, int]:
    return _OPERATIONS[node.operation].join([_show(operand, _PRODUCT) for operand in node.operands]), _SUM


def _named_set(node: NamedSet) -> tuple[str, int]:
    if node.name == "empty":
        return r"\emptyset", _ATOM
    letter, mark = node.name[0], node.name[1:]
    subscript = {"0+": r"_{\ge 0}", "0-": r"_{\le 0}", "0": "_0"}.get(mark, f"^{{{mark}}}" if mark else "")
    return rf"\mathbb{{{letter}}}{subscript}", _ATOM


def _matrix(node: Matrix) -> tuple[str, int]:
    name = "vmatrix" if node.determinant else "pmatrix"
    rows = r" \\ ".join([" & ".join([_show(entry, _SUM) for entry in row]) for row in node.rows])
    return rf"\begin{{{name}}}{rows}\end{{{name}}}", _ATOM


def _cases(node: Cases) -> tuple[str, int]:
    rows = [
        _show(value, _SUM) if condition is None else f"{_show(value, _SUM)} & {_show(condition, _SUM)}"
        for value, condition in node.branches
    ]
    lines = r" \\ ".join(rows)
    return rf"\begin{{cases}}{lines}\end{{cases}}", _ATOM


def _labelled(node: Labelled) -> tuple[str, int]:
    body = _show(node.body, _SUM)
    return f"{node.label} = {body}" if isinstance(node.body, Group) else f"({node.label}) {body}", _SUM


_GREEK = frozenset(GREEK) - PLAIN_GREEK
_PRINTERS: dict[type, Callable[[Any], tuple[str, int]]] = {
    Number: _number,
    Based: lambda node: (f"{node.digits}_{{{node.base}}}", _ATOM),
    Symbol: lambda node: (_name(node.name), _ATOM),
    Constant: lambda node: ({"infinity": "inf"}.get(node.name, node.name), _ATOM),
    Sum: _sum,
    Product: _product,
    Power: _power,
    PlusMinus: _plus_minus,
    Call: _call,
    Apply: _apply,
    Big: _big,
    Quantity: _quantity,
    Relation: _relation,
    Group: _group,
    List: _list,
    SetBuilder: _set_builder,
    SetOperation: _set_operation,
    NamedSet: _named_set,
    Matrix: _matrix,
    Cases: _cases,
    Ratio: lambda node: (":".join([_show(part, _SUM) for part in node.parts]), _SUM),
    Labelled: _labelled,
    Text: lambda node: (rf"\text{{{node.words}}}", _ATOM),
}
