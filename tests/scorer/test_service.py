"""The service over real gRPC: order, refusals, deadlines, cancellation, draining."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest

from codaserve.v1 import scorer_pb2 as pb
from tests.scorer.served import Scorer, StartScorer, code_item, hanging_item, math_item

LONG = 120.0


async def until_idle(scorer: Scorer) -> None:
    async with asyncio.timeout(60):
        while (await scorer.stub.Info(pb.ScorerInfoRequest())).queue_depth:  # noqa: ASYNC110 - the server is asked
            await asyncio.sleep(0.01)


async def until_started(scorer: Scorer, count: int) -> None:
    async with asyncio.timeout(60):
        while len(scorer.judge.started) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def refusal_of(call: "grpc.aio.UnaryUnaryCall") -> "grpc.aio.AioRpcError":
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value


async def test_results_come_in_request_order_and_items_fail_alone(start_scorer: StartScorer) -> None:
    scorer = await start_scorer()
    items = [
        math_item("slow"),
        code_item("code"),
        code_item("fault", "crash"),
        pb.ScoreItem(id="nothing"),
        math_item("fast", "5", "6"),
        pb.ScoreItem(id="no gold", math=pb.MathTask(answer="5")),
        math_item("x" * 257),
    ]
    response = await scorer.stub.Score(pb.ScoreRequest(items=items), timeout=LONG)
    assert [result.id for result in response.results] == [item.id for item in items]
    slow, code, fault, nothing, fast, no_gold, long_id = response.results
    assert slow.verdict.correct
    assert slow.verdict.matched_rule == "value"
    assert code.verdict.reason == pb.REASON_PASSED
    assert fault.failure.code == pb.FAILURE_INTERNAL
    assert fault.failure.retryable
    assert nothing.failure.field == "task"
    assert fast.verdict.reason == pb.REASON_WRONG_ANSWER
    assert no_gold.failure.field == "math.gold"
    assert long_id.failure.field == "id"
    await until_idle(scorer)


async def test_equal_answers_of_a_batch_are_compared_once(start_scorer: StartScorer) -> None:
    scorer = await start_scorer()
    items = [math_item(str(number), group="g") for number in range(8)]
    response = await scorer.stub.Score(pb.ScoreRequest(items=items), timeout=LONG)
    assert all(result.verdict.correct for result in response.results)
    assert [result.verdict.cached for result in response.results].count(False) == 1


async def test_a_broken_gold_is_a_failure_of_its_task(start_scorer: StartScorer) -> None:
    scorer = await start_scorer()
    response = await scorer.stub.Score(pb.ScoreRequest(items=[math_item("a", "[1, 2", "[1, 2")]), timeout=LONG)
    failure = response.results[0].failure
    assert (failure.code, failure.field) == (pb.FAILURE_INVALID_TASK, "math.gold[0]")
    assert not failure.retryable


async def test_batches_that_can_never_fit_are_invalid(start_scorer: StartScorer) -> None:
    scorer = await start_scorer(max_items=3, queue={"size": 2})
    empty = await refusal_of(scorer.stub.Score(pb.ScoreRequest()))
    assert empty.code() is grpc.StatusCode.INVALID_ARGUMENT
    large = await refusal_of(scorer.stub.Score(pb.ScoreRequest(items=[code_item(str(i)) for i in range(3)])))
    assert large.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "max_items = 2" in str(large.details())


async def test_a_full_queue_refuses_the_whole_batch_with_a_hint(start_scorer: StartScorer) -> None:
    scorer = await start_scorer(queue={"size": 2})
    waiting = scorer.stub.Score(pb.ScoreRequest(items=[code_item("a", "wait")]), timeout=LONG)
    await until_started(scorer, 1)
    refused = await refusal_of(scorer.stub.Score(pb.ScoreRequest(items=[code_item("b"), code_item("c")]), timeout=LONG))
    assert refused.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    hints = {key: value for key, value in refused.trailing_metadata() or ()}  # noqa: C416 - not a plain mapping
    assert int(hints["retry-after-ms"]) > 0
    assert len(scorer.judge.started) == 1
    scorer.judge.release.set()
    assert (await waiting).results[0].verdict.correct
    assert (await scorer.stub.Score(pb.ScoreRequest(items=[code_item("b"), code_item("c")]), timeout=LONG)).results


async def test_the_deadline_bounds_the_work_and_spares_what_is_done(start_scorer: StartScorer) -> None:
    # The server's own limit acts like the client's deadline, but the answer is not raced by the client.
    scorer = await start_scorer(max_call_seconds=1)
    items = [math_item("done", "5", "5"), hanging_item("hangs"), math_item("never begun"), code_item("c", "wait")]
    response = await scorer.stub.Score(pb.ScoreRequest(items=items), timeout=LONG)
    done, *late = response.results
    assert done.verdict.correct
    for result in late:
        assert result.WhichOneof("outcome") == "failure"
        assert result.failure.code == pb.FAILURE_DEADLINE
    assert scorer.judge.stopped == ["wait"]
    await until_idle(scorer)
    again = await scorer.stub.Score(pb.ScoreRequest(items=[math_item("again")]), timeout=LONG)
    assert again.results[0].verdict.correct


async def test_the_clients_deadline_stops_the_work(start_scorer: StartScorer) -> None:
    scorer = await start_scorer()
    try:
        response = await scorer.stub.Score(pb.ScoreRequest(items=[hanging_item("h")]), timeout=0.5)
        assert response.results[0].failure.code == pb.FAILURE_DEADLINE
    except grpc.aio.AioRpcError as error:
        assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED  # a busy machine may be late with the answer
    await until_idle(scorer)


async def test_a_cancelled_call_stops_its_work(start_scorer: StartScorer) -> None:
    scorer = await start_scorer()
    call = scorer.stub.Score(
        pb.ScoreRequest(items=[hanging_item("h"), code_item("c", "wait"), code_item("d", "wait too")]), timeout=LONG
    )
    await until_started(scorer, 1)
    call.cancel()
    await until_idle(scorer)
    assert scorer.judge.stopped == ["wait"]
    assert scorer.judge.started == ["wait"]
    again = await scorer.stub.Score(pb.ScoreRequest(items=[math_item("again"), code_item("e")]), timeout=LONG)
    assert all(result.verdict.correct for result in again.results)


async def test_groups_finish_one_after_the_other(start_scorer: StartScorer) -> None:
    scorer = await start_scorer()
    items = [code_item(name, name, group=name[0]) for name in ("a1", "b1", "a2", "b2", "c1", "a3")]
    await scorer.stub.Score(pb.ScoreRequest(items=items), timeout=LONG)
    assert scorer.judge.started == ["a1", "a2", "a3", "b1", "b2", "c1"]


async def test_a_stream_answers_as_items_finish(start_scorer: StartScorer) -> None:
    scorer = await start_scorer()
    call = scorer.stub.ScoreStream(timeout=LONG)
    await call.write(code_item("late", "wait"))
    await call.write(math_item("early"))
    assert (await call.read()).id == "early"
    scorer.judge.release.set()
    assert (await call.read()).id == "late"
    await call.done_writing()
    assert await call.read() is grpc.aio.EOF
    assert await call.code() is grpc.StatusCode.OK


async def test_a_stream_longer_than_its_window_is_answered_whole(start_scorer: StartScorer) -> None:
    scorer = await start_scorer(max_items=4)

    async def items() -> AsyncIterator[pb.ScoreItem]:
        for number in range(50):
            yield math_item(str(number), "5", str(number))

    results = {result.id: result async for result in scorer.stub.ScoreStream(items(), timeout=LONG)}
    assert sorted(map(int, results)) == list(range(50))
    assert [name for name, result in results.items() if result.verdict.correct] == ["5"]


async def test_in_a_stream_duplicate_ids_and_a_full_queue_fail_single_items(start_scorer: StartScorer) -> None:
    scorer = await start_scorer(queue={"size": 2}, max_items=2)
    busy = scorer.stub.Score(pb.ScoreRequest(items=[code_item("x", "wait"), code_item("y", "wait")]), timeout=LONG)
    await until_started(scorer, 1)
    call = scorer.stub.ScoreStream(timeout=LONG)
    await call.write(math_item("one"))
    overloaded = await call.read()
    assert overloaded.failure.code == pb.FAILURE_OVERLOADED
    assert overloaded.failure.retry_after_ms > 0
    scorer.judge.release.set()
    await busy
    await call.write(math_item("one"))
    duplicate = await call.read()
    assert duplicate.failure.code == pb.FAILURE_INVALID_TASK
    assert duplicate.failure.field == "id"
    await call.write(math_item("two"))
    assert (await call.read()).verdict.correct
    call.cancel()


async def test_a_streams_deadline_answers_what_is_left(start_scorer: StartScorer) -> None:
    scorer = await start_scorer(max_call_seconds=1)
    call = scorer.stub.ScoreStream(timeout=LONG)
    await call.write(hanging_item("h"))
    result = await call.read()
    assert result.failure.code == pb.FAILURE_DEADLINE
    assert await call.code() is grpc.StatusCode.DEADLINE_EXCEEDED  # more items might have come
    await until_idle(scorer)


async def test_a_stream_whose_items_were_all_read_ends_well_at_its_deadline(start_scorer: StartScorer) -> None:
    scorer = await start_scorer(max_call_seconds=1)
    call = scorer.stub.ScoreStream(iter([hanging_item("h")]), timeout=LONG)
    assert [result.failure.code async for result in call] == [pb.FAILURE_DEADLINE]
    assert await call.code() is grpc.StatusCode.OK


async def test_no_stream_ends_well_without_all_its_answers(
    start_scorer: StartScorer, caplog: pytest.LogCaptureFixture
) -> None:
    scorer = await start_scorer()
    await scorer.stub.Info(pb.ScorerInfoRequest())
    for _ in range(60):
        answered = 0
        call = scorer.stub.ScoreStream(iter([math_item(str(number), "5", "5") for number in range(6)]), timeout=0.0005)
        try:
            async for _result in call:
                answered += 1
        except (grpc.aio.AioRpcError, asyncio.CancelledError):
            continue
        assert answered == 6
    await until_idle(scorer)
    assert "ExecuteBatchError" not in caplog.text


async def test_a_cancelled_stream_stops_its_work(start_scorer: StartScorer) -> None:
    scorer = await start_scorer()
    call = scorer.stub.ScoreStream(timeout=LONG)
    await call.write(code_item("c", "wait"))
    await call.write(hanging_item("h"))
    await until_started(scorer, 1)
    call.cancel()
    await until_idle(scorer)
    assert scorer.judge.stopped == ["wait"]


async def test_draining_refuses_new_work_and_finishes_the_old(start_scorer: StartScorer) -> None:
    scorer = await start_scorer()
    stream = scorer.stub.ScoreStream(timeout=LONG)
    await stream.write(code_item("a", "wait"))
    await until_started(scorer, 1)
    draining = asyncio.ensure_future(scorer.engine.drain())
    await asyncio.sleep(0)
    refused = await refusal_of(scorer.stub.Score(pb.ScoreRequest(items=[code_item("b")]), timeout=LONG))
    assert refused.code() is grpc.StatusCode.UNAVAILABLE
    await stream.write(code_item("b"))
    late = await stream.read()
    assert late.failure.code == pb.FAILURE_SHUTTING_DOWN
    assert late.failure.retryable
    assert not draining.done()
    scorer.judge.release.set()
    assert (await stream.read()).verdict.correct
    await draining
    stream.cancel()


async def test_info(start_scorer: StartScorer) -> None:
    scorer = await start_scorer(queue={"size": 7})
    info = await scorer.stub.Info(pb.ScorerInfoRequest())
    assert info.version
    assert "math-verify" in info.verifier_version
    assert info.limits.max_queue == 7
    assert info.limits.max_items == 7
    assert info.limits.math_workers == 1
    assert info.limits.math_seconds == 60
    assert info.limits.math_wall_seconds == 20
    assert info.limits.math_memory_bytes == 512 * 2**20
    assert "seccomp" in [layer.name for layer in info.math_isolation]
    assert info.limits.max_answer_chars == 2000
    assert [language.name for language in info.languages] == ["python"]
    assert [language.name for language in info.missing_languages] == ["cobol"]
    assert info.queue_depth == 0
