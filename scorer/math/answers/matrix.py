r"""Rule "matrix": matrices against each other and against brackets in brackets; vectors by their components."""

from scorer.math.answers.context import Context
from scorer.math.answers.linear import unit_vectors
from scorer.math.answers.match import all_of, check_size, in_order
from scorer.math.answers.trees import contains, is_expression
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Cases, Group, Labelled, Matrix, Node, Relation

Rows = tuple[tuple[Node, ...], ...]


def judge(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Compares two answers of which at least one is a matrix, or one is a vector and the other a sum of unit vectors.

    A column or row and a tuple are left to the rule of collections.
    """
    golds, answers = _rows(gold), _rows(answer)
    if golds is not None and answers is not None and (isinstance(gold, Matrix) or isinstance(answer, Matrix)):
        check_size([*_entries(golds), *_entries(answers)])
        if [len(row) for row in golds] != [len(row) for row in answers]:
            return Outcome.DIFFERENT
        return all_of(context.same(left, right) for left, right in zip(_entries(golds), _entries(answers), strict=True))
    vector = _by_units(gold, answer, context)
    if vector is not None:
        return vector
    if not _is_matrix(gold) and not _is_matrix(answer):
        return None
    other = answer if _is_matrix(gold) else gold
    if isinstance(other, Relation | Labelled | Cases) or _is_vector(gold) or _is_vector(answer):
        return None
    return Outcome.UNKNOWN if contains(other, Matrix) and not is_expression(other) else Outcome.DIFFERENT


def _is_matrix(node: Node) -> bool:
    return isinstance(node, Matrix) and not node.determinant


def _is_vector(node: Node) -> bool:
    return isinstance(node, Matrix) and not node.determinant and 1 in (len(node.rows), len(node.rows[0]))


def _rows(node: Node) -> Rows | None:
    if isinstance(node, Matrix):
        return None if node.determinant else node.rows
    if isinstance(node, Group) and node.items and node.opening in "[(":
        rows = tuple(item.items for item in node.items if isinstance(item, Group) and item.opening in "[(")
        return rows if len(rows) == len(node.items) else None
    return None


def _entries(rows: Rows) -> list[Node]:
    return [entry for row in rows for entry in row]


def _by_units(gold: Node, answer: Node, context: Context) -> Outcome | None:
    golds, answers = _components(gold), _components(answer)
    if golds is not None and answers is None and is_expression(answer):
        answers = unit_vectors(answer, len(golds))
    elif answers is not None and golds is None and is_expression(gold):
        golds = unit_vectors(gold, len(answers))
    else:
        return None
    return None if golds is None or answers is None else in_order(golds, answers, context.same)


def _components(node: Node) -> tuple[Node, ...] | None:
    if isinstance(node, Matrix) and _is_vector(node):
        items = tuple(_entries(node.rows))
    elif isinstance(node, Group) and node.opening in "(<":
        items = node.items
    else:
        return None
    return items if len(items) in (2, 3) else None
