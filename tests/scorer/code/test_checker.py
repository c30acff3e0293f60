"""Checkers of tasks: what they are given, what they may answer, and who is to blame when they fail."""

import math
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.python_checker import _score_of
from scorer.errors import TaskError
from scorer.sandbox.guest import crossing

Judge = Callable[..., Awaitable[pb.Verdict]]
pytestmark = pytest.mark.asyncio(loop_scope="package")

ANY_FACTORS = """
def check(input, output, expected):
    a, b = map(int, output.split())
    return a * b == int(input) and a > 1 and b > 1
"""


def checked(source: str) -> pb.Checker:
    return pb.Checker(language="python", source=source)


def stdio(source: str, *cases: tuple[str, str]) -> pb.StdioTests:
    return pb.StdioTests(
        cases=[pb.StdioCase(input=given, output=output) for given, output in cases], checker=checked(source)
    )


def calls(source: str, arguments: str = "[]", expected: str = "", **more: str) -> pb.CallTests:
    case = pb.CallCase(arguments=arguments, expected=expected, **more)
    return pb.CallTests(cases=[case], checker=checked(source))


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("3 4", pb.REASON_PASSED), ("6 2", pb.REASON_PASSED), ("1 12", pb.REASON_WRONG_ANSWER),
        ("no numbers", pb.REASON_WRONG_ANSWER), ("", pb.REASON_WRONG_ANSWER), ("1 2 3", pb.REASON_WRONG_ANSWER),
    ],
)  # fmt: skip
async def test_one_of_several_right_outputs(judge: Judge, output: str, reason: int) -> None:
    verdict = await judge(source=f"print({output!r})", stdio=stdio(ANY_FACTORS, ("12", "2 6")))
    assert verdict.reason == reason, verdict
    without = await judge(source=f"print({output!r})", stdio=stdio(ANY_FACTORS, ("12", "")))
    assert without.reason == reason, without


@pytest.mark.parametrize(
    ("answer", "score"), [("True", 1), ("False", 0), ("1", 1), ("0", 0), ("0.25", 0.25), ("1.0", 1)]
)
async def test_what_a_checker_may_answer(judge: Judge, answer: str, score: float) -> None:
    source = f"def check(input, output, expected): return 1 if output == expected else {answer}"
    verdict = await judge(source="def f(): return 1", entry_point="f", calls=calls(source, expected="2"))
    assert verdict.cases[0].score == score and verdict.score == float(score == 1)
    partial = await judge(
        source="def f(): return 1", entry_point="f", calls=calls(source, expected="2"), partial_credit=True
    )
    assert partial.score == score and partial.correct == (score == 1)


async def test_a_checker_sees_plain_values_as_they_came(judge: Judge) -> None:
    source = (
        "def check(input, output, expected):\n"
        "    return (input == [[1, 'a'], {'k': None}] and expected == {'x': [True]}\n"
        "        and output == (1, {2, 3}, {4: b'5'}, frozenset([6]), 1j, 10**50, 'é') and type(output[1]) is set)"
    )
    program = "def f(a, b, k): return (1, {2, 3}, {4: b'5'}, frozenset([6]), 1j, 10**50, 'é')"
    tests = calls(source, '[1, "a"]', '{"x": [true]}', keyword_arguments='{"k": null}')
    assert (await judge(source=program, entry_point="f", calls=tests)).correct
    tests.cases[0].expected = ""
    tests.checker.source = "def check(input, output, expected): return expected is None"
    assert (await judge(source=program, entry_point="f", calls=tests)).correct


