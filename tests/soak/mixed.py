"""A mixed load on a scorer: honest and hostile programs, calls that are cancelled, clients that are killed."""

import asyncio
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import grpc

from codaserve.v1 import scorer_pb2 as pb
from codaserve.v1 import scorer_pb2_grpc
from tests.soak import programs

_CALLERS = 6
_MOST_ITEMS = 6
_CALL_SECONDS = 300
_HONEST_SHARE = 0.6
_TRIES = 8
"""How often a program is sent again that the machine was too loaded to judge: whoever tests may share it, too."""
_ENDLESS = pb.CodeTask(
    language="python", source="while True: pass", stdio=pb.StdioTests(cases=[pb.StdioCase()]), limits=programs.SHORT
)
_DOOMED = """
import sys, grpc
from codaserve.v1 import scorer_pb2 as pb, scorer_pb2_grpc
stub = scorer_pb2_grpc.ScorerStub(grpc.insecure_channel(sys.argv[1]))
request = pb.ScoreRequest.FromString(bytes.fromhex(sys.argv[2]))
calls = [stub.Score.future(request) for _ in range(4)]
print("sent", flush=True)
calls[0].result()
"""


@dataclass
class Account:
    """What came of a load."""

    honest: int = 0
    """Honest programs with the right verdict."""
    hostile: int = 0
    """Hostile programs that did not pass."""
    cancelled: int = 0
    """Calls that were cancelled."""
    killed: int = 0
    """Clients that were killed."""
    failures: Counter[str] = field(default_factory=Counter)
    """Items without a verdict, by their failure; not those below."""
    loaded: Counter[str] = field(default_factory=Counter)
    """Hostile programs that the machine was too loaded to judge, by name, each as often as that was said.

    Under a load that is more than the machine can do that is an answer; whoever asks again when nothing else runs
    must get a verdict.
    """
    wrong: list[str] = field(default_factory=list)
    """Verdicts that should not have been."""


async def load(address: str, seconds: float, seed: int) -> Account:
    """Runs a mixed load for this long."""
    account = Account()
    async with grpc.aio.insecure_channel(address) as channel:
        stub = scorer_pb2_grpc.ScorerStub(channel)  # type: ignore[no-untyped-call]
        info = await stub.Info(pb.ScorerInfoRequest())
        tasks = (programs.honest(info), programs.hostile(info))
        end = time.monotonic() + seconds
        async with asyncio.TaskGroup() as group:
            for number in range(_CALLERS):
                group.create_task(_call(stub, tasks, account, end, random.Random(f"{seed} {number}")))
            group.create_task(_cancel(stub, account, end, random.Random(f"{seed} cancel")))
            group.create_task(_kill(address, account, end, random.Random(f"{seed} kill")))
    return account


async def all_honest(address: str, times: int) -> Account:
    """Every honest program and nothing else, `times` over."""
    account = Account()
    async with grpc.aio.insecure_channel(address) as channel:
        stub = scorer_pb2_grpc.ScorerStub(channel)  # type: ignore[no-untyped-call]
        honest = programs.honest(await stub.Info(pb.ScorerInfoRequest()))
        for _ in range(times):
            await _score(stub, [(True, name, task) for name, task in honest.items()], account)
    return account


async def all_hostile(address: str) -> Account:
    """Every hostile program and nothing else; what the machine was too loaded for is asked again, one by one."""
    account = Account()
    async with grpc.aio.insecure_channel(address) as channel:
        stub = scorer_pb2_grpc.ScorerStub(channel)  # type: ignore[no-untyped-call]
        hostile = programs.hostile(await stub.Info(pb.ScorerInfoRequest()))
        await _score(stub, [(False, name, task) for name, task in hostile.items()], account)
        for name in list(account.loaded):
            for _ in range(_TRIES):
                before = account.loaded[name]
                await _score(stub, [(False, name, hostile[name])], account)
                if account.loaded[name] == before:
                    break
            else:
                account.failures[f"{name}: no verdict in {1 + _TRIES} tries"] += 1
    return account


async def _call(
    stub: scorer_pb2_grpc.ScorerStub,
    tasks: tuple[dict[str, pb.CodeTask], dict[str, pb.CodeTask]],
    account: Account,
    end: float,
    chance: random.Random,
) -> None:
    while time.monotonic() < end:
        chosen = []
        for _ in range(chance.randint(1, _MOST_ITEMS)):
            honest = chance.random() < _HONEST_SHARE
            name, task = chance.choice(list(tasks[0 if honest else 1].items()))
            chosen.append((honest, name, task))
        await _score(stub, chosen, account)


async def _score(
    stub: scorer_pb2_grpc.ScorerStub, chosen: list[tuple[bool, str, pb.CodeTask]], account: Account
) -> None:
    request = pb.ScoreRequest(items=[pb.ScoreItem(code=task) for _, _, task in chosen])
    response = await stub.Score(request, timeout=_CALL_SECONDS)
    for (honest, name, _), result in zip(chosen, response.results, strict=True):
        if result.failure.code == pb.FAILURE_MACHINE_LOADED and not honest:
            account.loaded[name] += 1
        elif not result.HasField("verdict"):
            account.failures[f"{pb.FailureCode.Name(result.failure.code)} {result.failure.message}"] += 1
        elif result.verdict.correct is not honest:
            account.wrong.append(f"{name}: {result.verdict}")
        elif honest:
            account.honest += 1
        else:
            account.hostile += 1


async def _cancel(stub: scorer_pb2_grpc.ScorerStub, account: Account, end: float, chance: random.Random) -> None:
    request = pb.ScoreRequest(items=[pb.ScoreItem(code=_ENDLESS)] * 4)
    while time.monotonic() < end:
        call = stub.Score(request)
        await asyncio.sleep(chance.uniform(0.01, 1))
        call.cancel()
        with suppress(asyncio.CancelledError):
            await call
        account.cancelled += 1
        await asyncio.sleep(chance.uniform(0, 1))


async def _kill(address: str, account: Account, end: float, chance: random.Random) -> None:
    request = pb.ScoreRequest(items=[pb.ScoreItem(code=_ENDLESS)] * 4).SerializeToString().hex()
    while time.monotonic() < end:
        client = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _DOOMED, address, request), stdout=subprocess.PIPE
        )
        try:
            assert client.stdout is not None
            assert await client.stdout.readline() == b"sent\n"
            await asyncio.sleep(chance.uniform(0, 0.5))
        finally:
            client.kill()
            await client.wait()
        account.killed += 1
        await asyncio.sleep(chance.uniform(1, 5))
