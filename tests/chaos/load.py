"""Clients that ask the same questions again and again, and compare every answer with the undisturbed one."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from codaserve import AsyncCriticClient, AsyncScorerClient, RetryPolicy
from codaserve.v1 import critic_pb2, scorer_pb2

CLIENTS = 4
BATCH = 24
CALL_SECONDS = 60.0
"""Under a stopped replica the items that it sits on are hedged long before."""
PATIENCE = RetryPolicy(max_outage=300.0, hedge_after=3.0, max_backoff=1.0)
TRIES = 5
"""Of an item that has no answer while nothing is disturbed."""
LIKE = 1e-3
"""By so much a value may differ: what is in a batch together changes the order of sums."""
_PROGRAMS = ("print(int(input()) * 2)", "print(input())", "x = [0] * 1000\nprint(2 * int(input()))", "1 / 0", "def f(:")
_ANSWERS = ("{}+x", "x+{}", "x-{}", "\\frac{{{}}}{{2}}+x+\\frac{{{}}}{{2}}", "{}", "((", "")


@dataclass
class Account:
    """What came of the load."""

    asked: int = 0
    answered: Counter[str] = field(default_factory=Counter)
    """Results by service and kind: verdict, values or a failure's code."""
    different: list[str] = field(default_factory=list)
    """Answers that are not the undisturbed ones."""
    misplaced: int = 0
    """Items without exactly one result of their own."""
    retries: int = 0
    hedges: int = 0


def items() -> list[scorer_pb2.ScoreItem]:
    """Mathematics and programs, right, wrong and malformed."""
    made = []
    for number in range(60):
        answer = _ANSWERS[number % len(_ANSWERS)].format(number, number)
        made.append(scorer_pb2.ScoreItem(math=scorer_pb2.MathTask(gold=[f"{number}+x"], answer=answer)))
    for number in range(20):
        cases = [scorer_pb2.StdioCase(input=str(number), output=str(2 * number))]
        source = _PROGRAMS[number % len(_PROGRAMS)]
        tests = scorer_pb2.StdioTests(cases=cases)
        made.append(scorer_pb2.ScoreItem(code=scorer_pb2.CodeTask(language="python", source=source, stdio=tests)))
    return made


def groups() -> list[critic_pb2.StateGroup]:
    """Prompts with two responses each."""
    made = []
    for number in range(20):
        responses = [critic_pb2.Response(text=f"{number}+1\n={number + 1}\n"), critic_pb2.Response(text=f"{number}\n")]
        made.append(
            critic_pb2.StateGroup(
                prompt=f"What is {number} and one?\n", responses=critic_pb2.Responses(responses=responses)
            )
        )
    return made


def key(result: Any) -> Any:
    """What has to be the same whatever happens meanwhile; a failure's code if there is no answer."""
    match result.WhichOneof("outcome"):
        case "verdict":
            verdict = result.verdict
            cases = [case.reason for case in verdict.cases]
            return (
                verdict.HasField("correct"),
                verdict.correct,
                verdict.score,
                verdict.reason,
                verdict.extracted,
                cases,
            )
        case "values":
            values = [step.value for response in result.values.responses for step in response.steps]
            return [result.values.prompt_value, *values]
    return int(result.failure.code)


def same(one: Any, other: Any) -> bool:
    """Whether two keys are."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(abs(a - b) <= LIKE for a, b in zip(one, other, strict=True))
    return bool(one == other)


def kind(result: Any) -> str:
    """Verdict, values or the failure's name."""
    outcome = result.WhichOneof("outcome")
    if outcome != "failure":
        return str(outcome)
    codes = result.failure.DESCRIPTOR.fields_by_name["code"].enum_type.values_by_number
    return str(codes[result.failure.code].name)


async def undisturbed(scorers: Sequence[str], critic: str) -> tuple[list[Any], list[Any]]:
    """The keys of all items and groups while nothing happens."""
    async with AsyncScorerClient(scorers, timeout=300) as scoring, AsyncCriticClient(critic, timeout=300) as valuing:
        verdicts = [key(result) for result in await _answered(scoring.score, items())]
        values = [key(result) for result in await _answered(valuing.evaluate, groups())]
    assert not any(isinstance(known, int) for known in (*verdicts, *values))
    return verdicts, values


async def _answered(ask: Callable[[Sequence[Any]], Awaitable[list[Any]]], pool: Sequence[Any]) -> list[Any]:
    """The results of all items; what a loaded machine had no time for is asked for again."""
    results: list[Any] = [None] * len(pool)
    missing = list(range(len(pool)))
    for _ in range(TRIES):
        for place, result in zip(missing, await ask([pool[place] for place in missing]), strict=True):
            results[place] = result
        missing = [place for place in missing if results[place].HasField("failure")]
        if not missing:
            break
    return results


async def load(
    scorers: Sequence[str], critic: str, expected: tuple[list[Any], list[Any]], stop: asyncio.Event, seed: int
) -> Account:
    """Asks until told to stop."""
    account = Account()
    async with asyncio.TaskGroup() as tasks:
        for number in range(CLIENTS):
            tasks.create_task(_client(scorers, critic, expected, stop, random.Random(f"{seed} {number}"), account))
    return account


async def _client(
    scorers: Sequence[str],
    critic: str,
    expected: tuple[list[Any], list[Any]],
    stop: asyncio.Event,
    source: random.Random,
    account: Account,
) -> None:
    scoring = AsyncScorerClient(scorers, timeout=CALL_SECONDS, retry=PATIENCE, max_in_flight=2 * BATCH)
    valuing = AsyncCriticClient(critic, timeout=CALL_SECONDS, retry=PATIENCE)
    async with scoring, valuing:
        pools: list[tuple[Any, list[Any], list[Any], int]] = [
            (scoring, items(), expected[0], BATCH),
            (valuing, groups(), expected[1], 4),
        ]
        while not stop.is_set():
            for client, pool, known, many in pools:
                await _ask(client, pool, known, [source.randrange(len(pool)) for _ in range(many)], account)
        account.retries += scoring.retries + valuing.retries
        account.hedges += scoring.hedges


async def _ask(client: Any, pool: list[Any], known: list[Any], chosen: list[int], account: Account) -> None:
    batch = []
    for place, number in enumerate(chosen):
        item = type(pool[number])()
        item.CopyFrom(pool[number])
        item.id = f"{time.monotonic_ns()}-{place}"
        batch.append(item)
    results: dict[str, list[Any]] = {item.id: [] for item in batch}
    stray = 0
    async for result in client.stream(batch):
        if result.id in results:
            results[result.id].append(result)
        else:
            stray += 1
    account.asked += len(batch)
    account.misplaced += stray + sum(len(found) != 1 for found in results.values())
    for item, number in zip(batch, chosen, strict=True):
        for result in results[item.id]:
            account.answered[f"{type(item).__name__} {kind(result)}"] += 1
            failed = result.WhichOneof("outcome") == "failure" and not isinstance(known[number], int)
            if not failed and not same(key(result), known[number]):
                account.different.append(f"{item}: {key(result)} for {known[number]}")
