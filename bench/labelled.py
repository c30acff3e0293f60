"""Labelled answers as score items: (item, should it be accepted)."""

import ast
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from codaserve.v1 import scorer_pb2 as pb

DATA = Path(__file__).parent.parent / "tests" / "data"
MATH_SETS = ("gsm8k_reference", "gsm8k_model_solutions", "math_reference_right", "math_reference_wrong")
HARD_SETS = {
    "adversarial": 0.97,
    "hard_answers_judged": 0.92,  # some of its golds cannot be read, which makes their tasks failures
    "identities": 0.99,
    "rewritten_answers": 0.999,
    "synthetic_expressions": 1.0,
}
"""Sets that no verifier judges wholly as labelled, and the share that must be. None may have a false accept."""

# MATH solutions paired with another problem's gold, labelled wrong, that are right by accident.
RIGHT_BY_ACCIDENT = {"c/mathneg/test/1766"}  # π/9 against 20°: the same angle

Labelled = tuple[pb.ScoreItem, bool]


def math_items(name: str, folder: Path = DATA) -> list[Labelled]:
    """The items of one math set."""
    return [(_math_item(line), line["label"] or line["id"] in RIGHT_BY_ACCIDENT) for line in _lines(folder, name)]


def humaneval_canonical(folder: Path = DATA) -> list[Labelled]:
    """HumanEval's own solutions, all right."""
    return [
        (_humaneval_item(line, line["prompt"] + line["canonical_solution"]), True)
        for line in _lines(folder, "humaneval")
    ]


def humaneval_broken(folder: Path = DATA) -> list[Labelled]:
    """HumanEval's solutions with every value that the entry point returns made slightly wrong."""
    return [
        (_humaneval_item(line, break_solution(line["prompt"] + line["canonical_solution"], line["entry_point"])), False)
        for line in _lines(folder, "humaneval")
    ]


def break_solution(source: str, entry_point: str) -> str:
    """The program with each value returned by `entry_point` changed: a truth value negated, a number one more, a text
    or list one element longer, None an empty text."""
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == entry_point:
            _BreakReturns().visit(node)
    return f"{ast.unparse(tree)}\n\n{_BREAK}"


class _BreakReturns(ast.NodeTransformer):
    def __init__(self) -> None:
        self.inside = False

    def visit_Return(self, node: ast.Return) -> ast.Return:
        value = node.value or ast.Constant(None)
        return ast.Return(ast.Call(ast.Name("_broken", ast.Load()), [value], []))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if self.inside:  # a nested helper keeps its values: two changes could cancel out
            return node
        self.inside = True
        return self.generic_visit(node)


_BREAK = """
def _broken(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, (list, tuple)):
        return type(value)([*value, 0])
    return "" if value is None else None
"""


def _math_item(line: dict[str, Any]) -> pb.ScoreItem:
    task = pb.MathTask(gold=[line["gold"]])
    if "answer" in line:
        task.answer = line["answer"]
    else:
        task.response = line["response"]
    return pb.ScoreItem(id=line["id"], math=task)


def _humaneval_item(line: dict[str, Any], source: str) -> pb.ScoreItem:
    code = pb.CodeTask(
        language="python",
        source=source,
        entry_point=line["entry_point"],
        asserts=pb.AssertTests(script=line["test"]),
    )
    return pb.ScoreItem(id=line["task_id"], code=code)


def _lines(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
