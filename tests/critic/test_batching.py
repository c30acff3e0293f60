import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager

import pytest

from critic.batching import Batcher, EngineError, TooLateError
from critic.encode import EncodedSequence
from critic.tree import Tree
from tests.critic.slow import slow_down


class FakeEngine:
    """The value of a boundary is its token divided by 1000; records the passes."""

    device = "fake"
    best_pass_tokens = 100

    def __init__(self) -> None:
        self.passes: list[list[Tree]] = []
        self.threads: set[str] = set()
        self.started = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    def values(self, trees: Sequence[Tree]) -> list[list[list[float]]]:
        self.passes.append(list(trees))
        self.threads.add(threading.current_thread().name)
        self.started.set()
        assert self.go_on.wait(20)
        if any(13 in sequence.tokens for tree in trees for sequence in tree.sequences):
            raise RuntimeError("unlucky")
        return [[[s.tokens[position] / 1000 for position in s.boundaries] for s in tree.sequences] for tree in trees]

    def close(self) -> None:
        """Nothing is held."""


def sequence(*tokens: int) -> EncodedSequence:
    return EncodedSequence(tokens, tuple(range(len(tokens))))


@pytest.fixture
async def batcher() -> AsyncIterator[Batcher]:
    batcher = Batcher(max_tokens_per_pass=20, max_wait=0.01)
    batcher.start()
    yield batcher
    await batcher.close()


async def hold(batcher: Batcher, engine: FakeEngine) -> "asyncio.Task[list[list[float]]]":
    """A request whose pass does not end before `go_on` is set."""
    engine.go_on.clear()
    running = asyncio.create_task(batcher.values(engine, [sequence(1)]))
    await asyncio.to_thread(engine.started.wait, 20)
    return running


async def test_concurrent_requests_share_passes_within_the_budget(batcher: Batcher) -> None:
    engine = FakeEngine()
    first = await hold(batcher, engine)
    requests = [asyncio.create_task(batcher.values(engine, [sequence(n, n, n, n)])) for n in range(100, 112)]
    await asyncio.sleep(0)
    engine.go_on.set()
    results = await asyncio.gather(*requests)
    assert results == [[[n / 1000] * 4] for n in range(100, 112)]
    assert await first == [[0.001]]
    assert [len(chosen) for chosen in engine.passes] == [1, 5, 5, 2]
    assert engine.threads == {"critic-model_0"}


async def test_requests_that_come_within_the_wait_share_a_pass() -> None:
    batcher = Batcher(max_tokens_per_pass=20, max_wait=0.2)
    batcher.start()
    engine = FakeEngine()
    first = asyncio.create_task(batcher.values(engine, [sequence(1)]))
    await asyncio.sleep(0.01)
    assert await batcher.values(engine, [sequence(2)]) == [[0.002]]
    assert await first == [[0.001]]
    assert len(engine.passes) == 1
    await batcher.close()


async def test_equal_sequences_are_computed_once(batcher: Batcher) -> None:
    engine = FakeEngine()
    assert await batcher.values(engine, [sequence(1), sequence(2, 3), sequence(1)]) == [
        [0.001],
        [0.002, 0.003],
        [0.001],
    ]
    assert [len(tree.sequences) for chosen in engine.passes for tree in chosen] == [2]


async def test_a_request_larger_than_a_pass_takes_several(batcher: Batcher) -> None:
    engine = FakeEngine()
    sequences = [sequence(*range(n, n + 8)) for n in range(6)] + [sequence(*range(100, 130))]
    results = await batcher.values(engine, sequences)
    assert results == [[token / 1000 for token in s.tokens] for s in sequences]
    assert all(len(p) == 1 or sum(tree.tokens for tree in p) <= 20 for p in engine.passes)


async def test_a_cancelled_request_does_not_run(batcher: Batcher) -> None:
    engine = FakeEngine()
    first = await hold(batcher, engine)
    cancelled = asyncio.create_task(batcher.values(engine, [sequence(7), sequence(8)]))
    kept = asyncio.create_task(batcher.values(engine, [sequence(9)]))
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.wait([cancelled])
    engine.go_on.set()
    assert await kept == [[0.009]]
    await first
    assert {s.tokens for p in engine.passes for tree in p for s in tree.sequences} == {(1,), (9,)}


async def test_a_request_cancelled_while_it_runs_disturbs_nobody(batcher: Batcher) -> None:
    engine = FakeEngine()
    running = await hold(batcher, engine)
    running.cancel()
    await asyncio.wait([running])
    engine.go_on.set()
    assert await batcher.values(engine, [sequence(2)]) == [[0.002]]


async def test_a_fault_fails_only_the_request_that_causes_it(batcher: Batcher) -> None:
    engine = FakeEngine()
    first = await hold(batcher, engine)
    good, bad = (asyncio.create_task(batcher.values(engine, [sequence(n), sequence(50)])) for n in (12, 13))
    await asyncio.sleep(0)
    engine.go_on.set()
    assert await good == [[0.012], [0.05]]
    with pytest.raises(EngineError, match="RuntimeError: unlucky"):
        await bad
    await first
    assert await batcher.values(engine, [sequence(14)]) == [[0.014]]