BROKEN = {
    "def check(": "does not compile",
    "x = 1": "does not define check",
    "import nothing_like_it\ndef check(i, o, e): return True": "ModuleNotFoundError in line 1",
    "def check(i, o, e): raise ValueError('8675309')": "ValueError in line 1",
    "def check(i, o, e): return None": "neither true",
    "def check(i, o, e): return 2": "neither true",
    "def check(i, o, e): return float('nan')": "neither true",
    "def check(i, o, e): return 'yes'": "neither true",
    "def check(i, o, e): return object()": "neither true",
    "import os\ndef check(i, o, e): os._exit(0)": "ended before it answered",
    "import os\ndef check(i, o, e): os.abort()": "SIGABRT",
    "def check(i, o, e): return 1 / (o == 'right') if o != e else 0": "gives what is expected 0",
}


@pytest.mark.parametrize("source", BROKEN)
async def test_a_checker_that_does_not_work_is_the_tasks_fault(judge: Judge, source: str) -> None:
    with pytest.raises(TaskError, match=BROKEN[source]) as caught:
        await judge(source="print('wrong')", stdio=stdio(source, ("", "expected")))
    assert caught.value.field == "code.stdio.checker.source"
    assert "8675309" not in caught.value.message


@pytest.mark.parametrize(
    "source",
    [
        "def check(i, o, e):\n    if o != e: raise ValueError(e)\n    return True",
        "def check(i, o, e): return True if o == e else None",
        "import os\ndef check(i, o, e):\n    if o != e: os._exit(0)\n    return True",
        "def check(i, o, e):\n    while o != e: pass\n    return True",
        "def check(i, o, e):\n    return o == e or bool([0] * 10**12)",
    ],
)
async def test_what_makes_a_working_checker_fail_is_wrong(judge: Judge, source: str) -> None:
    verdict = await judge(source="print('wrong', end='')", stdio=stdio(source, ("", "8675309")))
    assert (verdict.correct, verdict.score, verdict.reason) == (False, 0.0, pb.REASON_WRONG_ANSWER)
    assert "the checker failed on what came" in verdict.detail and "8675309" not in str(verdict)


async def test_without_anything_expected_a_checker_is_blamed_for_what_is_surely_its_own(judge: Judge) -> None:
    program = {"source": "def f(): return 'x'", "entry_point": "f"}
    for answer in ("int(o) > 0", "None", "o * 2", "2", "float('nan')", "-1"):
        verdict = await judge(**program, calls=calls(f"def check(i, o, e): return {answer}"))
        assert (verdict.score, verdict.reason) == (0, pb.REASON_WRONG_ANSWER), answer
    for source in ("def chek(i, o, e): return True", "1 / 0"):
        with pytest.raises(TaskError):
            await judge(**program, calls=calls(source))


async def test_values_that_are_slow_to_hash_only_slow_the_checkers_own_process(judge: Judge) -> None:
    program = "def f(): return [i * (2**61 - 1) for i in range(100_000)]"
    source = "def check(i, o, e): return o == e or len(set(o)) == 3"
    verdict = await judge(source=program, entry_point="f", calls=calls(source, expected="[]"))
    assert verdict.correct is False


async def test_a_candidate_has_nothing_in_common_with_its_checker(judge: Judge) -> None:
    program = (
        "import builtins, os, sys\nbuiltins.check = lambda *a: True\nsys.modules['check'] = None\n"
        "def check(*a): return True\ndef f():\n"
        "    try: os.write(3, b'x' * 10)\n    except OSError: pass\n    return 1\n"
    )
    for source in (
        "def check(i, o, e): return o == e",
        "import builtins\ndef check(i, o, e): return hasattr(builtins, 'check')",
    ):
        verdict = await judge(source=program, entry_point="f", calls=calls(source, expected="2"), show_expected=False)
        assert verdict.correct is False


async def test_what_cannot_be_a_score_is_none() -> None:
    def encoded(value: Any) -> bytes:
        writer = crossing.Writer(1 << 10)
        writer.write(value)
        return b"".join(writer.parts)

    for value in (math.nan, math.inf, -0.1, 1.1, 2, -1, 1j, "1", [1], None, b"1"):
        assert not isinstance(_score_of(encoded(value)), float)
    assert not isinstance(_score_of(b"garbage"), float)
