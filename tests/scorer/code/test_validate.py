import math
from typing import Any

import pytest

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.settings import CodeSettings, RunLimitSettings
from scorer.code.validate import check_language, check_task, resolve_limits
from scorer.errors import TaskError

DEFAULT = pb.RunLimits(**RunLimitSettings().model_dump())
MOST = pb.RunLimits(**CodeSettings().max_run.model_dump())


def task(**fields: Any) -> pb.CodeTask:
    return pb.CodeTask(**{"language": "python", "source": "pass", **fields})


def calls(**fields: Any) -> pb.CodeTask:
    return task(entry_point="f", calls=pb.CallTests(cases=[pb.CallCase(**{"expected": "1", **fields})]))


def checked(kind: str, **fields: Any) -> Any:
    checker = pb.Checker(language="python", source="def check(input, output, expected): return True")
    if kind == "stdio":
        return pb.StdioTests(**{"cases": [pb.StdioCase()], "checker": checker, **fields})
    return pb.CallTests(**{"cases": [pb.CallCase()], "checker": checker, **fields})


@pytest.mark.parametrize(
    ("language", "code"), [("", pb.FAILURE_INVALID_TASK), ("cobol", pb.FAILURE_UNSUPPORTED_LANGUAGE)]
)
def test_missing_and_unknown_languages_are_told_apart(language: str, code: int) -> None:
    with pytest.raises(TaskError, match="python") as caught:
        check_language(task(language=language))
    assert (caught.value.code, caught.value.field) == (code, "code.language")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (pb.CodeTask(language="python", stdio=pb.StdioTests(cases=[pb.StdioCase()])), "code.response"),
        (task(), "code.tests"),
        (task(stdio=pb.StdioTests()), "code.stdio.cases"),
        (task(stdio=pb.StdioTests(cases=[pb.StdioCase()] * 4)), "code.stdio.cases"),
        (task(entry_point="f", calls=pb.CallTests()), "code.calls.cases"),
        (task(calls=pb.CallTests(cases=[pb.CallCase(expected="1")])), "code.entry_point"),
        (task(entry_point="f()", asserts=pb.AssertTests(script="f()")), "code.entry_point"),
        (task(entry_point="A().f", asserts=pb.AssertTests(script="A().f()")), "code.entry_point"),
        *(
            (task(entry_point=name, calls=pb.CallTests(cases=[pb.CallCase(expected="1")])), "code.entry_point")
            for name in ("A(1).f", "A()()..f", "A().", ".f", "().f", "a.b.c", "A().f()", "A.f g")
        ),
        (task(asserts=pb.AssertTests(script=" \n")), "code.asserts.script"),
        (task(asserts=pb.AssertTests(script="x = 1\ndef check(candidate): pass")), "code.entry_point"),
        (task(asserts=pb.AssertTests(script="async def check(candidate): pass")), "code.entry_point"),
        (task(asserts=pb.AssertTests(script="def check( c: Callable[[int], int], ): pass")), "code.entry_point"),
        (calls(arguments="{}"), "code.calls.cases[0].arguments"),
        (calls(arguments="[1,"), "code.calls.cases[0].arguments"),
        (calls(arguments="[" * 100_000), "code.calls.cases[0].arguments"),
        (calls(keyword_arguments="[]"), "code.calls.cases[0].keyword_arguments"),
        (calls(expected=""), "code.calls.cases[0].expected"),
        (calls(expected="nul"), "code.calls.cases[0].expected"),
        (calls(expected="9" * 5000), "code.calls.cases[0].expected"),
        (
            task(entry_point="f", calls=pb.CallTests(cases=[pb.CallCase(expected="1")], float_tolerance=math.nan)),
            "code.calls.float_tolerance",
        ),
        (task(stdio=pb.StdioTests(cases=[pb.StdioCase()], float_tolerance=0.1)), "code.stdio.float_tolerance"),
        (task(stdio=pb.StdioTests(cases=[pb.StdioCase()], float_tolerance=-1)), "code.stdio.float_tolerance"),
        (task(stdio=pb.StdioTests(cases=[pb.StdioCase()], comparison=99)), "code.stdio.comparison"),  # type: ignore[arg-type]
        (task(stdio=checked("stdio", comparison=pb.COMPARE_EXACT)), "code.stdio.comparison"),
        (task(stdio=checked("stdio", float_tolerance=0.1)), "code.stdio.float_tolerance"),
        (task(entry_point="f", calls=checked("calls", unordered=True)), "code.calls.unordered"),
        (task(stdio=checked("stdio", checker=pb.Checker(source="x"))), "code.stdio.checker.language"),
        (task(stdio=checked("stdio", checker=pb.Checker(language="cpp", source=" "))), "code.stdio.checker.source"),
        (task(stdio=checked("stdio", checker=pb.Checker(language="cobol", source="x"))), "code.stdio.checker.language"),
        (task(stdio=checked("stdio", checker=pb.Checker(language="python", source=" "))), "code.stdio.checker.source"),
        (
            task(
                entry_point="f",
                calls=pb.CallTests(cases=[pb.CallCase(expected="[[1.5]]")], unordered=True, float_tolerance=0.1),
            ),
            "code.calls.float_tolerance",
        ),
        (task(language="bash", entry_point="f", calls=pb.CallTests(cases=[pb.CallCase(expected="1")])), "code.tests"),
    ],
)
def test_malformed_tasks_are_refused_with_the_field(wrong: pb.CodeTask, field: str) -> None:
    with pytest.raises(TaskError) as caught:
        check_task(wrong, max_cases=3)
    assert caught.value.field == field
    assert caught.value.message


