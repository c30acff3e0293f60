"""What a worker makes of the judgements about an item's gold answers."""

from collections.abc import Awaitable, Callable

import pytest

from scorer.math.judgement import Options, Outcome
from scorer.math.process.pool import WorkerPool
from scorer.math.process.wire import Job, Step

StartPool = Callable[..., Awaitable[WorkerPool]]

pytestmark = pytest.mark.usefixtures("scripted")


async def test_the_gold_that_matches_is_told_with_the_steps_until_then(start_pool: StartPool) -> None:
    pool = await start_pool()
    reply = await pool.compare(Job(("y", "x", "z"), "x", traced=True))
    assert (reply.outcome, reply.gold, reply.rule) == (Outcome.EQUAL, 1, "scripted")
    assert (reply.gold_form, reply.answer_form) == ("gold x", "answer x")
    assert reply.steps == (Step(0, "scripted", "different"), Step(1, "scripted", "equal"))


async def test_a_match_wins_over_a_gold_that_cannot_be_compared(start_pool: StartPool) -> None:
    pool = await start_pool()
    large = await pool.compare(Job(("x", "y"), "large"))
    assert (large.outcome, large.gold) == (Outcome.SIZE, 0)
    assert "too many digits" in large.detail
    deep = await pool.compare(Job(("x",), "deep"))
    assert deep.outcome is Outcome.SIZE
    assert (await pool.compare(Job(("large", "grow"), "x"))).outcome is Outcome.DIFFERENT


async def test_different_is_not_believed_when_memory_may_have_run_out(start_pool: StartPool) -> None:
    pool = await start_pool(memory_bytes=2**27)
    for megabytes, outcome in ((96, Outcome.MEMORY), (1, Outcome.DIFFERENT)):
        reply = await pool.compare(Job(("x",), "swallow", Options(choices=("x" * megabytes,))))
        assert reply.outcome is outcome
        assert reply.retire


async def test_no_file_can_be_opened(start_pool: StartPool) -> None:
    pool = await start_pool()
    with pytest.raises(RuntimeError, match=r"PermissionError|OSError"):
        await pool.compare(Job(("x",), "file"))
