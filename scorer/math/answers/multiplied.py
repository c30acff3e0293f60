"""Products and powers of small matrices of rational numbers."""

from fractions import Fraction

from scorer.math import values
from scorer.math.answers.trees import is_expression
from scorer.math.syntax.tree import Matrix, Node, Number, Power

_LARGEST = 6
_HIGHEST_POWER = 64
_MOST_BITS = 400
Rows = list[list[Fraction]]


def multiplied(factors: tuple[Node, ...]) -> Matrix | None:
    """The product of matrices in their order; None when one is none, or they are large or do not fit."""
    found = [_rows(factor) for factor in factors]
    result = found[0]
    for rows in found[1:]:
        result = None if result is None or rows is None else _product(result, rows)
    return None if result is None else _matrix(result)


def raised(node: Power) -> Matrix | None:
    """A matrix to the power of a whole number from 1 to 64; None when it is something else, or gets large."""
    rows, exponent = _rows(node.base), node.exponent
    count = exponent.value if isinstance(exponent, Number) else Fraction(0)
    if rows is None or count.denominator != 1 or not 1 <= count <= _HIGHEST_POWER:
        return None
    result: Rows | None = rows
    for _ in range(int(count) - 1):
        result = None if result is None else _product(result, rows)
    return None if result is None else _matrix(result)


def _rows(node: Node) -> Rows | None:
    if isinstance(node, Power):
        node = raised(node) or node
    if not isinstance(node, Matrix) or node.determinant or max(len(node.rows), *map(len, node.rows)) > _LARGEST:
        return None
    found = [[values.exact(entry) if is_expression(entry) else None for entry in row] for row in node.rows]
    rows = [[entry for entry in row if entry is not None] for row in found]
    return rows if all(None not in row for row in found) and len(set(map(len, rows))) == 1 else None


def _product(left: Rows, right: Rows) -> Rows | None:
    if len(left[0]) != len(right):
        return None
    columns = list(zip(*right, strict=True))
    rows = [
        [sum((a * b for a, b in zip(row, column, strict=True)), start=Fraction(0)) for column in columns]
        for row in left
    ]
    large = any(
        max(entry.numerator.bit_length(), entry.denominator.bit_length()) > _MOST_BITS for row in rows for entry in row
    )
    return None if large else rows


def _matrix(rows: Rows) -> Matrix:
    return Matrix(tuple(tuple(Number(entry) for entry in row) for row in rows))
