"""Performs the runs of one task under its limits and keeps account of what they used.

Processor time decides; elapsed time is a backstop for programs that wait. A run that met it while the machine kept it
waiting for a processor says nothing of the program: it is repeated once with more elapsed time, and then given up as
the machine's fault.
"""

import asyncio
import dataclasses
import json
import math
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from codaserve.v1 import scorer_pb2 as pb
from scorer import metrics
from scorer.errors import MachineLoaded
from scorer.sandbox.guest.limits import Limits
from scorer.sandbox.guest.watch import TOLD_SECONDS
from scorer.sandbox.pool import SlotPool
from scorer.sandbox.run import Limit, Request, Result

T = TypeVar("T")
_QUICK_BYTES = 64 << 10
_CONSIDERABLE = 0.1
"""The share of its elapsed time that a run may wait for a processor before the machine is to blame."""
_PATIENCE = 3
"""How many times the elapsed time a repeated run may take, so that its processor time decides."""


_NOT_RUN = Result(-signal.SIGKILL, Limit.TOGETHER, b"", b"", b"", 0.0, 0.0, 0)


@dataclass
class Account:
    """What the runs of a task used together; the largest memory of one of them."""

    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory_bytes: int = 0

    def add(self, result: Result) -> None:
        """Counts a run."""
        self.wall_seconds += result.wall_seconds
        self.cpu_seconds += result.cpu_seconds
        self.peak_memory_bytes = max(self.peak_memory_bytes, result.peak_memory_bytes)


@dataclass
class Together:
    """How long the runs of a kind may take together, however many there are.

    Attributes:
        idle_seconds: Elapsed time in which they neither computed nor were kept from it.
        seconds: Elapsed time in which they were not kept from a processor.
    """

    idle_seconds: float = math.inf
    seconds: float = math.inf

    @property
    def is_over(self) -> bool:
        """Whether there may be no further run."""
        return self.idle_seconds < 0 or self.seconds < 0

    def add(self, result: Result, limits: Limits) -> None:
        """Counts a run, unless it was too short to tell what it was kept from."""
        if result.wall_seconds >= TOLD_SECONDS:
            own = _own_seconds(result, limits)
            self.seconds -= own
            self.idle_seconds -= max(0.0, own - result.cpu_seconds)


@dataclass
class Runner:
    """One task's runs of a kind.

    Attributes:
        pool: Where they are performed.
        limits: Limits of each.
        channel_bytes: What one may send back beside its output.
        several: Whether one may have other processes.
        account: What they used; shared by all runners of a task.
        together: What they may take together.
        phase: What metrics call the time of a run.
    """

    pool: SlotPool
    limits: pb.RunLimits
    channel_bytes: int
    several: bool = False
    account: Account = field(default_factory=Account)
    together: Together = field(default_factory=Together)
    phase: str = "run"

    async def run(
        self, payload: dict[str, Any], stdin: str | None = None, script: dict[str, Any] | None = None
    ) -> Result:
        """One run of a Python program; with a script, a paired one. Raises as `perform` does."""
        return await self.perform(
            Request(
                json.dumps(payload).encode(),
                None if stdin is None else stdin.encode(),
                self.sandbox_limits(),
                None if script is None else json.dumps(script).encode(),
            )
        )

    def sandbox_limits(self) -> Limits:
        """The limits of a run as the sandbox takes them."""
        limits = self.limits
        return Limits(
            cpu_seconds=limits.cpu_seconds,
            wall_seconds=limits.wall_seconds,
            memory_bytes=limits.memory_bytes,
            processes=limits.processes,
            file_bytes=limits.file_bytes,
            output_bytes=limits.output_bytes,
            channel_bytes=self.channel_bytes,
            several=self.several,
        )

    async def perform(self, request: Request) -> Result:
        """One run, repeated if the machine slowed it; none if those before have taken all the time that there is.

        Raises:
            SandboxError: It cannot be performed.
            MachineLoaded: The machine slowed it twice.
        """
        if self.together.is_over:
            return _NOT_RUN
        result = await self._perform_once(request)
        if not _was_slowed(result, request.limits, request.limits.wall_seconds):
            return result
        limits = dataclasses.replace(request.limits, wall_seconds=_PATIENCE * request.limits.wall_seconds)
        result = await self._perform_once(dataclasses.replace(request, limits=limits))
        if _was_slowed(result, limits, request.limits.wall_seconds):
            raise MachineLoaded(result.cpu_seconds, result.wall_seconds)
        return dataclasses.replace(result, repeated=True)

    async def _perform_once(self, request: Request) -> Result:
        result = await self.pool.run(request)
        metrics.phase("code", self.phase).observe(result.wall_seconds)
        self.account.add(result)
        self.together.add(result, request.limits)
        return result


def _was_slowed(result: Result, limits: Limits, wall_seconds: float) -> bool:
    """Whether a run had less than the elapsed time that the task gives it, for lack of a processor."""
    if result.limit is not Limit.WALL or _own_seconds(result, limits) >= wall_seconds:
        return False
    return result.waited_seconds > _CONSIDERABLE * limits.wall_seconds


def _own_seconds(result: Result, limits: Limits) -> float:
    """Elapsed time in which a run was not kept from a processor.

    What passed after its limit is not its own: on a machine that comes late to end it, it was kept from one too.
    """
    return max(0.0, min(result.wall_seconds, limits.wall_seconds) - result.waited_seconds)


async def claims_of(result: Result) -> list[tuple[Any, ...]]:
    """What a run says of itself."""
    return await off_the_loop(len(result.channel), lambda: list(result.frames()))


async def off_the_loop(size: int, work: Callable[[], T]) -> T:
    """Does work that grows with `size` bytes, in a thread when they are many so that the service keeps answering."""
    return work() if size <= _QUICK_BYTES else await asyncio.to_thread(work)
