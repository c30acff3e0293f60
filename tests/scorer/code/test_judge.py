import asyncio
import resource
import threading
from collections.abc import Awaitable, Callable, Collection

import pytest

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.extract import Program, extract_program
from scorer.code.judge import CodeJudge
from scorer.code.languages import LanguageEntry
from scorer.errors import DeadlineExceeded, TaskError

Judge = Callable[..., Awaitable[pb.Verdict]]
pytestmark = pytest.mark.asyncio(loop_scope="package")

ADD = "def add(a, b):\n    return a + b\n"


def stdio(*pairs: tuple[str, str]) -> pb.StdioTests:
    return pb.StdioTests(cases=[pb.StdioCase(input=given, output=output) for given, output in pairs])


def calls(*cases: tuple[str, str], tolerance: float = 0.0) -> pb.CallTests:
    return pb.CallTests(
        cases=[pb.CallCase(arguments=given, expected=expected) for given, expected in cases], float_tolerance=tolerance
    )


async def test_a_right_program_passes_each_kind_of_test(judge: Judge) -> None:
    by_output = await judge(source="print(int(input()) * 2)", stdio=stdio(("2\n", "4"), ("5", "10\n")))
    by_value = await judge(source=ADD, entry_point="add", calls=calls(("[1, 2]", "3"), ('["a", "b"]', '"ab"')))
    by_script = await judge(source=ADD, entry_point="add", asserts=pb.AssertTests(script="assert add(1, 2) == 3"))
    for verdict, kind in ((by_output, "stdio"), (by_value, "calls"), (by_script, "asserts")):
        assert verdict.correct and verdict.score == 1.0, verdict
        assert verdict.reason == pb.REASON_PASSED
        assert {case.reason for case in verdict.cases} == {pb.REASON_PASSED}
        assert (verdict.matched_rule, verdict.extraction_rule) == (kind, "given")
        assert verdict.wall_seconds > 0 and verdict.cpu_seconds > 0 and verdict.peak_memory_bytes > 0
        assert verdict.verifier_version


async def test_the_program_is_taken_from_the_response(judge: Judge) -> None:
    verdict = await judge(response=f"Sure.\n```python\n{ADD}```", entry_point="add", calls=calls(("[1, 2]", "3")))
    assert verdict.correct and verdict.extraction_rule == "fence_entry_point"


@pytest.mark.parametrize("submission", [{"response": ""}, {"response": " \n"}, {"source": ""}])
async def test_no_program_is_no_answer(judge: Judge, submission: dict[str, str]) -> None:
    verdict = await judge(**submission, stdio=stdio(("", "")))
    assert (verdict.correct, verdict.score, verdict.reason) == (False, 0.0, pb.REASON_NO_ANSWER)
    assert verdict.HasField("correct") and verdict.HasField("score")


async def test_without_partial_credit_the_first_failing_case_decides(judge: Judge) -> None:
    program = {"source": "print(input())", "stdio": stdio(("1", "1"), ("2", "3"), ("4", "4"))}
    for fields in (
        program,
        {"source": ADD, "entry_point": "add", "calls": calls(("[1,1]", "2"), ("[1,1]", "3"), ("[1,1]", "2"))},
    ):
        verdict = await judge(**fields)
        assert (verdict.correct, verdict.score, verdict.reason) == (False, 0.0, pb.REASON_WRONG_ANSWER)
        assert [case.skipped for case in verdict.cases] == [False, False, True]
        assert verdict.cases[2].reason == pb.REASON_UNSPECIFIED
        assert "case 2 of 3" in verdict.detail


