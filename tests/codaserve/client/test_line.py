"""Many calls of one client at a time: who gets the room that comes."""

import asyncio
from collections import Counter
from typing import Any

import grpc
import pytest

from codaserve import AsyncScorerClient
from codaserve.client.line import Line
from codaserve.client.run import Run
from codaserve.v1 import scorer_pb2 as pb
from tests.codaserve.client.fake_scorer import FakeScorer, items, right
from tests.codaserve.client.test_aio import answers

NARROW = pb.ScorerLimits(math_workers=1, sandbox_slots=1, max_queue=2, max_message_bytes=10**6)


class _Caller:
    def __init__(self, line: Line, name: str, woken: list[str]) -> None:
        self.line, self.name, self.woken = line, name, woken

    def wake(self) -> None:
        self.woken.append(self.name)

    def join(self, looked: int, *, first: bool = False) -> None:
        self.line.join(self, looked, first=first)


def test_room_wakes_the_longest_waiting_alone() -> None:
    line, woken = Line(), list[str]()
    a, b, c = (_Caller(line, name, woken) for name in "abc")
    for one in (a, b, c):
        one.join(line.round)
    line.room_came()
    assert woken == ["a"]
    line.leave(a)  # it looked, and there is room still
    line.wake_next()
    assert woken == ["a", "b"]
    line.leave(b)
    b.join(line.round, first=True)  # it could use nothing, and keeps its place
    line.wake_next()
    line.leave(c)
    c.join(line.round)
    line.wake_next()
    assert woken == ["a", "b", "c"]  # each looked once in this round
    line.room_came()
    assert woken == ["a", "b", "c", "b"]
    line.leave(a)  # who is not there may leave


@pytest.mark.parametrize("size", [1, 7])
async def test_an_answer_wakes_few_of_those_that_wait(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: Counter[int] = Counter()
    start_calls = Run._start_calls

    def counted(run: Run[Any, Any]) -> bool:
        looks[id(run)] += 1
        return start_calls(run)

    monkeypatch.setattr(Run, "_start_calls", counted)
    calls = 200
    async with FakeScorer(limits=NARROW) as server, AsyncScorerClient(server.address) as client:
        found = await asyncio.gather(*(client.score(items(size)) for _ in range(calls)))
    assert [answers(one) for one in found] == [[str(i) for i in range(size)]] * calls
    assert looks.total() < 12 * calls * size  # if each woke all: over calls * calls * size / 2


async def test_a_call_that_is_not_read_on_keeps_no_other_waiting() -> None:
    async def slow(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        await asyncio.sleep(0.01)
        return right(item)

    async with FakeScorer(slow, NARROW) as server, AsyncScorerClient(server.address) as client:
        held = client.stream(items(40))
        await anext(held)
        found = await asyncio.wait_for(asyncio.gather(*(client.score(items(3)) for _ in range(20))), 30)
        assert [answers(one) for one in found] == [["0", "1", "2"]] * 20
        assert len([result async for result in held]) == 39


async def test_calls_that_are_cancelled_leave_their_room_to_others() -> None:
    async def slow(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        await asyncio.sleep(0.01)
        return right(item)

    async with FakeScorer(slow, NARROW) as server, AsyncScorerClient(server.address) as client:
        calls = [asyncio.create_task(client.score(items(5))) for _ in range(60)]
        for call in calls[::2]:
            await asyncio.sleep(0.005)
            call.cancel()
        found = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 30)
        assert all(isinstance(one, asyncio.CancelledError | list) for one in found)
        assert all(not isinstance(one, BaseException) for one in found[1::2])


async def test_many_calls_survive_a_server_that_comes_back(dead_address: str) -> None:
    async with AsyncScorerClient(dead_address) as client:
        calls = [asyncio.create_task(client.score(items(2))) for _ in range(100)]
        await asyncio.sleep(0.3)
        async with FakeScorer(limits=NARROW, port=int(dead_address.split(":")[1])):
            found = await asyncio.wait_for(asyncio.gather(*calls), 30)
    assert [answers(one) for one in found] == [["0", "1"]] * 100
