"""Items that share a comparison, and those that need none."""

import asyncio
import math
from typing import Any, cast

import pytest

from codaserve.v1 import scorer_pb2 as pb
from scorer.errors import MachineLoaded
from scorer.math import verdicts
from scorer.math.line import MathLine
from scorer.math.settings import MathSettings
from scorer.math.settle import Open
from scorer.math.verifier import QUICK_CHARS, MathVerifier


class Verifier(MathVerifier):
    """Compares when the test says so."""

    def __init__(self) -> None:
        super().__init__(MathSettings(workers=1))
        self.asked: list[str] = []
        self.stopped: list[str] = []
        self.release = asyncio.Event()
        self.error: Exception | None = None

    async def compare(self, question: Open, deadline: float) -> pb.Verdict:
        self.asked.append(question.job.answer)
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.stopped.append(question.job.answer)
            raise
        if self.error is not None:
            raise self.error
        verdict = verdicts.right(question.golds[0], "rule", "g", "a")
        verdict.wall_seconds = 100
        self._cache.put(question.key, verdict)
        return verdict


def item(name: str, answer: str, gold: str = "x+1", **fields: Any) -> pb.ScoreItem:
    return pb.ScoreItem(id=name, math=pb.MathTask(gold=[gold], answer=answer, **fields))


@pytest.fixture
def verifier() -> Verifier:
    return Verifier()


@pytest.fixture
def line(verifier: Verifier) -> MathLine:
    return MathLine(cast(MathVerifier, verifier), 1)


async def settle() -> None:
    for _ in range(8):
        await asyncio.sleep(0)


async def test_what_is_certain_is_answered_at_once(line: MathLine, verifier: Verifier) -> None:
    job = line.submit(item("a", "5", "5"), "g", math.inf)
    assert job.future.result().verdict.correct
    assert not job.future.result().verdict.cached
    bad = line.submit(item("b", "5", " "), "g", math.inf)
    assert bad.future.result().failure.field == "math.gold[0]"
    assert not verifier.asked


async def test_equal_comparisons_are_made_once(line: MathLine, verifier: Verifier) -> None:
    jobs = [line.submit(item(name, answer), name, math.inf) for name, answer in (("a", "1+x"), ("b", " 1+x"))]
    response = pb.ScoreItem(id="c", math=pb.MathTask(gold=["x+1"], response="so \\boxed{1+x}"))
    jobs.append(line.submit(response, "c", math.inf))
    await settle()
    verifier.release.set()
    results = [await job.future for job in jobs]
    assert verifier.asked == ["1+x"]
    assert [result.id for result in results] == ["a", "b", "c"]
    assert [result.verdict.cached for result in results] == [False, True, True]
    assert [result.verdict.extraction_rule for result in results] == ["given", "given", "boxed"]
    assert results[0].verdict.wall_seconds >= 100 > results[1].verdict.wall_seconds
    later = line.submit(item("d", "1+x"), "d", math.inf)
    assert later.future.result().verdict.cached
    assert verifier.asked == ["1+x"]


async def test_what_differs_in_anything_is_compared_apart(line: MathLine, verifier: Verifier) -> None:
    verifier.release.set()
    items = [item("a", "1+x"), item("b", "1+x", "x+2"), item("c", "x+2"), item("d", "1+x", order_matters=True)]
    for result in [await line.submit(one, one.id, math.inf).future for one in items]:
        assert not result.verdict.cached
    assert len(verifier.asked) == 4


async def test_a_comparison_lasts_as_long_as_one_item_waits(line: MathLine, verifier: Verifier) -> None:
    first, second, third = (line.submit(item(name, "1+x"), name, math.inf) for name in "abc")
    await settle()
    line.cancel(first)
    line.cancel(third)
    assert first.future.cancelled()
    await settle()
    assert not verifier.stopped
    verifier.release.set()
    assert (await second.future).verdict.correct
    assert verifier.asked == ["1+x"]
    line.cancel(second)
    assert second.future.result().id == "b"


async def test_a_comparison_that_nobody_waits_for_is_stopped(line: MathLine, verifier: Verifier) -> None:
    jobs = [line.submit(item(name, "1+x"), name, math.inf) for name in "ab"]
    queued = line.submit(item("c", "x+2"), "c", math.inf)
    await settle()
    for job in (*jobs, queued):
        line.cancel(job)
    await settle()
    assert verifier.stopped == ["1+x"]
    assert verifier.asked == ["1+x"]
    again = line.submit(item("d", "1+x"), "d", math.inf)
    verifier.release.set()
    assert not (await again.future).verdict.cached


async def test_an_item_that_comes_as_the_last_one_leaves_begins_anew(line: MathLine, verifier: Verifier) -> None:
    first = line.submit(item("a", "1+x"), "a", math.inf)
    await settle()
    line.cancel(first)
    second = line.submit(item("b", "1+x"), "b", math.inf)
    verifier.release.set()
    assert (await second.future).verdict.correct
    assert verifier.asked == ["1+x", "1+x"]


async def test_a_failure_is_that_of_all_and_is_not_kept(line: MathLine, verifier: Verifier) -> None:
    verifier.error = MachineLoaded(0.1, 20)
    verifier.release.set()
    for job in [line.submit(item(name, "1+x"), name, math.inf) for name in "ab"]:
        failure = (await job.future).failure
        assert failure.code == pb.FAILURE_MACHINE_LOADED
        assert failure.retryable
    verifier.error = None
    assert not (await line.submit(item("c", "1+x"), "c", math.inf).future).verdict.cached


async def test_long_responses_are_searched_elsewhere(line: MathLine) -> None:
    response = " " * QUICK_CHARS + "The answer is 5."
    job = line.submit(pb.ScoreItem(id="a", math=pb.MathTask(gold=["5"], response=response)), "a", math.inf)
    assert not job.future.done()
    assert (await job.future).verdict.correct
    cancelled = line.submit(pb.ScoreItem(id="b", math=pb.MathTask(gold=["5"], response=response)), "b", math.inf)
    line.cancel(cancelled)
    await settle()
    assert cancelled.future.cancelled()