async def test_an_engine_that_answers_something_else_fails_its_request_alone(batcher: Batcher) -> None:
    class Odd(FakeEngine):
        def values(self, trees: Sequence[Tree]) -> list[list[list[float]]]:
            return super().values(trees)[:-1]

    with pytest.raises(EngineError, match="other sequences"):
        await batcher.values(Odd(), [sequence(1)])
    assert await batcher.values(FakeEngine(), [sequence(2)]) == [[0.002]]


async def test_a_running_pass_keeps_what_its_engine_needs_after_the_caller_has_gone(batcher: Batcher) -> None:
    engine = FakeEngine()
    kept = 0

    @contextmanager
    def keep() -> Iterator[None]:
        nonlocal kept
        kept += 1
        yield
        kept -= 1

    engine.go_on.clear()
    running = asyncio.create_task(batcher.values(engine, [sequence(1)], keep))
    await asyncio.to_thread(engine.started.wait, 20)
    running.cancel()
    await asyncio.wait([running])
    assert kept == 1
    engine.go_on.set()
    await batcher.values(engine, [sequence(2)])
    assert kept == 0


async def test_short_requests_wait_for_one_pass_of_another_clients_long_one() -> None:
    batcher = Batcher(max_tokens_per_pass=20, max_wait=0)
    batcher.start()
    engine = FakeEngine()
    running = await hold(batcher, engine)
    large = [sequence(*[n] * 20) for n in range(100, 110)]
    long = asyncio.create_task(batcher.values(engine, large, client="greedy"))
    await asyncio.sleep(0)
    short = [asyncio.create_task(batcher.values(engine, [sequence(n)], client="modest")) for n in (1, 2, 3)]
    await asyncio.sleep(0)
    order: list[str] = []
    long.add_done_callback(lambda _: order.append("long"))
    for task in short:
        task.add_done_callback(lambda _: order.append("short"))
    engine.go_on.set()
    await asyncio.gather(long, running, *short)
    # The short ones came behind ten full passes and had to wait for one.
    assert order == ["short"] * 3 + ["long"]
    assert [len(trees) for trees in engine.passes[:3]] == [1, 1, 3]
    await batcher.close()


async def test_engines_do_not_share_a_pass(batcher: Batcher) -> None:
    old, new = FakeEngine(), FakeEngine()
    first = await hold(batcher, old)
    requests = [asyncio.create_task(batcher.values(engine, [sequence(5)])) for engine in (old, new)]
    await asyncio.sleep(0)
    old.go_on.set()
    await asyncio.gather(first, *requests)
    assert [len(chosen) for chosen in old.passes] == [1, 1]
    assert [len(chosen) for chosen in new.passes] == [1]


async def test_what_cannot_be_done_in_time_is_given_up_while_others_wait(batcher: Batcher) -> None:
    engine = FakeEngine()
    first = await hold(batcher, engine)
    slow_down(batcher, engine, 20)
    in_an_hour = asyncio.get_running_loop().time() + 1800.0
    late = [asyncio.create_task(batcher.values(engine, [sequence(n)], deadline=in_an_hour)) for n in (2, 3)]
    others = asyncio.create_task(batcher.values(engine, [sequence(4)], client="other"))
    await asyncio.sleep(0)
    engine.go_on.set()
    assert await others == [[0.004]]
    for task in late:
        with pytest.raises(TooLateError, match="too near"):
            await task
    await first
    assert {s.tokens for p in engine.passes for tree in p for s in tree.sequences} == {(1,), (4,)}


async def test_what_looks_too_late_is_tried_when_nobody_else_waits(batcher: Batcher) -> None:
    engine = FakeEngine()
    slow_down(batcher, engine, 20)
    deadline = asyncio.get_running_loop().time() + 1800.0
    assert await batcher.values(engine, [sequence(2)], deadline=deadline) == [[0.002]]


async def test_the_pace_of_one_engine_says_nothing_about_another(batcher: Batcher) -> None:
    old, new = FakeEngine(), FakeEngine()
    slow_down(batcher, old, 20)
    await batcher.values(new, [sequence(1)])
    assert batcher._pace.least(20) == 0.0


async def test_the_wait_of_a_client_is_by_what_it_has_waiting_itself(batcher: Batcher) -> None:
    engine = FakeEngine()
    first = await hold(batcher, engine)
    slow_down(batcher, engine, 20)
    waiting = [
        asyncio.create_task(batcher.values(engine, [sequence(*[n] * 10)], client="greedy")) for n in range(100, 104)
    ]
    await asyncio.sleep(0)
    assert batcher.expected_wait("greedy") == 2 * 3600.0
    assert batcher.expected_wait("modest") == 0.0
    engine.go_on.set()
    await asyncio.gather(first, *waiting)
    assert batcher.expected_wait("greedy") == 0.0


async def test_a_request_is_told_when_it_waits_and_when_it_is_computed(batcher: Batcher) -> None:
    phases: list[str] = []
    await batcher.values(FakeEngine(), [sequence(*range(n, n + 20)) for n in (20, 100)], enter=phases.append)
    assert phases == ["wait", "model", "wait", "model", "wait"]
