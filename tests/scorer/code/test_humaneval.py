"""All of HumanEval: its own solutions are right, and all of them are wrong once what they return is changed."""

import ast
import asyncio
import random
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


def mutant(source: str, chance: random.Random) -> str:
    """The program with one change somewhere, which may or may not make it wrong."""
    tree = ast.parse(source)
    node = chance.choice([node for node in ast.walk(tree) if isinstance(node, (ast.Constant, ast.Compare, ast.Return))])
    match node:
        case ast.Constant(int(value)):
            node.value = value + chance.choice([-1, 1])
        case ast.Constant(str(value)):
            node.value = value[1:]
        case ast.Compare():
            node.ops[0] = chance.choice([ast.Lt, ast.GtE, ast.Eq, ast.NotEq])()
        case ast.Return(ast.expr() as value):
            name = chance.choice(["iter", "str", "set", "bool", "list"])
            node.value = ast.Call(ast.Name(name, ast.Load()), [value], [])
    return ast.unparse(ast.fix_missing_locations(tree))


_LIMITS = {pb.REASON_TIME_LIMIT: "limit", pb.REASON_MEMORY_LIMIT: "limit"}


@pytest.mark.asyncio(loop_scope="package")
async def test_each_way_of_judging_says_the_same_of_programs_with_a_change(
    code_judge: CodeJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(7)
    items = humaneval_canonical()
    for item, _ in items:
        item.code.source = mutant(item.code.source, chance)
        item.code.limits.cpu_seconds = 1
    in_service = await verdicts(code_judge, items)
    monkeypatch.setattr("scorer.code.asserts.literals.find", lambda *_: None)
    paired = await verdicts(code_judge, items)
    for item, _ in items:
        item.code.asserts.shared_process = True
    shared = await verdicts(code_judge, items)
    # A program that grows without end meets the limit of time or of memory, depending on how busy the machine is.
    kinds = [
        [(verdict.correct, _LIMITS.get(verdict.reason, verdict.reason)) for verdict in found]
        for found in (in_service, paired, shared)
    ]
    assert kinds[0] == kinds[1] == kinds[2]
    assert 0 < sum(correct for correct, _ in kinds[0]) < 164


def test_most_scripts_need_no_process_of_their_own() -> None:
    tasks = [item.code for item, _ in humaneval_canonical()]
    plain = [literals.find(task.asserts.setup, task.asserts.script, task.entry_point) for task in tasks]
    assert sum(found is not None for found in plain) == 153
