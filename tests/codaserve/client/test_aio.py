import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from types import SimpleNamespace

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata

from codaserve import AsyncScorerClient, Outage, RetryPolicy, ScoringFailure
from codaserve.client.dialect import SCORER
from codaserve.client.link import Link
from codaserve.client.run import FAULTS
from codaserve.v1 import scorer_pb2 as pb
from tests.codaserve.client.fake_scorer import FakeScorer, failure, items, right

FAST = RetryPolicy(initial_backoff=0.02, max_backoff=0.1, max_outage=20)


def answers(results: list[pb.ScoreResult]) -> list[str]:
    return [result.verdict.extracted for result in results]


async def test_results_in_order_with_the_ids_of_the_user() -> None:
    async def shuffled(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        await asyncio.sleep(int(item.math.answer) % 7 / 200)
        return right(item)

    async with FakeScorer(shuffled) as server, AsyncScorerClient(server.address) as client:
        assert await client.score([]) == []
        batch = items(100)
        for item in batch[:10]:
            item.id = "the same"
        results = await client.score(batch)
        assert answers(results) == [str(i) for i in range(100)]
        assert [r.id for r in results] == [i.id for i in batch]
        assert sorted(server.seen) == sorted(str(i) for i in range(100))  # nothing was sent twice


async def test_stream_gives_what_finishes_first_and_reads_no_further_than_it_must() -> None:
    slow_may_end = asyncio.Event()

    async def first_is_slow(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        if item.math.answer == "0":
            await slow_may_end.wait()
        return right(item)

    read = 0

    def source() -> Iterator[pb.ScoreItem]:
        nonlocal read
        for item in items(5000):
            read += 1
            yield item

    async with FakeScorer(first_is_slow) as server, AsyncScorerClient(server.address) as client:
        got = []
        async with aclosing(client.stream(source())) as results:
            async for result in results:
                got.append(result.verdict.extracted)
                assert read <= len(got) + 1024
                if len(got) == 4999:
                    assert "0" not in got
                    slow_may_end.set()
        assert sorted(got) == sorted(str(i) for i in range(5000))
        assert got[-1] == "0"


async def test_leaving_a_stream_early_stops_the_work() -> None:
    cancelled = asyncio.Event()

    async def endless(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        if item.math.answer != "0":
            try:
                await asyncio.sleep(3600)
            finally:
                cancelled.set()
        return right(item)

    async with FakeScorer(endless) as server, AsyncScorerClient(server.address) as client:
        async with aclosing(client.stream(items(3))) as results:
            async for _ in results:
                break
        await asyncio.wait_for(cancelled.wait(), 10)


async def test_only_failed_items_are_sent_again() -> None:
    tries: dict[str, int] = {}

    async def some_fail_once(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        tries[item.math.answer] = tries.get(item.math.answer, 0) + 1
        if int(item.math.answer) % 5 == 0 and tries[item.math.answer] == 1:
            return failure(item, "FAILURE_INTERNAL")
        return right(item)

    async with FakeScorer(some_fail_once) as server, AsyncScorerClient(server.address, retry=FAST) as client:
        results = await client.score(items(20))
        assert answers(results) == [str(i) for i in range(20)]
        assert {a for a, n in tries.items() if n == 2} == {"0", "5", "10", "15"}
        assert max(tries.values()) == 2
        assert client.retries == 4


@pytest.mark.parametrize(
    ("code", "retryable", "tries"),
    [
        ("FAILURE_INVALID_TASK", False, 1),
        ("FAILURE_DEADLINE", True, 1),
        ("FAILURE_INTERNAL", False, 1),
        ("FAILURE_INTERNAL", True, FAULTS),
    ],
)
async def test_failures_that_stay_come_back_as_failures(code: str, retryable: bool, tries: int) -> None:
    async def fail_one(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        return failure(item, code, retryable=retryable) if item.math.answer == "1" else right(item)

    async with FakeScorer(fail_one) as server, AsyncScorerClient(server.address, retry=FAST) as client:
        results = await client.score(items(3))
        assert [r.WhichOneof("outcome") for r in results] == ["verdict", "failure", "verdict"]
        assert results[1].id == "item-1"
        assert pb.FailureCode.Name(results[1].failure.code) == code
        assert server.seen.count("1") == tries
        assert client.retries == tries - 1


async def test_failures_are_raised_when_asked_for() -> None:
    async def fail_one(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        return failure(item, "FAILURE_INVALID_TASK", retryable=False) if item.math.answer == "1" else right(item)

    async with FakeScorer(fail_one) as server, AsyncScorerClient(server.address, on_failure="raise") as client:
        with pytest.raises(ScoringFailure, match=r"1 of 3 .*FAILURE_INVALID_TASK: so") as raised:
            await client.score(items(3))
        assert [r.id for r in raised.value.failed] == ["item-1"]
        assert raised.value.results[2].verdict.correct
        with pytest.raises(ScoringFailure):
            async with aclosing(client.stream(items(3))) as results:
                async for result in results:
                    assert result.verdict.correct


async def test_a_full_service_is_asked_again_when_it_said() -> None:
    refused_at: dict[str, float] = {}
    came_back_after = []

    async def full_at_first(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        now = time.monotonic()
        if item.math.answer not in refused_at:
            refused_at[item.math.answer] = now
            return failure(item, "FAILURE_OVERLOADED", retry_after_ms=300)
        came_back_after.append(now - refused_at[item.math.answer])
        return right(item)

    async with FakeScorer(full_at_first) as server, AsyncScorerClient(server.address, retry=FAST) as client:
        results = await client.score(items(2))
        assert answers(results) == ["0", "1"]
        assert min(came_back_after) >= 0.29  # a lower bound: never before the hint
        assert client.retries == 2


async def test_a_refused_call_honours_the_trailer() -> None:
    calls = []

    async def refuse_first(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        calls.append(time.monotonic())
        if len(calls) == 1:
            context.set_trailing_metadata((("retry-after-ms", "250"),))
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "full")
        return right(item)

    async with FakeScorer(refuse_first) as server, AsyncScorerClient(server.address, retry=FAST) as client:
        assert answers(await client.score(items(1))) == ["0"]
        assert calls[1] - calls[0] >= 0.24


async def test_a_service_that_stays_full_ends_as_a_typed_failure() -> None:
    async def always_full(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        return failure(item, "FAILURE_OVERLOADED")

    retry = RetryPolicy(initial_backoff=0.02, max_backoff=0.05, max_outage=0.3)
    told: list[Outage] = []
    async with (
        FakeScorer(always_full) as server,
        AsyncScorerClient(server.address, retry=retry, on_outage=told.append) as client,
    ):
        results = await client.score(items(40))
        assert {r.failure.code for r in results} == {pb.FAILURE_OVERLOADED}
        assert all(r.failure.retryable for r in results)
        assert told == []  # full is not away


async def test_nobody_there_ends_as_a_typed_failure(dead_address: str) -> None:
    told: list[Outage] = []
    retry = RetryPolicy(initial_backoff=0.02, max_backoff=0.1, max_outage=0.3)
    async with AsyncScorerClient(dead_address, retry=retry, on_outage=told.append) as client:
        results = await client.score(items(2000))
        assert [r.id for r in results] == [f"item-{i}" for i in range(2000)]
        assert {r.failure.code for r in results} == {pb.FAILURE_UNAVAILABLE}
        assert all(r.failure.retryable and dead_address in r.failure.message for r in results)
        assert [(o.ended, o.addresses) for o in told] == [(False, (dead_address,))]


async def test_calls_of_one_client_give_up_together(dead_address: str) -> None:
    retry = RetryPolicy(initial_backoff=1, max_backoff=1, jitter=0, max_outage=0)
    async with AsyncScorerClient(dead_address, retry=retry) as client:
        await client.score(items(1))
        # One call tries at a time now, once in a second: a hundred that each tried by themselves took as many.
        calls = asyncio.gather(*(client.score(items(1)) for _ in range(100)))
        results = await asyncio.wait_for(calls, 60)
        assert {one.failure.code for (one,) in results} == {pb.FAILURE_UNAVAILABLE}


async def test_one_dead_address_of_two_costs_nothing(dead_address: str) -> None:
    told: list[Outage] = []
    async with (
        FakeScorer() as server,
        AsyncScorerClient([dead_address, server.address], retry=FAST, on_outage=told.append) as client,
    ):
        results = await client.score(items(200))
        assert answers(results) == [str(i) for i in range(200)]
        assert told == []


async def test_addresses_share_the_work() -> None:
    async with FakeScorer() as one, FakeScorer() as two, AsyncScorerClient([one.address, two.address]) as client:
        await client.score(items(200))
        assert len(one.seen) + len(two.seen) == 200
        assert min(len(one.seen), len(two.seen)) >= 60


async def test_a_retry_goes_to_the_other_address() -> None:
    async def faulty(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        return failure(item, "FAILURE_INTERNAL")

    async with (
        FakeScorer(faulty) as bad,
        FakeScorer() as good,
        AsyncScorerClient([bad.address, good.address], retry=FAST) as client,
    ):
        assert answers(await client.score(items(30))) == [str(i) for i in range(30)]
        assert len(bad.seen) == len(set(bad.seen))


async def test_a_restarted_service_loses_nothing() -> None:
    told: list[Outage] = []
    first = FakeScorer()
    arrived = asyncio.Event()

    async def hold(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        if int(item.math.answer) >= 10:
            arrived.set()
            await asyncio.sleep(3600)
        return right(item)

    first.behaviour = hold
    await first.__aenter__()
    async with AsyncScorerClient(first.address, retry=FAST, on_outage=told.append) as client:
        scoring = asyncio.create_task(client.score(items(50)))
        await asyncio.wait_for(arrived.wait(), 10)
        await first.__aexit__()
        await asyncio.sleep(0.3)
        async with FakeScorer(port=first.port):
            assert answers(await asyncio.wait_for(scoring, 30)) == [str(i) for i in range(50)]
    assert [o.ended for o in told] == [False, True]
    assert told[1].duration_seconds > 0
    assert told[0].started_at == told[1].started_at


async def test_a_hanging_item_ends_by_its_deadline_alone() -> None:
    async def hang_one(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        assert context.time_remaining() is not None
        if item.math.answer == "1":
            await asyncio.sleep(3600)
        return right(item)

    async with FakeScorer(hang_one) as server, AsyncScorerClient(server.address) as client:
        results = {r.id: r async for r in client.stream(items(4), timeout=0.5)}
        assert [results[f"item-{i}"].HasField("verdict") for i in range(4)] == [True, False, True, True]
        assert results["item-1"].failure.code == pb.FAILURE_DEADLINE


async def test_deadlines_shorter_than_the_sending_are_deadlines() -> None:
    async with FakeScorer() as server, AsyncScorerClient(server.address, retry=FAST) as client:
        server.limits.max_message_bytes = 10**7
        server.limits.math_workers = 512
        batch = items(50)
        for seconds in (0.0001, 0.0007, 0.001, 0.002) * 10:
            for result in await client.score(batch, timeout=seconds):
                assert result.HasField("verdict") or result.failure.code == pb.FAILURE_DEADLINE, result
        for item in batch[:10]:
            item.math.gold[0] = "1" * 2_000_000
        for result in await client.score(batch[:10], timeout=0.01):
            assert result.HasField("verdict") or result.failure.code == pb.FAILURE_DEADLINE, result.failure


class _Broken:
    """A call that ends as grpc.aio ends one whose items are still being written."""

    def __init__(self, seconds: float, error: BaseException) -> None:
        self._seconds = seconds
        self._error = error

    async def __aiter__(self) -> AsyncIterator[pb.ScoreResult]:
        await asyncio.sleep(self._seconds)
        raise self._error
        yield pb.ScoreResult()

    def cancel(self) -> None:
        """Has ended."""


@pytest.mark.parametrize(
    ("seconds", "error", "status"),
    [
        (0.0, asyncio.CancelledError(), grpc.StatusCode.UNAVAILABLE),
        (0.1, asyncio.CancelledError(), grpc.StatusCode.DEADLINE_EXCEEDED),
        (0.1, AioRpcError(grpc.StatusCode.INTERNAL, Metadata(), Metadata()), grpc.StatusCode.DEADLINE_EXCEEDED),
        (0.1, AioRpcError(grpc.StatusCode.DATA_LOSS, Metadata(), Metadata()), grpc.StatusCode.DATA_LOSS),
    ],
)
async def test_a_call_that_grpc_cancels_is_a_lost_call(
    seconds: float, error: BaseException, status: grpc.StatusCode, dead_address: str
) -> None:
    link = Link(dead_address, SCORER, 1.0)
    link._stub = SimpleNamespace(ScoreStream=lambda _, **kwargs: _Broken(seconds, error))
    with pytest.raises(AioRpcError) as caught:
        async for _ in link.exchange(items(1), 10.0 if not seconds else seconds / 2):
            pass
    assert caught.value.code() is status
    await link.close()


async def test_a_stream_that_ends_without_answers_is_a_fault_and_past_its_deadline_missed_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = []

    async def silent(link: object, messages: object, timeout: float) -> AsyncIterator[pb.ScoreResult]:
        calls.append(messages)
        await asyncio.sleep(0.02)
        return
        yield pb.ScoreResult()

    monkeypatch.setattr(Link, "exchange", silent)
    async with FakeScorer() as server, AsyncScorerClient(server.address, retry=FAST) as client:
        for seconds, code, tries in ((0.01, pb.FAILURE_DEADLINE, 1), (5.0, pb.FAILURE_INTERNAL, FAULTS)):
            calls.clear()
            (result,) = [result async for result in client.stream(items(1), timeout=seconds)]
            assert (result.failure.code, len(calls)) == (code, tries)


async def test_an_item_that_breaks_calls_fails_alone() -> None:
    async def poisoned(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        if item.math.answer == "2":
            raise RuntimeError("poison")
        return right(item)

    async with FakeScorer(poisoned) as server, AsyncScorerClient(server.address, retry=FAST) as client:
        results = await client.score(items(8))
        assert [r.WhichOneof("outcome") for r in results] == ["verdict"] * 2 + ["failure"] + ["verdict"] * 5
        assert results[2].failure.code == pb.FAILURE_INTERNAL
        assert "poison" in results[2].failure.message


async def test_an_item_that_breaks_calls_gets_no_address_ejected() -> None:
    async def poisoned(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        if item.math.answer == "2":
            await context.abort(grpc.StatusCode.INTERNAL, "poison")
        if item.math.answer == "5":
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "poison")
        await asyncio.sleep(0.05)  # so that the call has no verdict before it ends
        return right(item)

    retry = RetryPolicy(initial_backoff=0.02, max_backoff=600)
    async with (
        FakeScorer(poisoned) as one,
        FakeScorer(poisoned) as other,
        AsyncScorerClient([one.address, other.address], retry=retry) as client,
    ):
        results = await client.score(items(8))
        assert [r.id for r in results if r.HasField("failure")] == ["item-2", "item-5"]
        assert client._engine.balancer.seconds_until_free() is None


async def test_an_item_that_is_too_large_is_refused_here() -> None:
    async with FakeScorer() as server, AsyncScorerClient(server.address) as client:
        batch = items(3)
        batch[1].math.gold[0] = "1" * 200_000
        results = await client.score(batch)
        assert [r.WhichOneof("outcome") for r in results] == ["verdict", "failure", "verdict"]
        assert results[1].failure.code == pb.FAILURE_INVALID_TASK
        assert not results[1].failure.retryable
        assert "100000" in results[1].failure.message
        assert "1" not in server.seen
