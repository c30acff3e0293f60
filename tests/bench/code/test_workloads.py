import asyncio

import pytest

from bench.code.contestants import OURS, SEPARATE
from bench.code.peer_main import evalplus_problem, human_eval_problem
from bench.code.workloads import Task, Workload, item, load, whole_program
from scorer.code import literals

WORKLOADS = {workload.name: workload for workload in load()}


@pytest.mark.parametrize("name", WORKLOADS)
def test_no_text_is_the_same_in_two_passes(name: str) -> None:
    workload = WORKLOADS[name]
    first, second = OURS.tasks(workload, "1")[0], OURS.tasks(workload, "2")[0]
    assert first.source != second.source
    assert not first.script or first.script != second.script


def test_the_added_statement_keeps_scripts_from_being_judged_in_the_service() -> None:
    tasks = SEPARATE.tasks(WORKLOADS["HumanEval"], "1")
    assert len(tasks) == 164
    assert not any(literals.find("", task.script, task.entry_point) for task in tasks)


def test_mbpp_style_scripts_are_judged_in_the_service() -> None:
    tasks = OURS.tasks(WORKLOADS["MBPP style"], "1")
    assert all(literals.find("", task.script, task.entry_point) for task in tasks)


@pytest.mark.parametrize("name", ["MBPP style", "trivial"])
def test_programs_pass_their_own_assertions(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for task in WORKLOADS[name].tasks[:10]:
        exec(whole_program(task), {})


def test_whole_program_calls_check() -> None:
    task = Task("1", "def f():\n    return 1", "f", "def check(candidate):\n    assert candidate() == 2\n")
    with pytest.raises(AssertionError):
        exec(whole_program(task), {})


def test_calls_have_what_the_program_returns() -> None:
    code = item(WORKLOADS["function calls"].tasks[0], "calls").code
    assert len(code.calls.cases) > 0
    assert all(case.arguments and case.expected for case in code.calls.cases)


def test_contestants_take_workloads_by_kind_or_name() -> None:
    trivial = Workload("trivial", "stdio", [])
    assert OURS.takes(trivial)
    assert not SEPARATE.takes(trivial)


def test_evalplus_gets_the_calls_of_the_script_and_their_values() -> None:
    source = "def f(items):\n    items.append(len(items))\n    return f(items) if len(items) < 3 else items\n"
    task = {"source": source, "script": "assert f([5]) == [5, 1, 2]\nassert f([1, 2]) == [1, 2, 2]", "entry_point": "f"}
    _, inputs, name, expected, _ = evalplus_problem(task)
    assert (inputs, name, expected) == ([([5],), ([1, 2],)], "f", [[5, 1, 2], [1, 2, 2]])


def test_human_eval_gets_assertions_as_check() -> None:
    task = {"id": "1", "source": "def f():\n    return 1\n", "script": "assert f() == 1", "entry_point": "f"}
    problem, source = human_eval_problem(task)
    exec(f"{source}\n{problem['test']}\ncheck(f)", {})


async def test_stdio_tasks_are_right() -> None:
    for task in WORKLOADS["stdin and stdout"].tasks[:8]:
        process = await asyncio.create_subprocess_exec(
            *("python3", "-c", task.source), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate(task.stdin.encode())
        assert output.decode() == task.stdout