@pytest.mark.parametrize(
    "right",
    [
        task(stdio=pb.StdioTests(cases=[pb.StdioCase()] * 3)),
        task(stdio=pb.StdioTests(cases=[pb.StdioCase()], comparison=pb.COMPARE_TOKENS, float_tolerance=0.1)),
        task(stdio=checked("stdio")),
        task(stdio=checked("stdio", checker=pb.Checker(language="cpp", source="x"))),
        task(entry_point="f", calls=checked("calls", checker=pb.Checker(language="bash", source="x"))),
        task(entry_point="f", calls=checked("calls")),
        calls(),
        calls(arguments='[1, "a"]', keyword_arguments='{"k": null}', expected="NaN"),
        task(asserts=pb.AssertTests(script="assert True")),
        task(entry_point="f", asserts=pb.AssertTests(script="def check(candidate): pass")),
        task(asserts=pb.AssertTests(script="def check(got: list[int], want: list[int]): pass\ncheck(f(), [1])")),
    ],
)
def test_wellformed_tasks_are_accepted(right: pb.CodeTask) -> None:
    check_task(right, max_cases=3)


def test_limits_that_are_zero_take_the_default() -> None:
    limits = resolve_limits(pb.RunLimits(cpu_seconds=1.5), DEFAULT, MOST)
    assert limits.cpu_seconds == 1.5
    assert limits.memory_bytes == DEFAULT.memory_bytes


@pytest.mark.parametrize(
    "asked",
    [
        {"cpu_seconds": -1.0},
        {"wall_seconds": math.nan},
        {"cpu_seconds": math.inf},
        {"processes": 65},
        {"memory_bytes": 1},
    ],
)
def test_limits_out_of_bounds_are_refused_with_the_field(asked: dict[str, Any]) -> None:
    with pytest.raises(TaskError) as caught:
        resolve_limits(pb.RunLimits(**asked), DEFAULT, MOST)
    assert caught.value.field == f"code.limits.{next(iter(asked))}"


def test_default_limits_above_the_most_are_refused_at_start() -> None:
    with pytest.raises(ValueError, match=r"default_run\.cpu_seconds is above"):
        CodeSettings(default_run=RunLimitSettings(cpu_seconds=61))


@pytest.mark.parametrize(
    ("script", "entry_point"),
    [
        ("assert f(1)", ""),
        ("x = f(1)", ""),
        ("if __name__ == '__main__':\n    f()", ""),
        ("def check(candidate): assert candidate()", "f"),
        ("def check(candidate): assert candidate()", "Solution().f"),
        ("def check(candidate): assert candidate()\ncheck(f)", ""),
        ("for x in f():\n    assert x", ""),
        ("class T:\n    def test(self): assert f()\nT().test()", ""),
    ],
)
def test_scripts_that_do_something_are_taken(script: str, entry_point: str) -> None:
    check_task(task(entry_point=entry_point, asserts=pb.AssertTests(script=script)), 100)


@pytest.mark.parametrize(
    ("script", "entry_point", "text"),
    [
        ("def test_f():\n    assert f(1) == 1", "f", "asserts nothing"),
        (
            "import unittest\nLIMIT = 3\n@skip\nclass T(unittest.TestCase):\n    def test(self): f()",
            "",
            "asserts nothing",
        ),
        ("def check(candidate): assert candidate()", "", "name the function"),
        ("assert f(1)", "Solution().f", "does not define"),
    ],
)
def test_scripts_that_any_program_would_pass_are_refused(script: str, entry_point: str, text: str) -> None:
    with pytest.raises(TaskError, match=text):
        check_task(task(entry_point=entry_point, asserts=pb.AssertTests(script=script)), 100)
