"""What one client gets out of replicas whose programs only wait."""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.scale.cores import cores, on
from codaserve import AsyncScorerClient
from codaserve.client.access import Access
from codaserve.v1 import scorer_pb2 as pb

SLOTS, SECONDS, QUEUE = 16, 0.2, 1024
"""Of each replica: slots, how long a program waits, room."""
REPLICAS = 1, 2, 3
_TOKEN = "token-of-the-client-0123456789"
_WARM_SECONDS = 2.0
"""Until all slots are in use."""


@dataclass(frozen=True)
class Rate:
    """What was seen of a number of replicas.

    Attributes:
        replicas: How many.
        items_per_second: Results that came.
        client_cpu_seconds: Processor time of the client for an item.
    """

    replicas: int
    items_per_second: float
    client_cpu_seconds: float


def measure(replicas: int, seconds: float) -> Rate:
    """Starts replicas on cores and keeps them as busy as the client can."""
    own, others = cores(replicas)
    with tempfile.TemporaryDirectory(prefix="scale-") as folder, ExitStack() as stack:
        tokens = Path(folder, "tokens")
        tokens.write_text(f"client {_TOKEN}\n")
        ports = [stack.enter_context(_replica(core, tokens)) for core in others]
        with on(own):
            return asyncio.run(_busy(ports, seconds))


@contextmanager
def _replica(core: int, tokens: Path) -> Any:
    command = [sys.executable, "-m", "bench.overload.server", str(SLOTS), str(SECONDS), str(QUEUE), str(tokens)]
    with on(core):
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with server:
        assert server.stdout is not None
        yield int(server.stdout.readline())
        server.communicate()


async def _busy(ports: list[int], seconds: float) -> Rate:
    done = 0

    async def endless() -> AsyncIterator[pb.ScoreItem]:
        while True:
            yield pb.ScoreItem(code=pb.CodeTask(language="python", source="pass"))

    async with AsyncScorerClient([f"127.0.0.1:{port}" for port in ports], access=Access(token=_TOKEN)) as client:
        begun = time.monotonic()
        counted: tuple[float, float] | None = None
        async with aclosing(client.stream(endless())) as results:
            async for result in results:
                assert result.verdict.correct, result
                now = time.monotonic()
                if counted is None:
                    if now >= begun + _WARM_SECONDS:
                        counted = now, time.process_time()
                    continue
                done += 1
                if now >= counted[0] + seconds:
                    return Rate(len(ports), done / (now - counted[0]), (time.process_time() - counted[1]) / done)
    raise AssertionError("an endless stream ended")
