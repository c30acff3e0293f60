"""Verdicts: their fields, what is refused, and what stays undecided."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from codaserve.v1 import scorer_pb2 as pb
from scorer.errors import DeadlineExceeded, TaskError
from scorer.math.extraction.extract import Extraction, extract
from scorer.math.settings import MathSettings
from scorer.math.verifier import QUICK_CHARS, MathVerifier
from scorer.math.version import VERSION
from tests.scorer.math.conftest import SCRIPTED

LATER = 600.0
HANGS = "hang"


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def verifier() -> AsyncIterator[MathVerifier]:
    verifier = MathVerifier(MathSettings(workers=1, max_golds=3, cache_bytes=0))
    await verifier.start()
    yield verifier
    await verifier.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scripted() -> AsyncIterator[MathVerifier]:
    """Its workers do what the answer says (see process/scripted.py)."""
    scripted = MathVerifier(MathSettings(workers=1, cpu_seconds=1, memory_bytes=128 * 2**20))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scorer.math.process.template.PROGRAM", SCRIPTED)
        await scripted.start()
    yield scripted
    await scripted.close()


def deadline(seconds: float = LATER) -> float:
    return asyncio.get_running_loop().time() + seconds


async def test_the_fields_of_a_match(verifier: MathVerifier) -> None:
    task = pb.MathTask(gold=["7", r"\frac{1}{2}"], response=r"Half of it, so \boxed{\frac{2}{4}}.")
    verdict = await verifier.verify(task, deadline=deadline())
    assert verdict.correct
    assert verdict.score == 1
    assert verdict.reason == pb.REASON_MATCH
    assert verdict.extracted == r"\frac{2}{4}"
    assert verdict.extraction_rule == "boxed"
    assert verdict.matched_rule == "exact_number"
    assert verdict.matched_gold == 1
    assert (verdict.gold_form, verdict.answer_form) == ("1/2", "1/2")
    assert not verdict.cached
    assert verdict.detail
    assert verdict.wall_seconds > 0
    assert verdict.verifier_version == VERSION
    assert "math-verify 0.9.0" in VERSION


@pytest.mark.parametrize(
    ("gold", "answer", "rule"),
    [
        ("x+1", "$x+1$", "exact_text"),
        ("1234", "1,234", "exact_number"),
        ("x+1", "1+x", "value"),
        ("x" * 3000, "x" * 3000, "exact_text"),
    ],
)
async def test_rules(verifier: MathVerifier, gold: str, answer: str, rule: str) -> None:
    verdict = await verifier.verify(pb.MathTask(gold=[gold], answer=answer), deadline=deadline())
    assert verdict.correct
    assert verdict.matched_rule == rule
    assert verdict.extraction_rule == "given"


async def test_a_wrong_answer(verifier: MathVerifier) -> None:
    verdict = await verifier.verify(pb.MathTask(gold=["x+1", "5"], answer="x+2"), deadline=deadline())
    assert verdict.HasField("correct")
    assert not verdict.correct
    assert verdict.HasField("score")
    assert verdict.score == 0
    assert verdict.reason == pb.REASON_WRONG_ANSWER
    assert not verdict.HasField("matched_gold")


@pytest.mark.parametrize("response", ["", "I cannot say.", r"\boxed{}"])
async def test_no_answer_is_wrong(verifier: MathVerifier, response: str) -> None:
    verdict = await verifier.verify(pb.MathTask(gold=["5"], response=response), deadline=deadline())
    assert verdict.reason == pb.REASON_NO_ANSWER
    assert verdict.HasField("correct")
    assert not verdict.correct
    assert verdict.extracted == ""


async def test_an_answer_that_is_too_long_is_wrong(verifier: MathVerifier) -> None:
    task = pb.MathTask(gold=["5"], response="\\boxed{" + "1" * 50_000 + "}")
    verdict = await verifier.verify(task, deadline=deadline())
    assert verdict.reason == pb.REASON_ANSWER_TOO_LONG
    assert verdict.HasField("correct")
    assert not verdict.correct
    assert len(verdict.extracted) == 4096


async def test_a_long_response_is_searched_off_the_loop(
    verifier: MathVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def noting(response: str) -> Extraction | None:
        threads.append(threading.current_thread() is threading.main_thread())
        return extract(response)

    monkeypatch.setattr("scorer.math.verifier.extract", noting)
    for size in (10, QUICK_CHARS + 1):
        task = pb.MathTask(gold=["5"], response=" " * size + "The answer is 5.")
        assert (await verifier.verify(task, deadline=deadline())).correct
    assert threads == [True, False]


async def test_over_its_time_it_is_undecided(scripted: MathVerifier) -> None:
    verdict = await scripted.verify(pb.MathTask(gold=["5"], answer=HANGS), deadline=deadline())
    assert verdict.reason == pb.REASON_UNDECIDED_TIME
    assert not verdict.HasField("correct")
    assert not verdict.HasField("score")
    assert verdict.extracted == HANGS


async def test_all_golds_share_the_time(scripted: MathVerifier) -> None:
    kills = scripted._pool.kills
    verdict = await scripted.verify(pb.MathTask(gold=["5", "6", "7"], answer=HANGS), deadline=deadline())
    assert verdict.reason == pb.REASON_UNDECIDED_TIME
    assert scripted._pool.kills == kills + 1


async def test_an_exact_match_wins_over_an_earlier_gold_that_hangs(scripted: MathVerifier) -> None:
    verdict = await scripted.verify(pb.MathTask(gold=[HANGS, "x+1"], answer="x+1"), deadline=deadline())
    assert verdict.correct
    assert verdict.matched_gold == 1


async def test_the_deadline_bounds_the_work(scripted: MathVerifier) -> None:
    with pytest.raises(DeadlineExceeded):
        await scripted.verify(pb.MathTask(gold=["deadline"], answer=HANGS), deadline=deadline(0.2))
    verdict = await scripted.verify(pb.MathTask(gold=["z"], answer="y"), deadline=deadline())
    assert verdict.HasField("correct")


async def test_cancelling_stops_the_work(scripted: MathVerifier) -> None:
    kills = scripted._pool.kills
    task = asyncio.ensure_future(scripted.verify(pb.MathTask(gold=["cancel"], answer=HANGS), deadline=deadline()))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert scripted._pool.kills == kills + 1


@pytest.mark.parametrize(
    ("task", "field"),
    [
        (pb.MathTask(response="5"), "math.gold"),
        (pb.MathTask(gold=["1", "2", "3", "4"], response="5"), "math.gold"),
        (pb.MathTask(gold=["1", " "], response="5"), "math.gold[1]"),
        (pb.MathTask(gold=["1"]), "math.response"),
    ],
)
async def test_malformed_tasks_name_the_field(verifier: MathVerifier, task: pb.MathTask, field: str) -> None:
    with pytest.raises(TaskError) as caught:
        await verifier.verify(task, deadline=deadline())
    assert caught.value.field == field
    assert caught.value.code == pb.FAILURE_INVALID_TASK


async def test_many_at_once_share_the_workers(scripted: MathVerifier) -> None:
    tasks = [pb.MathTask(gold=[f"y={i}"], answer=f"x={i}") for i in range(20)]
    verdicts = await asyncio.gather(*(scripted.verify(task, deadline=deadline()) for task in tasks))
    assert [verdict.reason for verdict in verdicts] == [pb.REASON_WRONG_ANSWER] * 20


@pytest.mark.parametrize(("answer", "reason"), [("grow", "MEMORY"), ("large", "SIZE"), ("deep", "SIZE")])
async def test_what_cannot_be_compared_is_undecided_and_kept(scripted: MathVerifier, answer: str, reason: str) -> None:
    task = pb.MathTask(gold=["5"], answer=answer)
    first, second = [await scripted.verify(task, deadline=deadline(60)) for _ in range(2)]
    for verdict in (first, second):
        assert verdict.reason == pb.Reason.Value(f"REASON_UNDECIDED_{reason}")
        assert verdict.detail
        assert not verdict.HasField("correct")
    assert [first.cached, second.cached] == [False, True]


async def test_verdicts_are_kept_by_what_they_are_about(scripted: MathVerifier) -> None:
    right = pb.MathTask(gold=["5", "z=1"], response="I say \\boxed{y=1}.")
    assert not (await scripted.verify(right, deadline=deadline())).cached
    again = await scripted.verify(pb.MathTask(gold=["5", "z=1"], answer="y=1"), deadline=deadline())
    assert again.cached
    assert (again.extracted, again.extraction_rule) == ("y=1", "given")
    other = pb.MathTask(gold=["5", "z=1"], answer="y=1", relative_tolerance=0.1)
    assert not (await scripted.verify(other, deadline=deadline())).cached


async def test_what_was_cut_short_is_not_kept(scripted: MathVerifier) -> None:
    task = pb.MathTask(gold=["never"], answer=HANGS)
    with pytest.raises(DeadlineExceeded):
        await scripted.verify(task, deadline=deadline(0.1))
    assert not (await scripted.verify(task, deadline=deadline())).cached


@pytest.mark.parametrize("gold", ["\\frac{1}{", "N/A", "[1, 2"])
async def test_a_broken_gold_is_a_failure_of_the_task_even_for_the_same_text(verifier: MathVerifier, gold: str) -> None:
    for answer in (gold, "5"):
        with pytest.raises(TaskError) as caught:
            await verifier.verify(pb.MathTask(gold=["5", gold], answer=answer), deadline=deadline())
        assert caught.value.field == "math.gold[1]"


async def test_a_gold_that_takes_all_the_time_hides_none_that_matches(verifier: MathVerifier) -> None:
    endless = r"\int_0^\infty \frac{\sin(x^3+x)\ln(x^2+1)}{x^x+1}\,dx"
    verdict = await verifier.verify(pb.MathTask(gold=[endless, "x+1"], answer="1+x"), deadline=deadline(60))
    assert (verdict.correct, verdict.matched_gold) == (True, 1)