async def test_partial_credit_is_the_share_of_passed_cases(judge: Judge) -> None:
    source = "import os\ndef f(x):\n    if x == 1: raise ValueError\n    if x == 2: os._exit(0)\n    return x\n"
    cases = calls(("[0]", "0"), ("[1]", "1"), ("[2]", "2"), ("[3]", "3"), ("[4]", "5"))
    verdict = await judge(source=source, entry_point="f", calls=cases, partial_credit=True)
    assert verdict.score == pytest.approx(0.4) and not verdict.correct
    assert [case.reason for case in verdict.cases] == [
        pb.REASON_PASSED, pb.REASON_RUNTIME_ERROR, pb.REASON_RUNTIME_ERROR, pb.REASON_PASSED, pb.REASON_WRONG_ANSWER,
    ]  # fmt: skip
    program = "x = int(input())\nprint(x if x else 1 / x)"
    verdict = await judge(
        source=program, stdio=stdio(("1", "1"), ("0", "0"), ("2", "2"), ("3", "4")), partial_credit=True
    )
    assert verdict.score == 0.5 and not any(case.skipped for case in verdict.cases)


async def test_a_program_that_fails_to_load_fails_every_case(judge: Judge) -> None:
    cases = calls(("[]", "1"), ("[]", "1"))
    verdict = await judge(source="1 / 0", entry_point="f", calls=cases, partial_credit=True)
    assert verdict.score == 0.0 and [case.reason for case in verdict.cases] == [pb.REASON_RUNTIME_ERROR] * 2


async def test_a_case_at_which_the_run_ends_is_judged_with_limits_of_its_own(judge: Judge) -> None:
    source = "import time\ndef f(x):\n    while time.process_time() < x: pass\n    return x\n"
    limits = pb.RunLimits(cpu_seconds=0.4)
    cases = calls(("[0.3]", "0.3"), ("[0.5]", "0.5"), ("[0.1]", "0.1"))
    verdict = await judge(source=source, entry_point="f", calls=cases, limits=limits, partial_credit=True)
    assert [case.reason for case in verdict.cases] == [pb.REASON_PASSED, pb.REASON_TIME_LIMIT, pb.REASON_PASSED]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def f(:", pb.REASON_COMPILE_ERROR),
        ("\x00", pb.REASON_COMPILE_ERROR),
        ("x = " + "(" * 5000, pb.REASON_COMPILE_ERROR),
        ("x = " + "-" * 100_000 + "1", pb.REASON_COMPILE_ERROR),
        ("def g(): pass", pb.REASON_MISSING_ENTRY_POINT),
        ("f = 3", pb.REASON_MISSING_ENTRY_POINT),
        ("def f(): return {1, 2}", pb.REASON_WRONG_ANSWER),
        ("def f(): return f", pb.REASON_INVALID_VALUE),
        ("def f(): return 'x' * 10**7", pb.REASON_INVALID_VALUE),
        ("def f():\n    x = []\n    x.append(x)\n    return x", pb.REASON_INVALID_VALUE),
        ("class E(int):\n    __eq__ = lambda s, o: True\n\ndef f(): return E()", pb.REASON_WRONG_ANSWER),
        ("def f(): return f()", pb.REASON_RUNTIME_ERROR),
        ("import sys\ndef f(): sys.exit(0)", pb.REASON_RUNTIME_ERROR),
        ("import os\ndef f(): os._exit(0)", pb.REASON_RUNTIME_ERROR),
        ("import os\nos._exit(0)", pb.REASON_RUNTIME_ERROR),
        ("def f(): return True", pb.REASON_WRONG_ANSWER),
        ("import os\ndef f():\n    os.closerange(0, 256)\n    return 1", pb.REASON_RUNTIME_ERROR),
        ("import os\ndef f():\n    os.write(3, bytes(1000))\n    return 1", pb.REASON_RUNTIME_ERROR),
    ],
)  # fmt: skip
async def test_calls_fail_for_the_right_reason(judge: Judge, source: str, reason: int) -> None:
    verdict = await judge(source=source, entry_point="f", calls=calls(("[]", "1")))
    assert (verdict.correct, verdict.score, verdict.reason) == (False, 0.0, reason), verdict


