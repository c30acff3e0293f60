"""Checkers that are no Python: what they are given, what their exit status says, and who is to blame when they fail."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from codaserve.v1 import scorer_pb2 as pb
from scorer.code import compiled, executed_checker
from scorer.code.checker import Failed
from scorer.code.compile import compile_program
from scorer.code.judge import CodeJudge
from scorer.code.languages import LANGUAGES
from scorer.errors import TaskError
from scorer.sandbox.run import Limit, Result

Judge = Callable[..., Awaitable[pb.Verdict]]
pytestmark = pytest.mark.asyncio(loop_scope="package")

FACTORS = r"""
#include <cstdio>
#include <cstdlib>
#include <fstream>

enum Outcome { ok = 0, wrong = 1, presentation = 2, fail = 3, points = 7 };

[[noreturn]] static void quit(Outcome outcome, const char *text) {
    static const char *words[] = {"ok", "wrong answer", "wrong output format", "FAIL", "", "", "", "points"};
    std::fprintf(stderr, "%s %s\n", words[outcome], text);
    std::exit(outcome);
}

struct Reader {
    std::ifstream file;
    Outcome otherwise;
    long number() {
        long found;
        if (!(file >> found)) quit(otherwise, "a number is missing");
        return found;
    }
};

int main(int count, char **names) {
    if (count != 4) quit(fail, "there have to be three files");
    Reader input{std::ifstream(names[1]), fail}, output{std::ifstream(names[2]), presentation};
    Reader answer{std::ifstream(names[3]), fail};
    long product = input.number(), a = output.number(), b = output.number();
    answer.number();
    if (a * b != product) quit(wrong, "the product is another");
    if (a == 1 || b == 1) quit(points, "0.25 one of them is trivial");
    quit(ok, "both are factors");
}
"""
SAME = 'cmp -s "$2" "$3"'


@pytest.fixture
def judge(tooled_judge: CodeJudge) -> Judge:
    """Judges a Python task by the fields of pb.CodeTask and a checker of another language."""
    missing = {language.name: language.detail for language in tooled_judge.missing_languages}

    async def verdict(language: str, checker: str, tests: Any, **fields: Any) -> pb.Verdict:
        if language in missing:
            pytest.skip(f"{language} is missing: {missing[language]}")
        tests.checker.CopyFrom(pb.Checker(language=language, source=checker))
        kind = "stdio" if isinstance(tests, pb.StdioTests) else "calls"
        task = pb.CodeTask(**{"language": "python", kind: tests, **fields})
        return await tooled_judge.judge(task, deadline=asyncio.get_running_loop().time() + 120)

    return verdict


def stdio(*cases: tuple[str, str]) -> pb.StdioTests:
    return pb.StdioTests(cases=[pb.StdioCase(input=given, output=output) for given, output in cases])


def calls(arguments: str = "[]", expected: str = "", **more: str) -> pb.CallTests:
    return pb.CallTests(cases=[pb.CallCase(arguments=arguments, expected=expected, **more)])


@pytest.mark.parametrize(
    ("output", "score"), [("3 4", 1), ("6 2\n", 1), ("3 5", 0), ("1 12", 0.25), ("none", 0), ("", 0), ("12", 0)]
)
async def test_one_of_several_right_outputs(judge: Judge, output: str, score: float) -> None:
    verdict = await judge("cpp", FACTORS, stdio(("12", "2 6")), source=f"print({output!r})", partial_credit=True)
    assert (verdict.score, verdict.correct) == (score, score == 1), verdict
    assert verdict.reason == (pb.REASON_PASSED if score == 1 else pb.REASON_WRONG_ANSWER)


@pytest.mark.parametrize("cases", [stdio(("12", "")), stdio(("12", "none")), stdio(("", "2 6"))])
async def test_a_checker_that_cannot_judge_by_its_own_word_is_the_tasks_fault(
    judge: Judge, cases: pb.StdioTests
) -> None:
    with pytest.raises(TaskError, match="exit status 3") as caught:
        await judge("cpp", FACTORS, cases, source="print(3, 4)")
    assert caught.value.field == "code.stdio.checker.source"


async def test_a_checker_is_compiled_once_for_all_items_and_leaves_only_itself(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    compilations = []

    async def counting(*arguments: Any) -> Any:
        compilations.append(arguments)
        return await compile_program(*arguments)

    monkeypatch.setattr(compiled, "compile_program", counting)
    checker = FACTORS + "// of its own"
    cases = stdio(*[(str(6 * n), f"6 {n}") for n in range(2, 8)])
    tasks = [judge("cpp", checker, cases, source="print(2, int(input()) // 2)") for _ in range(3)]
    for verdict in await asyncio.gather(*tasks):
        assert verdict.correct and len(verdict.cases) == 6
    held = _memory_files()
    assert not (await judge("cpp", checker, cases, source="print(1)")).correct
    with pytest.raises(TaskError):
        await judge("cpp", checker, stdio(("12", "none")), source="print(3, 4)")
    assert len(compilations) == 1
    assert _memory_files() == held


def _memory_files() -> int:
    found = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            found += str(descriptor.readlink()).startswith("/memfd:")
        except OSError:  # the one that listed them
            continue
    return found


@pytest.mark.parametrize("expected", ["", "2 6"])
async def test_a_checker_that_does_not_compile_is_the_tasks_fault(judge: Judge, expected: str) -> None:
    for language, source in (("cpp", "int main() { return x; }"), ("bash", "if true; then")):
        with pytest.raises(TaskError, match="does not compile") as caught:
            await judge(language, source, stdio(("12", expected)), source="print(3, 4)")
        assert caught.value.field == "code.stdio.checker.source"


@pytest.mark.parametrize(
    ("checker", "score"),
    [
        ("exit 0", 1), ("exit 1", 0), ("exit 2", 0), ("echo points 0.5 half of it >&2; exit 7", 0.5),
        ("echo 0.125 >&2; exit 7", 0.125), ("echo points 1.0 >&2; exit 7", 1), ("echo points 0 >&2; exit 7", 0),
        ("echo points 5e-1 >&2; exit 7", 0.5), ("echo points .5 >&2; exit 7", 0.5),
        ("[ $# = 3 ] && [ -f $1 ] && [ $(cat $1) = 12 ] && [ $(cat $3) = 13 ] && ! read -r x", 1),
        ("sort $1 $2 $3 | cmp -s - <(printf '11\\n12\\n13\\n')", 1),
    ],
)  # fmt: skip
async def test_what_exit_statuses_say(judge: Judge, checker: str, score: float) -> None:
    verdict = await judge("bash", checker, stdio(("12\n", "13\n")), source="print(11)", partial_credit=True)
    assert (verdict.score, verdict.correct) == (score, score == 1), verdict


@pytest.mark.parametrize(
    ("checker", "what"),
    [
        ("exit 3", "exit status 3"), ("exit 4", "exit status 4"), ("exit 255", "exit status 255"),
        ("no_such_command", "exit status 127"), ("exit 7", "does not begin with points"),
        ("echo points 1.5 >&2; exit 7", "does not begin with points"),
        ("echo points -0.5 >&2; exit 7", "does not begin with points"),
        ("echo points nan >&2; exit 7", "does not begin with points"),
        ("echo points_info=1 >&2; exit 7", "does not begin with points"),
        ("echo points 0.5x >&2; exit 7", "does not begin with points"),
        ("echo so: points 0.5 >&2; exit 7", "does not begin with points"),
        ("echo points 0.5; exit 7", "does not begin with points"),
    ],
)  # fmt: skip
async def test_what_says_nothing_is_the_tasks_fault(judge: Judge, checker: str, what: str) -> None:
    for expected in ("13", ""):
        with pytest.raises(TaskError, match=what):
            await judge("bash", checker, stdio(("12", expected)), source="print(11)")


HOSTILE = {
    "says that it failed": "exit 3",
    "ends by a signal": "kill -SEGV $$",
    "never ends": "while :; do :; done",
    "never ends after closing everything": "exec <&- >&- 2>&-; while :; do :; done",
    "sleeps": "sleep 1000",
    "writes gigabytes into a file": "head -c 10G /dev/zero > big; exit 3",
    "writes gigabytes into its input": "while :; do cat $2 >> $1; cat $1 >> $2; done 2> /dev/null",
    "makes files without end": "i=0; while : > f$((i++)); do :; done; exit 3",
    "writes gigabytes to its output": "while :; do echo more; done",
    "writes gigabytes of errors": "yes >&2",
    "takes all memory": "x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done",
    "forks without end": "f() { f | f & f; }; f",
    "leaves a process behind": "setsid sleep 1000 & exit 3",
    "kills everything": "kill -9 -1; exit 3",
    "removes everything": "rm -rf / * 2> /dev/null; exit 3",
}


@pytest.mark.usefixtures("tooled_slots_survive")
@pytest.mark.parametrize("what", HOSTILE)
async def test_a_checker_that_misbehaves_on_what_came_makes_it_wrong(judge: Judge, what: str) -> None:
    checker = f"{SAME} && exit 0\n{HOSTILE[what]}\n"
    verdict = await judge("bash", checker, stdio(("12", "8675309")), source="print(11)")
    assert (verdict.correct, verdict.score, verdict.reason) == (False, 0.0, pb.REASON_WRONG_ANSWER), verdict
    assert "the checker failed on what came" in verdict.detail and "8675309" not in str(verdict)


async def test_without_anything_expected_only_what_is_surely_the_checkers_own_is_its_fault(judge: Judge) -> None:
    verdict = await judge("bash", "kill -SEGV $$", stdio(("12", "")), source="print(11)")
    assert verdict.reason == pb.REASON_WRONG_ANSWER and "SIGSEGV" in verdict.detail, verdict


@pytest.mark.parametrize(
    "output",
    [b"", b"\0", b"../../../etc/passwd", b"/proc/self/environ\n", b"-rf", b"\xff\xfe\0\0 \r\n\x1b[2J", b"$(exit 0)\n"],
)  # fmt: skip
async def test_an_output_arrives_byte_for_byte(judge: Judge, output: bytes) -> None:
    checker = f'[ "$(od -v -An -tx1 "$2" | tr -d " \\n")" = "{output.hex()}" ]'
    source = f"import sys; sys.stdout.buffer.write({output!r})"
    assert (await judge("bash", checker, stdio(("", "13")), source=source)).correct
    assert not (await judge("bash", checker, stdio(("", "13")), source=f"{source}\nprint()")).correct


async def test_a_huge_output_takes_nothing_from_the_checkers_own_space(judge: Judge, tooled_judge: CodeJudge) -> None:
    size = 24 << 20
    assert size > tooled_judge.default_run.file_bytes
    checker = f'[ "$(stat -c %s $2)" = {size} ] && head -c 4M $2 > own && cmp -n 4M own $2'
    limits = pb.RunLimits(output_bytes=size)
    source = f"import sys\nfor i in range({size >> 20}): sys.stdout.buffer.write(bytes([i]) * (1 << 20))"
    verdict = await judge("bash", checker, stdio(("", "13")), source=source, limits=limits)
    assert verdict.correct, verdict


async def test_what_a_checker_leaves_is_gone_for_the_next_case(judge: Judge) -> None:
    checker = "ls; [ $(ls | wc -l) -le 4 ] && touch left && mkdir more && ln -s $1 link"
    assert (await judge("bash", checker, stdio(("1", "1"), ("2", "2"), ("3", "3")), source="print(1)")).correct


async def test_values_are_given_as_json(judge: Judge) -> None:
    checker = f"""[ "$(cat $1)" = '[[1, "é"], {{"k": null}}]' ] && [ "$(wc -l < $2)" = 1 ] && {SAME}"""
    tests = calls('[ 1,"é"]', '[1, [2.5,true,null], {"a": "\\u00e9\\n"},1e999, 1]', keyword_arguments='{"k":null}')
    values = "[1, (2.5, True, None), {'a': 'é\\n'}, float('inf'), 1]"
    task = {"entry_point": "f", "source": f"def f(a, b, k): return {values}"}
    verdict = await judge("bash", checker, tests, **task)
    assert verdict.correct, verdict
    task["source"] = f"def f(a, b, k): return {values[:-2]} 1.0]"
    assert (await judge("bash", checker, tests, **task)).reason == pb.REASON_WRONG_ANSWER
    assert (await judge("bash", "[ ! -s $3 ]", calls(), entry_point="f", source="def f(): return 'x'")).correct
    surrogate = '[ "$(cat $2)" = \'"\\ud800"\' ]'
    assert (await judge("bash", surrogate, calls(), entry_point="f", source="def f(): return '\\ud800'")).correct


@pytest.mark.parametrize(
    ("value", "kind"),
    [("{1}", "set"), ("b'1'", "bytes"), ("1j", "complex"), ("[{1: 2}]", "dict"), ("10 ** 5000", "an integer")],
)
async def test_a_value_without_a_form_in_json_is_wrong(judge: Judge, value: str, kind: str) -> None:
    for expected in ("1", ""):
        tests = calls(expected=expected)
        verdict = await judge("bash", "exit 0", tests, entry_point="f", source=f"def f(): return {value}")
        assert verdict.reason == pb.REASON_WRONG_ANSWER, verdict
        assert f"no form in JSON: {kind}" in verdict.detail


async def test_a_language_that_this_server_lacks_is_unsupported(code_judge: CodeJudge) -> None:
    tests = stdio(("", "1"))
    tests.checker.CopyFrom(pb.Checker(language="cpp", source=FACTORS))
    task = pb.CodeTask(language="python", source="print(1)", stdio=tests)
    with pytest.raises(TaskError) as caught:
        await code_judge.judge(task, deadline=asyncio.get_running_loop().time() + 60)
    assert (caught.value.code, caught.value.field) == (pb.FAILURE_UNSUPPORTED_LANGUAGE, "code.stdio.checker.language")


UNCAUGHT = [
    ("java", 1, 'Exception in thread "main" java.lang.NullPointerException'),
    ("javascript", 1, "/main.cjs:1\nthrow new Error('no')\n^\n\nError: no\n    at main.cjs:1"),
    ("go", 2, "panic: runtime error: index out of range"),
]


@pytest.mark.parametrize(("language", "status", "said"), UNCAUGHT)
async def test_an_exception_that_nobody_catches_rejects_nothing(language: str, status: int, said: str) -> None:
    entry, limits = LANGUAGES[language], pb.RunLimits(cpu_seconds=1)
    score = executed_checker._read(_ended(status, said.encode()), limits, entry)
    assert isinstance(score, Failed) and not score.answered and "8675309" not in score.why
    assert executed_checker._read(_ended(status, b"wrong answer 1st words differ"), limits, entry) == 0.0


async def test_a_limit_says_more_than_an_exit_status() -> None:
    score = executed_checker._read(_ended(0, b"", Limit.OUTPUT), pb.RunLimits(), LANGUAGES["cpp"])
    assert isinstance(score, Failed) and not score.answered


def _ended(status: int, said: bytes, limit: Limit | None = None) -> Result:
    return Result(
        exit=status, limit=limit, stdout=b"", stderr=said, channel=b"", wall_seconds=0.1, cpu_seconds=0.1,
        peak_memory_bytes=0,
    )  # fmt: skip
