"""Calls of methods, as puzzles with a class Solution want them."""

import json
from typing import Any

import pytest

from codaserve.v1 import scorer_pb2 as pb
from tests.scorer.code.conftest import Judge

COUNTER = """
class Base:
    made = 0
    def inherited(self, x): return x + 1

class Solution(Base):
    def __init__(self):
        self.calls = 0
        Solution.made += 1
    def f(self, x, *, by=1):
        self.calls += 1
        return [x * by, self.calls]
    @staticmethod
    def g(x): return [x, Solution.made]
    @classmethod
    def h(cls, x): return [x, cls.made]
    value = 3
    broken = property(lambda self: 1 / 0)
"""


def cases(*pairs: tuple[list[Any], Any]) -> pb.CallTests:
    return pb.CallTests(
        cases=[pb.CallCase(arguments=json.dumps(given), expected=json.dumps(out)) for given, out in pairs]
    )


@pytest.mark.parametrize(
    ("entry_point", "second"),
    [
        ("Solution().f", [2, 1]),  # each case has an instance of its own
        ("Solution.f", [2, 1]),
        ("Solution().g", [2, 2]),
        ("Solution.g", [2, 0]),
        ("Solution.h", [2, 0]),
        ("Solution().inherited", 3),
        ("Solution.inherited", 3),
    ],
)
async def test_methods_are_called_on_instances_of_their_own(judge: Judge, entry_point: str, second: Any) -> None:
    tests = cases(([0], "other"), ([2], second))
    verdict = await judge(source=COUNTER, entry_point=entry_point, calls=tests, partial_credit=True)
    assert [case.reason for case in verdict.cases] == [pb.REASON_WRONG_ANSWER, pb.REASON_PASSED], verdict


@pytest.mark.parametrize(
    ("entry_point", "detail"),
    [
        ("Other().f", "does not define the class Other"),
        ("made.f", "does not define the class made"),
        ("Solution().absent", "the class Solution of the program has no method absent"),
        ("Solution.value", "the class Solution of the program has no method value"),
        ("absent", "does not define the entry point"),
    ],
)
async def test_what_is_missing_is_named(judge: Judge, entry_point: str, detail: str) -> None:
    verdict = await judge(source=COUNTER, entry_point=entry_point, calls=cases(([1], 1)))
    assert verdict.reason == pb.REASON_MISSING_ENTRY_POINT and detail in verdict.detail, verdict


async def test_a_class_that_cannot_be_instantiated_fails_its_cases(judge: Judge) -> None:
    source = "class Solution:\n    def __init__(self, n): pass\n    def f(self): return 1"
    verdict = await judge(source=source, entry_point="Solution().f", calls=cases(([], 1)))
    assert verdict.reason == pb.REASON_RUNTIME_ERROR and "TypeError" in verdict.detail, verdict


async def test_the_block_with_the_class_is_the_program(judge: Judge) -> None:
    response = "```python\nclass Solution:\n    def f(self): return 1\n```\nUse:\n```python\nprint(Solution().f())\n```"
    verdict = await judge(response=response, entry_point="Solution().f", calls=cases(([], 1)))
    assert verdict.correct and verdict.extraction_rule == "fence_entry_point", verdict


@pytest.mark.parametrize("shared", [False, True], ids=["paired", "shared"])
async def test_methods_are_checked_by_scripts(judge: Judge, shared: bool) -> None:
    script = "def check(candidate):\n    assert candidate(2) == [2, 1]\n    assert candidate(3, by=2) == [6, 1]"
    tests = pb.AssertTests(script=script, shared_process=shared)
    verdict = await judge(source=COUNTER, entry_point="Solution().f", asserts=tests)
    assert verdict.correct, verdict
    wrong = COUNTER.replace("x * by", "x + by")
    verdict = await judge(source=wrong, entry_point="Solution().f", asserts=tests)
    assert verdict.correct is False and verdict.reason == pb.REASON_ASSERTION_FAILED, verdict
    by_itself = pb.AssertTests(script=f"{script}\ncheck(Solution().g)", shared_process=shared)
    assert (await judge(source=COUNTER, asserts=by_itself)).correct is False


async def test_coroutines_are_awaited(judge: Judge) -> None:
    verdict = await judge(source="async def f(x): return x + 1", entry_point="f", calls=cases(([1], 2), ([2], 3)))
    assert verdict.correct, verdict