async def test_what_a_candidate_prints_does_not_disturb_its_values(judge: Judge) -> None:
    source = (
        "import os, sys\ndef f():\n    print('x' * 9999); sys.stdout.close(); os.close(1); os.close(2)\n    return 1"
    )
    assert (await judge(source=source, entry_point="f", calls=calls(("[]", "1")))).correct


async def test_keyword_arguments_and_tolerance_are_used(judge: Judge) -> None:
    case = pb.CallCase(arguments="[1]", keyword_arguments='{"b": 0.1}', expected="1.1")
    tests = pb.CallTests(cases=[case], float_tolerance=1e-9)
    assert (await judge(source=ADD, entry_point="add", calls=tests)).correct


async def test_details_hold_no_expected_values(judge: Judge) -> None:
    secret = "8675309"
    verdicts = [
        await judge(source="print(1)", stdio=stdio(("", secret))),
        await judge(source="def f(): return 1", entry_point="f", calls=calls(("[]", secret))),
        await judge(
            source="def f(): return 1",
            asserts=pb.AssertTests(script=f"assert f() == {secret}, 'not {secret}'"),
        ),
        await judge(source="def f(): return 1", asserts=pb.AssertTests(script=f"raise ValueError({secret})")),
        await judge(
            source="def f(): return 1",
            asserts=pb.AssertTests(
                setup="def eq(a, b):\n    assert a == b, f'expected {b}'", script=f"eq(f(), {secret})"
            ),
        ),
    ]
    assert not [verdict for verdict in verdicts if secret in str(verdict)]
    assert [verdict.reason for verdict in verdicts] == [
        pb.REASON_WRONG_ANSWER, pb.REASON_WRONG_ANSWER, pb.REASON_ASSERTION_FAILED, pb.REASON_RUNTIME_ERROR,
        pb.REASON_ASSERTION_FAILED,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def f(x): return x", pb.REASON_PASSED),
        ("def f(x): return -x", pb.REASON_ASSERTION_FAILED),
        ("def f(x): assert x < 0", pb.REASON_RUNTIME_ERROR),
        ("def g(x): return x", pb.REASON_MISSING_ENTRY_POINT),
        ("def f(x):", pb.REASON_COMPILE_ERROR),
        ("import os; os._exit(0)", pb.REASON_RUNTIME_ERROR),
        ("import sys; sys.exit(0)", pb.REASON_RUNTIME_ERROR),
        ("import os, sys\ndef f(x): os._exit(0)", pb.REASON_RUNTIME_ERROR),
        ("raise SystemExit", pb.REASON_RUNTIME_ERROR),
        ("def check(a, b): return 1\ndef f(x): return x", pb.REASON_PASSED),
    ],
)
async def test_assert_scripts_pass_only_at_their_end(judge: Judge, source: str, reason: int) -> None:
    for script in ("assert f(1) == 1", "def check(candidate):\n    assert candidate(1) == 1"):
        verdict = await judge(source=source, entry_point="f", asserts=pb.AssertTests(script=script))
        assert verdict.reason == reason, (script, verdict)
        assert verdict.correct == (reason == pb.REASON_PASSED) and len(verdict.cases) == 1


@pytest.mark.parametrize("exit_", ["exit()", "quit()", "exit(0)", "sys.exit()"])
async def test_a_program_may_end_itself_as_any_script_may(judge: Judge, exit_: str) -> None:
    source = f"import sys\nprint('ok')\n{exit_}\nprint('not reached')"
    assert (await judge(source=source, stdio=stdio(("", "ok")))).correct
    early = f"import sys\ndef f(): {exit_}"
    for tests in ({"asserts": pb.AssertTests(script="f()")}, {"calls": calls(("[]", "null"))}):
        verdict = await judge(source=early, entry_point="f", **tests)
        assert (verdict.correct, verdict.reason) == (False, pb.REASON_RUNTIME_ERROR)


