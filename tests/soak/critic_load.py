"""Callers of a critic that is reloaded while they call."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

from codaserve.v1 import critic_pb2 as pb
from codaserve.v1 import critic_pb2_grpc
from tests.soak.critic_groups import Asked

CALLERS = 32
_CHANNELS = 8
_PATIENCE_SECONDS = 300.0
_SHORT_DEADLINE_SECONDS = 0.05
_SAMPLE_SECONDS = 0.5


@dataclass
class Account:
    """What happened."""

    answers: list[tuple[Asked, pb.GroupEvaluation]] = field(default_factory=list)
    late: int = 0
    """Groups of calls that were short of time for which the server said that time was up."""
    calls: Counter[str] = field(default_factory=Counter)
    """By what became of them."""
    reloads: Counter[str] = field(default_factory=Counter)
    memory: list[tuple[int, int]] = field(default_factory=list)
    """Calls that had ended and resident bytes of the server, over time."""
    seconds: float = 0.0


async def load(
    address: str, pid: int, asked: Sequence[Asked], calls: int, checkpoints: Sequence[Path], broken: Path, every: float
) -> Account:
    """Makes this many calls from 32 callers, some of them cancelled or short of time, and reloads all the while.

    Args:
        address: The server.
        pid: Its process.
        asked: Groups to draw from.
        calls: How many.
        checkpoints: Folders to take in turn.
        broken: A folder that is no checkpoint.
        every: Seconds from one reload to the next.
    """
    account = Account()
    started = time.monotonic()
    todo = iter(range(calls))
    options = [("grpc.use_local_subchannel_pool", 1)]
    channels = [grpc.aio.insecure_channel(address, options=options) for _ in range(_CHANNELS)]
    stubs: list[Any] = [critic_pb2_grpc.CriticStub(channel) for channel in channels]  # type: ignore[no-untyped-call]
    around = [
        asyncio.create_task(_reload(stubs[0], checkpoints, broken, every, account)),
        asyncio.create_task(_watch(pid, account)),
    ]
    async with asyncio.TaskGroup() as callers:
        for number in range(CALLERS):
            callers.create_task(_call(stubs[number % _CHANNELS], random.Random(number), asked, todo, account))
    for task in around:
        task.cancel()
    await asyncio.wait(around)
    for task in around:
        assert task.cancelled(), task.exception()
    account.seconds = time.monotonic() - started
    for channel in channels:
        await channel.close()
    return account


async def _call(stub: Any, chance: random.Random, asked: Sequence[Asked], todo: Any, account: Account) -> None:
    for _ in todo:
        chosen = [chance.choice(asked) for _ in range(chance.randint(1, 4))]
        groups = []
        for number, one in enumerate(chosen):
            group = pb.StateGroup()
            group.CopyFrom(one.group)
            group.id = str(number)
            groups.append(group)
        streamed = chance.random() < 0.25
        fate = chance.choices(["kept", "cancelled", "hurried"], [88, 6, 6])[0]
        timeout = chance.uniform(0, _SHORT_DEADLINE_SECONDS) if fate == "hurried" else _PATIENCE_SECONDS
        if streamed:
            call = stub.EvaluateStream(iter(groups), timeout=timeout)
            work = asyncio.ensure_future(_read(call))
        else:
            call = stub.Evaluate(pb.EvaluateRequest(groups=groups), timeout=timeout)
            work = asyncio.ensure_future(_answer(call))
        if fate == "cancelled":
            await asyncio.wait([work], timeout=chance.uniform(0, _SHORT_DEADLINE_SECONDS))
            call.cancel()
        (outcome,) = await asyncio.gather(work, return_exceptions=True)
        if isinstance(outcome, list):
            account.calls["answered"] += 1
            assert sorted(evaluation.id for evaluation in outcome) == sorted(group.id for group in groups)
            for evaluation in outcome:
                if fate == "hurried" and evaluation.failure.code == pb.CRITIC_FAILURE_DEADLINE:
                    account.late += 1
                else:
                    account.answers.append((chosen[int(evaluation.id)], evaluation))
        elif isinstance(outcome, grpc.aio.AioRpcError) and fate == "hurried":
            # A stream whose deadline passes while this side still writes fails in gRPC's client with INTERNAL.
            own = streamed and outcome.code() == grpc.StatusCode.INTERNAL and "SendMessage" in str(outcome)
            late = outcome.code() == grpc.StatusCode.RESOURCE_EXHAUSTED and "queue is longer" in str(outcome.details())
            assert own or late or outcome.code() == grpc.StatusCode.DEADLINE_EXCEEDED, outcome
            account.calls["refused as late" if late else "out of time"] += 1
        elif isinstance(outcome, asyncio.CancelledError) and fate != "kept":
            account.calls["cancelled"] += 1
        else:
            raise AssertionError(f"a call that was {fate}: {outcome!r}")


async def _read(call: Any) -> list[pb.GroupEvaluation]:
    return [evaluation async for evaluation in call]


async def _answer(call: Any) -> list[pb.GroupEvaluation]:
    return list((await call).evaluations)


async def _reload(stub: Any, checkpoints: Sequence[Path], broken: Path, every: float, account: Account) -> None:
    chance = random.Random(0)
    turn = 0
    while True:
        await asyncio.sleep(every)
        kind = chance.choices(["taken", "refused", "cancelled"], [8, 1, 1])[0]
        folder = broken if kind == "refused" else checkpoints[turn % len(checkpoints)]
        call = stub.Reload(pb.ReloadRequest(path=str(folder)), timeout=_PATIENCE_SECONDS)
        if kind == "cancelled":
            await asyncio.sleep(chance.uniform(0, _SHORT_DEADLINE_SECONDS))
            call.cancel()
            account.reloads[kind] += 1
            continue
        try:
            await call
            assert kind == "taken"
            turn += 1
        except grpc.aio.AioRpcError as error:
            assert kind == "refused" and error.code() == grpc.StatusCode.FAILED_PRECONDITION, error
        account.reloads[kind] += 1


async def _watch(pid: int, account: Account) -> None:
    while True:
        account.memory.append((sum(account.calls.values()), resident(pid)))
        await asyncio.sleep(_SAMPLE_SECONDS)


def resident(pid: int) -> int:
    """Resident memory of a process, bytes."""
    return _status(pid, "VmRSS")


def peak(pid: int) -> int:
    """The most resident memory that a process has had, bytes; `forget_peak` begins anew."""
    return _status(pid, "VmHWM")


def forget_peak(pid: int) -> None:
    """Makes the present resident memory of one's own process's child the most that it has had."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))
