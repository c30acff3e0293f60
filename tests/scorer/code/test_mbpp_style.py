"""Tasks in the form of MBPP (a text, a program, a setup, a list of assertions), in both ways of judging.

A plain interpreter, which runs program, setup and assertions one after the other, says what is right.
"""

import ast
import asyncio
import contextlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from codaserve.v1 import scorer_pb2 as pb
from scorer.code import literals
from scorer.code.judge import CodeJudge

in_judge = pytest.mark.asyncio(loop_scope="package")
Finder = Callable[[str, str, str], literals.Assertions | None]

PATH = Path(__file__).parents[2] / "data" / "mbpp_style.jsonl"
TASKS: list[dict[str, Any]] = [json.loads(line) for line in PATH.read_text().splitlines()]

both_ways = pytest.mark.parametrize(
    "find", [literals.find, lambda *_: None], ids=["as they are", "all in two processes"]
)

# Each takes the place of a function of the program.
MUTANTS = {
    "None": "def wrap(f): return lambda *a, **k: None",
    "raises": "def wrap(f):\n    def g(*a, **k): raise RuntimeError('x')\n    return g",
    "another type": "def wrap(f): return lambda *a, **k: other(f(*a, **k))\n"
    "def other(v): return {list: tuple, tuple: list, int: str, str: list, bool: int, set: list, float: int}"
    ".get(type(v), lambda v: v)(v)",
    "off by one": "def wrap(f): return lambda *a, **k: off(f(*a, **k))\n"
    "def off(v):\n    if type(v) is bool: return not v\n    if type(v) in (int, float, complex): return v + 1\n"
    "    return v + v[:1] if type(v) in (str, list, tuple) else v",
    "backwards": "def wrap(f): return lambda *a, **k: back(f(*a, **k))\n"
    "def back(v): return v[::-1] if type(v) in (str, list, tuple) else v",
    "other arguments": "def wrap(f): return lambda *a, **k: f(*a[::-1], **k)",
}
EQUAL_TO_ALL = (
    "class Equal:\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n"
    "    __hash__ = __len__ = lambda self: 3\n    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__\n"
    "    def __sub__(self, other): return 0\n    __rsub__ = __add__ = __radd__ = __sub__\n    __class__ = int\n"
    "def wrap(f): return lambda *a, **k: Equal()"
)


def script_of(task: dict[str, Any]) -> str:
    return "\n".join(task["test_list"])


def mutated(task: dict[str, Any], wrapper: str) -> str:
    """The program, each function of its top level that the assertions name replaced."""
    used = {node.id for node in ast.walk(ast.parse(script_of(task))) if isinstance(node, ast.Name)}
    defined = [node.name for node in ast.parse(task["code"]).body if isinstance(node, ast.FunctionDef)]
    lines = [f"{name} = wrap({name})" for name in defined if name in used]
    return "\n".join([task["code"], wrapper, *lines])


def passes(task: dict[str, Any], source: str) -> bool:
    """What a plain interpreter says."""
    module = ModuleType("candidate")
    namespace = module.__dict__
    before = sys.modules["__main__"]
    sys.modules["candidate"] = sys.modules["__main__"] = module
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            late = False
            try:
                exec(task["test_setup_code"], namespace)
            except NameError:
                late = True
            exec(source, namespace)
            if late:
                exec(task["test_setup_code"], namespace)
            exec(script_of(task), namespace)
    except Exception:  # noqa: BLE001 - whatever it raises
        return False
    finally:
        sys.modules["__main__"] = before
        del sys.modules["candidate"]
    return True


async def verdicts(judge: CodeJudge, sources: list[tuple[dict[str, Any], str]]) -> list[pb.Verdict]:
    deadline = asyncio.get_running_loop().time() + 300
    items = [
        pb.CodeTask(
            language="python",
            source=source,
            asserts=pb.AssertTests(setup=task["test_setup_code"], script=script_of(task)),
            limits=pb.RunLimits(cpu_seconds=2),
        )
        for task, source in sources
    ]
    return await asyncio.gather(*(judge.judge(item, deadline=deadline) for item in items))


def test_there_are_many_and_all_of_them_are_right() -> None:
    assert len(TASKS) >= 150 and len({task["text"] for task in TASKS}) == len(TASKS)
    assert [task["text"] for task in TASKS if not passes(task, task["code"])] == []


@in_judge
@both_ways
async def test_solutions_pass(code_judge: CodeJudge, find: Finder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scorer.code.asserts.literals.find", find)
    found = await verdicts(code_judge, [(task, task["code"]) for task in TASKS])
    failed = [(task["text"], v.detail) for task, v in zip(TASKS, found, strict=True) if not v.correct]
    assert failed == []
    assert not any(verdict.shared_process for verdict in found)


@in_judge
@both_ways
@pytest.mark.parametrize("name", MUTANTS)
async def test_changed_programs_get_the_verdict_of_a_plain_interpreter(
    code_judge: CodeJudge, name: str, find: Finder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scorer.code.asserts.literals.find", find)
    sources = [(task, mutated(task, MUTANTS[name])) for task in TASKS]
    sources = [(task, source) for task, source in sources if source.count("wrap(") > MUTANTS[name].count("wrap(")]
    found = await verdicts(code_judge, sources)
    wanted = [passes(task, source) for task, source in sources]
    different = [
        (task["text"], want, v.detail)
        for (task, _), want, v in zip(sources, wanted, found, strict=True)
        if v.correct != want
    ]
    assert different == [] and wanted.count(False) > 30


@in_judge
@both_ways
async def test_values_equal_to_all_pass_nothing(
    code_judge: CodeJudge, find: Finder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scorer.code.asserts.literals.find", find)
    sources = [(task, mutated(task, EQUAL_TO_ALL)) for task in TASKS]
    sources = [(task, source) for task, source in sources if source.count("wrap(") > 1]
    found = await verdicts(code_judge, sources)
    assert [task["text"] for (task, _), v in zip(sources, found, strict=True) if v.correct] == []
