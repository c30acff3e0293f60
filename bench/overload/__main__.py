"""Measures the goodput of a scorer under overload.

    python -m bench.overload [--seconds N] [--times 1 2 10]

Programs wait 0.2 s in 16 slots: 80 items a second is all that can be done. Capacity is measured with as many callers as
keep every slot busy. Then calls of one item arrive at random times (Poisson) at a multiple of the capacity, whatever
becomes of the earlier ones, each with two seconds to be answered; nobody sends anything again. One client of four asks
for most. Goodput is what was answered in time. Writes bench/results/overload.md.
"""

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import grpc

from codaserve.files import write_atomically
from codaserve.v1 import scorer_pb2 as pb
from codaserve.v1 import scorer_pb2_grpc

SLOTS, SECONDS, QUEUE = 16, 0.2, 1024
DEADLINE = 2.0
SHARES = {"greedy": 0.7, "first": 0.1, "second": 0.1, "third": 0.1}
"""Clients, and how much of what arrives is theirs."""
DEMAND = 0.9
OUTPUT = Path("bench/results/overload.md")


def token_of(client: str) -> str:
    """A client's token."""
    return f"token-of-{client}-0123456789"


class Load:
    """Calls one server and counts what becomes of the calls."""

    def __init__(self, port: int) -> None:
        self._channels = [grpc.aio.insecure_channel(f"127.0.0.1:{port}") for _ in SHARES]
        self._stubs = {
            client: scorer_pb2_grpc.ScorerStub(channel)  # type: ignore[no-untyped-call]
            for client, channel in zip(SHARES, self._channels, strict=True)
        }
        self.ends: Counter[str] = Counter()
        self.good: Counter[str] = Counter()

    async def call(self, client: str, deadline: float) -> None:
        """One item."""
        item = pb.ScoreItem(code=pb.CodeTask(language="python", source="pass"))
        metadata = (("authorization", f"Bearer {token_of(client)}"),)
        try:
            answer = await self._stubs[client].Score(pb.ScoreRequest(items=[item]), timeout=deadline, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            self.ends[error.code().name] += 1
            return
        result = answer.results[0]
        if result.HasField("verdict"):
            self.good[client] += 1
            self.ends["verdict"] += 1
        else:
            self.ends[pb.FailureCode.Name(result.failure.code)] += 1

    async def busy(self, seconds: float) -> float:
        """Items a second that are done when every slot is kept busy."""
        end = time.monotonic() + seconds

        async def caller() -> None:
            while time.monotonic() < end:
                await self.call("greedy", 60)

        begun = time.monotonic()
        await asyncio.gather(*(caller() for _ in range(2 * SLOTS)))
        return self.good.total() / (time.monotonic() - begun)

    async def arrivals(self, rate: float, seconds: float, seed: int) -> float:
        """Items a second that are answered in time when they arrive at a rate."""
        chance = random.Random(seed)
        clients, weights = list(SHARES), list(SHARES.values())
        running: set[asyncio.Task[None]] = set()
        begun = due = time.monotonic()
        while (due := due + chance.expovariate(rate)) < begun + seconds:
            await asyncio.sleep(max(due - time.monotonic(), 0))
            task = asyncio.create_task(self.call(chance.choices(clients, weights)[0], DEADLINE))
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.gather(*running)
        # Those that came last were answered after the end; those of the beginning found an empty queue.
        return self.good.total() / (time.monotonic() - begun)

    async def close(self) -> None:
        """Ends the connections."""
        for channel in self._channels:
            await channel.close()


async def measure(seconds: float, times: list[float]) -> tuple[str, bool]:
    """The report, and whether the demand is met."""
    lines = [
        "| asked for | answered in time, items/s | of capacity | greedy / others (each) | how calls ended |",
        "|---|---|---|---|---|",
    ]
    capacity, met = 0.0, True
    for factor in [0.0, *times]:
        with tempfile.TemporaryDirectory(prefix="overload-") as folder:
            tokens = Path(folder, "tokens")
            tokens.write_text("".join(f"{client} {token_of(client)}\n" for client in SHARES))
            command = [sys.executable, "-m", "bench.overload.server", str(SLOTS), str(SECONDS), str(QUEUE), str(tokens)]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:  # noqa: ASYNC220
                assert server.stdout is not None
                load = Load(int(server.stdout.readline()))
                if not factor:
                    goodput = capacity = await load.busy(seconds)
                else:
                    goodput = await load.arrivals(factor * capacity, seconds, seed=1)
                await load.close()
                server.communicate()
        ends = ", ".join(f"{name} {count}" for name, count in load.ends.most_common())
        others = sum(load.good[client] for client in SHARES if client != "greedy") / (len(SHARES) - 1)
        share = goodput / capacity
        asked = f"{factor:g} x capacity" if factor else "as much as is done (capacity)"
        greedy = f"{load.good['greedy']} / {others:.0f}" if factor else ""
        lines.append(f"| {asked} | {goodput:.1f} | {share:.1%} | {greedy} | {ends} |")
        if factor >= 2:
            met = met and share > DEMAND
    return "\n".join(lines), met


def main() -> int:
    """Measures and writes; 1 when the goodput under overload is too low."""
    parser = argparse.ArgumentParser(prog="python -m bench.overload")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each load")
    parser.add_argument("--times", type=float, nargs="+", default=[0.5, 1.0, 2.0, 10.0], help="multiples of capacity")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    table, met = asyncio.run(measure(arguments.seconds, arguments.times))
    says = "met" if met else "NOT met"
    text = (
        "# Goodput under overload\n\n"
        f"`python -m bench.overload --seconds {arguments.seconds:g}`: {SLOTS} slots, programs that wait {SECONDS} s, a "
        f"queue of {QUEUE}, {DEADLINE:g} s for each call.\n\n{table}\n\n"
        f"More than {DEMAND:.0%} of capacity from twice the load on: {says}.\n"
    )
    write_atomically(arguments.output, text)
    print(text)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
