"""Sums and multiples of matrices and vectors worked out: `(1, 2) + t(3, 4)`, half a matrix."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from scorer.math.answers.match import check_size
from scorer.math.answers.multiplied import multiplied, raised
from scorer.math.answers.trees import is_expression
from scorer.math.syntax.tree import Group, Matrix, Node, Number, Power, Product, Sum, Symbol

_TRANSPOSED = frozenset({"T", "t", "top"})


def worked_out(node: Node) -> Node:
    """A node with the sums, multiples and transposes of matrices and vectors in it worked out, where they have one."""
    if isinstance(node, Product):
        return _multiple(tuple(map(worked_out, node.factors))) or multiplied(node.factors) or node
    if isinstance(node, Sum):
        return _sum(tuple(map(worked_out, node.terms))) or node
    if isinstance(node, Power) and isinstance(node.exponent, Symbol) and node.exponent.name in _TRANSPOSED:
        return _transposed(node.base) or node
    return (raised(node) or node) if isinstance(node, Power) else node


def _is_array(node: Node) -> bool:
    if isinstance(node, Group):
        return node.opening in "(<[" and bool(node.items) and all(map(is_expression, node.items))
    return isinstance(node, Matrix) and not node.determinant


def _multiple(factors: tuple[Node, ...]) -> Node | None:
    arrays = [factor for factor in factors if _is_array(factor)]
    scalars = tuple(factor for factor in factors if not _is_array(factor))
    if len(arrays) != 1 or not all(map(is_expression, scalars)):
        return None
    return _each(arrays, lambda entries: Product((*scalars, *entries)))


def _sum(terms: tuple[Node, ...]) -> Node | None:
    return _each(terms, Sum) if all(map(_is_array, terms)) else None


def _each(arrays: Sequence[Node], combined: Callable[[tuple[Node, ...]], Node]) -> Node | None:
    """Works entry by entry on matrices of one size, or on vectors of one length."""
    matrices = [array.rows for array in arrays if isinstance(array, Matrix)]
    if len(matrices) == len(arrays):
        if len({(len(rows), *map(len, rows)) for rows in matrices}) != 1:
            return None
        check_size([entry for row in matrices[0] for entry in row])
        together = [zip(*rows, strict=True) for rows in zip(*matrices, strict=True)]
        return Matrix(tuple(tuple(map(combined, row)) for row in together))
    groups = [array for array in arrays if isinstance(array, Group)]
    if len(groups) != len(arrays) or len({len(group.items) for group in groups}) != 1:
        return None
    check_size(groups[0].items)
    items = zip(*(group.items for group in groups), strict=True)
    return Group(groups[0].opening, groups[0].closing, tuple(map(combined, items)))


def _transposed(node: Node) -> Node | None:
    if isinstance(node, Matrix) and not node.determinant and len(set(map(len, node.rows))) == 1:
        return Matrix(tuple(zip(*node.rows, strict=True)))
    if isinstance(node, Group) and _is_array(node):  # a row in brackets, said to be a column
        return Matrix(tuple((item,) for item in node.items))
    return None


def unit_vectors(node: Node, length: int) -> tuple[Node, ...] | None:
    r"""The components of `2\mathbf{i} - \mathbf{j}`; None when a node is no sum of multiples of unit vectors."""
    found: dict[str, list[Node]] = {}
    for term in node.terms if isinstance(node, Sum) else (node,):
        factors = term.factors if isinstance(term, Product) else (term,)
        units = [_unit(factor) for factor in factors]
        names = [name for name in units if name is not None]
        if len(names) != 1 or names[0] not in "ijk"[:length]:
            return None
        others = tuple(factor for factor, name in zip(factors, units, strict=True) if name is None)
        found.setdefault(names[0], []).append(Product(others) if others else Number(Fraction(1)))
    if "j" not in found and "k" not in found:
        return None
    return tuple(Sum(tuple(found[name])) if name in found else Number(Fraction(0)) for name in "ijk"[:length])


def _unit(node: Node) -> str | None:
    name = getattr(node, "name", "").removeprefix("hat_").removeprefix("vec_").rstrip("^'")
    return name if name in ("i", "j", "k") else None
