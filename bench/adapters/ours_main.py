"""Scores rows through one adapter, called as its trainer calls it: `python -m bench.adapters.ours_main NAME FILE`.

Prints a line of JSON: the seconds that it took, and the scores. The scorers are those of CODASERVE_SCORERS.
"""

import asyncio
import functools
import json
import math
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import codaserve
from bench.adapters.rows import GROUP, Row
from codaserve.adapters import areal, openrlhf, slime, trl, verifiers, verl

Scores = list[float | None]


def plain(rows: list[Row]) -> Scores:
    """One call."""
    return codaserve.reward(*_columns(rows))


def trl_function(rows: list[Row]) -> Scores:
    """One call for the batch, on the main thread."""
    prompts, completions, golds = _columns(rows)
    return trl.reward(column="gold", unscored="none")(prompts=prompts, completions=completions, gold=golds)


def trl_as_it_is(rows: list[Row]) -> Scores:
    """With the default, which raises for a response without a score."""
    prompts, completions, golds = _columns(rows)
    return trl.reward(column="gold")(prompts=prompts, completions=completions, gold=golds)


def trl_coroutine(rows: list[Row]) -> Scores:
    """One call for the batch, awaited."""
    prompts, completions, golds = _columns(rows)
    function = trl.async_reward(column="gold", unscored="none")
    return asyncio.run(function(prompts=prompts, completions=completions, gold=golds))


def verl_coroutine(rows: list[Row]) -> Scores:
    """A call for each response, all awaited together."""
    calls = [
        functools.partial(verl.compute_score_async, "math", row["response"], row["gold"], unscored="nan")
        for row in rows
    ]
    return [_number(answer["score"]) for answer in asyncio.run(_together(calls))]


def verl_threads(rows: list[Row]) -> Scores:
    """A call for each response, from threads."""
    with ThreadPoolExecutor(32) as pool:
        answers = pool.map(lambda row: verl.compute_score("math", row["response"], row["gold"], unscored="nan"), rows)
        return [_number(answer["score"]) for answer in answers]


def openrlhf_threads(rows: list[Row]) -> Scores:
    """A call for each response, from threads."""
    with ThreadPoolExecutor(32) as pool:
        calls = ([row["prompt"] + row["response"]] for row in rows)
        answers = pool.map(
            openrlhf.reward_func, calls, ([row["prompt"]] for row in rows), ([row["gold"]] for row in rows)
        )
        return [_number(float(answer["scores"][0])) for answer in answers]


def slime_groups(rows: list[Row]) -> Scores:
    """A call for each group, all awaited together."""
    samples = [
        SimpleNamespace(prompt=row["prompt"], response=row["response"], label=row["gold"], metadata={}) for row in rows
    ]
    groups = [samples[begin : begin + GROUP] for begin in range(0, len(samples), GROUP)]
    answers = asyncio.run(_together([functools.partial(slime.group_reward, None, group) for group in groups]))
    return [_number(score) for group in answers for score in group]


def verifiers_coroutine(rows: list[Row]) -> Scores:
    """A call for each trace, all awaited together."""

    async def score(row: Row) -> float | None:
        try:
            return await verifiers.correct(
                SimpleNamespace(prompt_text=row["prompt"], answer=row["gold"]),
                SimpleNamespace(last_reply=row["response"]),
            )
        except codaserve.adapters.scoring.UnscoredError:
            return None

    return asyncio.run(_together([functools.partial(score, row) for row in rows]))


def areal_coroutine(rows: list[Row]) -> Scores:
    """A call for each response, all awaited together."""

    async def score(row: Row) -> float | None:
        try:
            return await areal.async_reward(row["prompt"], row["response"], [], [], gold=row["gold"])
        except codaserve.adapters.scoring.UnscoredError:
            return None

    return asyncio.run(_together([functools.partial(score, row) for row in rows]))


ADAPTERS: dict[str, Callable[[list[Row]], Scores]] = {
    "codaserve.reward": plain,
    "TRL": trl_function,
    "TRL, as it is": trl_as_it_is,
    "TRL, async": trl_coroutine,
    "verl": verl_threads,
    "verl, async": verl_coroutine,
    "OpenRLHF": openrlhf_threads,
    "slime": slime_groups,
    "verifiers": verifiers_coroutine,
    "AReaL": areal_coroutine,
}


def _columns(rows: list[Row]) -> tuple[list[Any], list[Any], list[Any]]:
    return [row["prompt"] for row in rows], [row["response"] for row in rows], [row["gold"] for row in rows]


async def _together(calls: Sequence[Callable[[], Awaitable[Any]]]) -> list[Any]:
    return list(await asyncio.gather(*(call() for call in calls)))


def _number(score: float) -> float | None:
    return None if math.isnan(score) else score


def main(name: str, file: str) -> int:
    """Scores, and says how long it took; connecting to the scorer included."""
    rows = [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]
    if name == "OpenRLHF":
        openrlhf.reward_func(["1"], ["1"], ["1"])  # torch is there in a trainer
    begin = time.perf_counter()
    scores = ADAPTERS[name](rows)
    print(json.dumps({"seconds": time.perf_counter() - begin, "scores": scores}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
