"""What a verdict shows of the first failing case, where the work stops, and what partial credit comes to."""

from collections.abc import Awaitable, Callable

import pytest

from codaserve.v1 import scorer_pb2 as pb

Judge = Callable[..., Awaitable[pb.Verdict]]
pytestmark = pytest.mark.asyncio(loop_scope="package")

CASES = [("1", "1"), ("2", "20"), ("3", "3"), ("4", "40")]
STDIO = pb.StdioTests(cases=[pb.StdioCase(input=given, output=output) for given, output in CASES])
CALLS = pb.CallTests(cases=[pb.CallCase(arguments=f"[{given}]", expected=output) for given, output in CASES])
KINDS = [
    {"source": "print(input())", "stdio": STDIO},
    {"source": "def f(x): return x", "entry_point": "f", "calls": CALLS},
]


@pytest.mark.parametrize("task", KINDS)
@pytest.mark.parametrize(
    ("options", "run", "score"),
    [
        ({}, 2, 0.0), ({"partial_credit": True}, 4, 0.5), ({"stop_early": False}, 4, 0.0),
        ({"partial_credit": True, "stop_early": True}, 2, 0.25),
    ],
)  # fmt: skip
async def test_where_the_work_stops(judge: Judge, task: dict, options: dict, run: int, score: float) -> None:  # type: ignore[type-arg]
    verdict = await judge(**task, **options)
    assert [case.skipped for case in verdict.cases] == [False] * run + [True] * (4 - run)
    assert (verdict.score, verdict.correct, verdict.reason) == (score, False, pb.REASON_WRONG_ANSWER)
    assert [case.score for case in verdict.cases[:run]] == [1.0, 0.0, 1.0, 0.0][:run]
    assert verdict.first_failure.case == 1


async def test_input_and_what_came_are_shown_and_what_is_expected_only_where_it_may_be(judge: Judge) -> None:
    by_output, by_value = [(await judge(**task)).first_failure for task in KINDS]
    assert (by_output.input, by_output.got, by_output.expected) == ("2", "2\n", "")
    assert (by_value.input, by_value.got, by_value.expected) == ("[2]", "2", "")
    for task in KINDS:
        verdict = await judge(**task, show_expected=True)
        assert verdict.first_failure.expected == "20" and "20" not in verdict.detail


async def test_nothing_is_shown_of_programs_that_pass_and_of_scripts_only_that_they_failed(judge: Judge) -> None:
    right = await judge(source="print(1)", stdio=pb.StdioTests(cases=[pb.StdioCase(output="1")]))
    assert not right.HasField("first_failure")
    script = await judge(
        source="def f(): return 1", asserts=pb.AssertTests(script="assert f() == 8675309"), show_expected=True
    )
    assert script.HasField("first_failure") and script.first_failure == pb.FirstFailure()


async def test_texts_are_cut_and_free_of_what_disturbs(judge: Judge) -> None:
    tests = pb.StdioTests(cases=[pb.StdioCase(input="i" * 5000, output="o" * 5000)])
    source = "import os; os.write(1, b'\\x1b[2J\\xff\\0' * 2000)"
    failure = (await judge(source=source, stdio=tests, show_expected=True)).first_failure
    assert failure.got.startswith("?[2J\ufffd?") and len(failure.got) == 1024
    assert (failure.input, failure.expected) == ("i" * 1024, "o" * 1024)


async def test_what_was_written_before_a_failure_is_shown(judge: Judge) -> None:
    verdict = await judge(source="print('so far')\n1 / 0", stdio=STDIO)
    assert verdict.reason == pb.REASON_RUNTIME_ERROR and verdict.first_failure.got == "so far\n"


async def test_forged_frames_are_no_failure_of_the_service(judge: Judge) -> None:
    source = (
        "import os, struct\ndef frame(body): return struct.pack('<I', len(body)) + body\n"
        "text = lambda t: b'S' + struct.pack('<I', len(t)) + t\n"
        "missing = b'U' + struct.pack('<I', 1) + text(b'missing')\n"
        "def f(x):\n    os.write(3, frame(missing))\n    os._exit(0)\n"
    )
    verdict = await judge(source=source, entry_point="f", calls=CALLS)
    assert verdict.correct is False and verdict.reason == pb.REASON_MISSING_ENTRY_POINT