@pytest.mark.parametrize(
    "after",
    [
        "sys.stdout.close()",
        "sys.stderr.close()",
        "sys.stdout = None",
        "sys.stdout = sys.stderr = None",
        "del sys.stdout",
        "sys.stdout = open('/dev/null', 'w')",
    ],
)
async def test_streams_that_a_program_closes_or_replaces_lose_nothing(judge: Judge, after: str) -> None:
    verdict = await judge(source=f"import sys\nprint('ok')\n{after}", stdio=stdio(("", "ok")))
    assert verdict.correct, verdict


async def test_output_that_cannot_be_flushed_is_a_failure(judge: Judge) -> None:
    source = "import os\nprint('ok')\nos.close(1)"
    assert (await judge(source=source, stdio=stdio(("", "")))).reason == pb.REASON_RUNTIME_ERROR


@pytest.mark.parametrize(
    "script",
    [
        "async def check(candidate):\n    assert candidate(1) == 1",
        "import asyncio\nasync def check(candidate):\n    await asyncio.sleep(0)\n    assert candidate(1) == 1",
        "def check(candidate, times=2):\n    assert candidate(1) == 1",
        "def check(candidate=None):\n    assert candidate(1) == 1",
        "def check(*candidates):\n    assert candidates[0](1) == 1",
        "check = lambda candidate: [][candidate(1) - 1:][0] if candidate(1) != 1 else None",
        "def check(got, want): assert got == want\ncheck(f(1), 1)",
        "def check(*, got, want): assert got == want\ncheck(got=f(1), want=1)",
        "def check(): assert f(1) == 1\ncheck()",
    ],
)
async def test_check_is_run_to_its_end_and_helpers_of_that_name_are_left_alone(judge: Judge, script: str) -> None:
    tests = pb.AssertTests(script=script)
    assert (await judge(source="def f(x): return x", entry_point="f", asserts=tests)).correct
    assert (await judge(source="def f(x): return x + 2", entry_point="f", asserts=tests)).correct is False


@pytest.mark.parametrize("submission", ["source", "response"])
async def test_a_byte_order_mark_is_skipped(judge: Judge, submission: str) -> None:
    assert (await judge(**{submission: "\ufeffprint('ok')"}, stdio=stdio(("", "ok")))).correct


