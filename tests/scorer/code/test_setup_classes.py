"""Instances of the setup's classes cross in every place where values do."""

import pytest

from codaserve.v1 import scorer_pb2 as pb
from tests.scorer.code.conftest import Judge

POINT = "class Pt:\n    def __init__(self, x): self.x = x\n"
NODE = (
    "class ListNode:\n"
    "    def __init__(self, val=0, next=None): self.val, self.next = val, next\n"
    "def made(values):\n"
    "    head = None\n"
    "    for value in reversed(values): head = ListNode(value, head)\n"
    "    return head\n"
    "def values(node): return [node.val, *values(node.next)] if node else []\n"
)
REVERSE = (
    "def g(head):\n"
    "    before = None\n"
    "    while head: head.next, before, head = before, head, head.next\n"
    "    return before\n"
)

# Setup, source, script, and a source that the same script has to refuse.
CASES = {
    "returned": (POINT, "def g(): return Pt(1)", "assert g().x == 1", "def g(): return Pt(2)"),
    "passed": (POINT, "def g(p): return p.x", "assert g(Pt(1)) == 1", "def g(p): return 2"),
    "passed by name": (POINT, "def g(p): return p.x", "assert g(p=Pt(1)) == 1", "def g(p): return 2"),
    "passed both ways": (POINT, "def g(p, q): return p.x - q.x", "assert g(Pt(3), q=Pt(1)) == 2", "def g(p, q): return 4"),
    "two of them": (POINT, "def g(p, q): return p.x - q.x", "assert g(Pt(3), Pt(1)) == 2", "def g(p, q): return q.x - p.x"),
    "passed and returned": (POINT, "def g(p): return p", "q = Pt(1)\nassert g(q) is q", "def g(p): return Pt(1)"),
    "changed": (POINT, "def g(p): p.x = 5", "q = Pt(1)\ng(q)\nassert q.x == 5", "def g(p): pass"),
    "in a list": (POINT, "def g(a): return sum(p.x for p in a)", "assert g([Pt(1), Pt(2)]) == 3", "def g(a): return 0"),
    "in a dict": (POINT, "def g(d): return d['k'].x", "assert g({'k': Pt([1])}) == [1]", "def g(d): return d"),
    "empty": ("class Pt: pass", "def g(p): return isinstance(p, Pt)", "assert g(Pt()) is True", "def g(p): return False"),
    "to a callback": (POINT, "def g(h): return h(Pt(2))", "assert g(lambda p: p.x) == 2", "def g(h): return h(Pt(3))"),
    "to a method": (POINT, "class S:\n    def f(self, p): return p.x", "assert S().f(Pt(4)) == 4", "class S:\n    def f(self, p): return 3"),
    "linked": (NODE, REVERSE, "assert values(g(made([1, 2, 3]))) == [3, 2, 1]", "def g(head): return head"),
    "data classes": ("from dataclasses import dataclass\n@dataclass\nclass D:\n    x: int", "def g(d): return D(d.x + 1)", "assert g(D(1)) == D(2)", "def g(d): return d"),
}  # fmt: skip
# ruff: noqa: E501


@pytest.mark.parametrize("shared", [False, True], ids=["paired", "shared"])
@pytest.mark.parametrize("name", CASES)
async def test_instances_of_the_setups_classes(judge: Judge, name: str, shared: bool) -> None:
    setup, right, script, wrong = CASES[name]
    tests = pb.AssertTests(setup=setup, script=script, shared_process=shared)
    verdict = await judge(source=right, asserts=tests)
    assert verdict.correct, verdict
    verdict = await judge(source=wrong, asserts=tests)
    assert verdict.correct is False and verdict.reason == pb.REASON_ASSERTION_FAILED, verdict
