"""Bounded concurrency, cancellation, and slots that come back whatever happens."""

import asyncio

import pytest

from codaserve.v1 import scorer_pb2 as pb
from scorer import dispatch
from scorer.dispatch import Dispatcher


class Work:
    """Scoring that ends when the test says so."""

    def __init__(self) -> None:
        self.running: dict[str, asyncio.Event] = {}
        self.order: list[str] = []
        self.cancelled: list[str] = []

    async def __call__(self, item: pb.ScoreItem, deadline: float) -> pb.ScoreResult:
        self.order.append(item.id)
        self.running[item.id] = asyncio.Event()
        try:
            await self.running[item.id].wait()
            return pb.ScoreResult(id=item.id)
        except asyncio.CancelledError:
            self.cancelled.append(item.id)
            raise
        finally:
            del self.running[item.id]


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_no_more_than_the_slots_run_at_once_and_groups_go_first() -> None:
    work = Work()
    dispatcher = Dispatcher(work, slots=1, kind="code")
    jobs = [dispatcher.submit(pb.ScoreItem(id=name), name[0], 0.0) for name in ("a1", "b1", "a2")]
    await settle()
    for name in ("a1", "a2", "b1"):
        assert list(work.running) == [name]
        work.running[name].set()
        await settle()
    assert [job.future.result().id for job in jobs] == ["a1", "b1", "a2"]


async def test_cancelling_a_running_job_stops_its_work_and_frees_the_slot() -> None:
    work = Work()
    dispatcher = Dispatcher(work, slots=1, kind="code")
    first, second = (dispatcher.submit(pb.ScoreItem(id=name), name, 0.0) for name in "ab")
    await settle()
    dispatcher.cancel(first)
    await settle()
    assert first.future.cancelled()
    assert work.cancelled == ["a"]
    work.running["b"].set()
    assert (await second.future).id == "b"
    dispatcher.cancel(second)
    assert second.future.result().id == "b"


async def test_cancelling_a_waiting_job_means_that_it_never_starts() -> None:
    work = Work()
    dispatcher = Dispatcher(work, slots=1, kind="code")
    first, second = (dispatcher.submit(pb.ScoreItem(id=name), name, 0.0) for name in "ab")
    await settle()
    dispatcher.cancel(second)
    work.running["a"].set()
    await settle()
    assert first.future.done()
    assert second.future.cancelled()
    assert work.order == ["a"]


async def test_a_job_that_is_cancelled_before_its_first_step_frees_the_slot() -> None:
    work = Work()
    dispatcher = Dispatcher(work, slots=1, kind="code")
    first, second = (dispatcher.submit(pb.ScoreItem(id=name), name, 0.0) for name in "ab")
    dispatcher.cancel(first)
    await settle()
    assert first.future.cancelled()
    work.running["b"].set()
    await second.future


async def test_an_exception_reaches_the_future_and_frees_the_slot() -> None:
    async def fail(item: pb.ScoreItem, deadline: float) -> pb.ScoreResult:
        raise RuntimeError(item.id)

    dispatcher = Dispatcher(fail, slots=1, kind="code")
    jobs = [dispatcher.submit(pb.ScoreItem(id=name), name, 0.0) for name in "ab"]
    for job in jobs:
        with pytest.raises(RuntimeError, match=job.item.id):
            await job.future


async def test_what_cannot_be_done_in_time_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "ENOUGH", 1)
    work = Work()
    dispatcher = Dispatcher(work, slots=1, kind="code")
    loop = asyncio.get_running_loop()
    first = dispatcher.submit(pb.ScoreItem(id="first"), "a", loop.time() + 1000)
    waiting = dispatcher.submit(pb.ScoreItem(id="late"), "b", loop.time())
    assert dispatcher.expected_wait() == 0.0  # nothing is known yet
    await settle()
    work.running["first"].set()
    assert (await first.future).id == "first"
    await settle()
    assert waiting.future.cancelled()
    assert waiting.given_up
    assert work.order == ["first"]
    last = dispatcher.submit(pb.ScoreItem(id="last"), "c", loop.time() + 1000)
    await settle()
    work.running["last"].set()
    assert (await last.future).id == "last"


async def test_the_expected_wait_is_of_ones_own_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "ENOUGH", 1)
    dispatcher = Dispatcher(Work(), slots=2, kind="code")
    for number in range(2 + 10):
        dispatcher.submit(pb.ScoreItem(id=str(number)), number, 1e12, client="greedy")
    dispatcher._seconds.extend([3.0, 5.0])
    assert dispatcher.expected_wait("greedy") == 10 * 4 / 2
    assert dispatcher.expected_wait("modest") == 0.0
    dispatcher.submit(pb.ScoreItem(id="m"), "m", 1e12, client="modest")
    assert dispatcher.expected_wait("modest") == 2 * 4 / 2
