"""Performs the runs of one task under its limits and keeps account of what they used."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from codaserve.v1 import scorer_pb2 as pb
from scorer.sandbox.guest.limits import Limits
from scorer.sandbox.pool import SlotPool
from scorer.sandbox.run import Request, Result

T = TypeVar("T")
_QUICK_BYTES = 64 << 10


@dataclass
class Runner:
    """One task's runs."""

    pool: SlotPool
    limits: pb.RunLimits
    channel_bytes: int
    wall_seconds: float = field(default=0.0, init=False)
    cpu_seconds: float = field(default=0.0, init=False)
    peak_memory_bytes: int = field(default=0, init=False)

    async def run(
        self, payload: dict[str, Any], stdin: str | None = None, script: dict[str, Any] | None = None
    ) -> Result:
        """One run; with a script, a paired one. Raises SandboxError."""
        limits = self.limits
        result = await self.pool.run(
            Request(
                json.dumps(payload).encode(),
                None if stdin is None else stdin.encode(),
                Limits(
                    cpu_seconds=limits.cpu_seconds,
                    wall_seconds=limits.wall_seconds,
                    memory_bytes=limits.memory_bytes,
                    processes=limits.processes,
                    file_bytes=limits.file_bytes,
                    output_bytes=limits.output_bytes,
                    channel_bytes=self.channel_bytes,
                ),
                None if script is None else json.dumps(script).encode(),
            )
        )
        self.wall_seconds += result.wall_seconds
        self.cpu_seconds += result.cpu_seconds
        self.peak_memory_bytes = max(self.peak_memory_bytes, result.peak_memory_bytes)
        return result


async def claims_of(result: Result) -> list[tuple[Any, ...]]:
    """What a run says of itself."""
    return await off_the_loop(len(result.channel), lambda: list(result.frames()))


async def off_the_loop(size: int, work: Callable[[], T]) -> T:
    """Does work that grows with `size` bytes, in a thread when they are many so that the service keeps answering."""
    return work() if size <= _QUICK_BYTES else await asyncio.to_thread(work)