async def test_a_large_response_is_read_beside_the_loop(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []

    def extract(response: str, language: LanguageEntry, wanted: Collection[str]) -> Program | None:
        threads.append(threading.current_thread())
        return extract_program(response, language, wanted)

    monkeypatch.setattr("scorer.code.judge.extract_program", extract)
    response = "~~~\n" * 50_000 + "~~~python\nprint('ok')\n"
    assert (await judge(response=response, stdio=stdio(("", "ok")))).correct
    assert (await judge(response="```\nprint('ok')", stdio=stdio(("", "ok")))).correct
    assert [thread is threading.main_thread() for thread in threads] == [False, True]


async def test_the_setup_runs_before_the_program(judge: Judge) -> None:
    tests = pb.AssertTests(setup="import math", script="assert area(1) == math.pi")
    assert (await judge(source="def area(r): return math.pi * r * r", asserts=tests)).correct


@pytest.mark.parametrize(
    ("tests", "field"),
    [
        (pb.AssertTests(script="assert ("), "code.asserts.script"),
        (pb.AssertTests(setup="def", script="pass"), "code.asserts.setup"),
        (pb.AssertTests(setup="import nothing_of_that_name", script="pass"), "code.asserts.setup"),
        (pb.AssertTests(setup="while True: pass", script="pass"), "code.asserts.setup"),
    ],
)
async def test_tests_that_cannot_work_are_the_tasks_fault(judge: Judge, tests: pb.AssertTests, field: str) -> None:
    with pytest.raises(TaskError) as caught:
        await judge(source="pass", asserts=tests, limits=pb.RunLimits(cpu_seconds=0.3))
    assert caught.value.field == field


async def test_output_that_is_not_text_is_a_wrong_answer(judge: Judge) -> None:
    source = "import os; os.write(1, bytes([255, 0, 254, 27]))"
    assert (await judge(source=source, stdio=stdio(("", "ok")))).reason == pb.REASON_WRONG_ANSWER


async def test_a_program_may_use_an_event_loop_and_its_scratch_folder(judge: Judge, code_judge: CodeJudge) -> None:
    source = "import asyncio\nasync def main(): await asyncio.sleep(0); print('done')\nasyncio.run(main())"
    assert (await judge(source=source, stdio=stdio(("", "done")))).correct
    if any(layer.name == "mount_namespace" and layer.active for layer in code_judge.isolation):
        source = "open('x', 'w').write('kept'); print(open('x').read(), end=''); open('/tmp/y', 'w').close()"
        assert (await judge(source=source, stdio=stdio(("", "kept")))).correct


async def test_the_profile_says_whether_a_program_may_have_processes(judge: Judge, code_judge: CodeJudge) -> None:
    threads = "import threading\nt = threading.Thread(target=print, args=('a',)); t.start(); t.join()\n"
    source = (
        threads + "import subprocess\nprint(subprocess.run(['/bin/echo', 'b'], capture_output=True, text=True).stdout)"
    )
    task = {"source": source, "stdio": stdio(("", "a\nb"))}
    assert (await judge(**task)).reason == pb.REASON_FORBIDDEN_OPERATION
    assert (await judge(source=threads, stdio=stdio(("", "a")))).correct
    if pb.PROFILE_PROC in code_judge.profiles:
        assert (await judge(**task, profile=pb.PROFILE_PROC)).correct
    else:
        with pytest.raises(TaskError, match="a server that has it") as caught:
            await judge(**task, profile=pb.PROFILE_PROC)
        assert caught.value.field == "code.profile"


async def test_a_deadline_that_passes_is_no_verdict(code_judge: CodeJudge) -> None:
    task = pb.CodeTask(language="python", source="while True: pass", stdio=stdio(("", "")))
    with pytest.raises(DeadlineExceeded):
        await code_judge.judge(task, deadline=asyncio.get_running_loop().time() + 0.2)


async def test_what_the_judge_says_of_itself(code_judge: CodeJudge) -> None:
    assert code_judge.languages[0].name == "python"
    assert code_judge.languages[0].version.startswith("3.")
    assert len(code_judge.isolation) == 11
    assert code_judge.default_run.cpu_seconds == 5.0


PLAIN = {
    "__import__('collections').Counter('a')": '{"a": 1}',
    "__import__('collections').defaultdict(int, a=1)": '{"a": 1}',
    "__import__('collections').OrderedDict(a=1)": '{"a": 1}',
    "__import__('collections').namedtuple('P', 'x y')(1, 2)": "[1, 2]",
    "__import__('collections').deque([1])": "[1]",
    "{'a': 1}.keys()": '["a"]',
    "range(3)": "[0, 1, 2]",
    "map(int, '12')": "[1, 2]",
    "(x for x in [1, (2, range(1))])": "[1, [2, [0]]]",
    "__import__('fractions').Fraction(1, 2)": "0.5",
    "__import__('decimal').Decimal('7')": "7",
    "__import__('http').HTTPStatus.OK": "200",
}


@pytest.mark.parametrize("returned", PLAIN)
async def test_containers_and_numbers_of_pythons_own_are_the_plain_data_that_they_are(
    judge: Judge, returned: str
) -> None:
    for source, correct in ((f"def f(): return {returned}", True), ("def f(): return [7.5]", False)):
        tests = pb.CallTests(cases=[pb.CallCase(expected=PLAIN[returned])])
        verdict = await judge(source=source, entry_point="f", calls=tests)
        assert verdict.correct is correct, verdict


async def test_a_program_may_raise_its_own_limit_of_the_stack(judge: Judge) -> None:
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    source = f"import resource\nresource.setrlimit(resource.RLIMIT_STACK, (2**26, {hard}))\nprint(1)"
    verdict = await judge(source=source, stdio=pb.StdioTests(cases=[pb.StdioCase(output="1")]))
    assert verdict.correct, verdict
