"""All of HumanEval: its own solutions are right, and all of them are wrong once what they return is changed."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bench.labelled import Labelled, humaneval_broken, humaneval_canonical
from codaserve.v1 import scorer_pb2 as pb
from scorer.code import literals
from scorer.code.judge import CodeJudge

Finder = Callable[[str, str, str], literals.Assertions | None]


async def verdicts(judge: CodeJudge, items: list[Labelled]) -> list[pb.Verdict]:
    deadline = asyncio.get_running_loop().time() + 300
    waiting: list[Awaitable[pb.Verdict]] = [judge.judge(item.code, deadline=deadline) for item, _ in items]
    return await asyncio.gather(*waiting)


@pytest.mark.asyncio(loop_scope="package")
@pytest.mark.parametrize("find", [literals.find, lambda *_: None], ids=["as they are", "all in two processes"])
async def test_solutions_pass_and_broken_ones_do_not(
    code_judge: CodeJudge, find: Finder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scorer.code.asserts.literals.find", find)
    right, wrong = humaneval_canonical(), humaneval_broken()
    assert [verdict.correct for verdict in await verdicts(code_judge, right)] == [True] * 164
    assert [verdict.correct for verdict in await verdicts(code_judge, wrong)] == [False] * 164


def test_most_scripts_need_no_process_of_their_own() -> None:
    tasks = [item.code for item, _ in humaneval_canonical()]
    plain = [literals.find(task.asserts.setup, task.asserts.script, task.entry_point) for task in tasks]
    assert sum(found is not None for found in plain) == 153
