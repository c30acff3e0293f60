"""The scorer without its transport: admits items, works on them in order, tells what became of them."""

import asyncio
import logging
import math
import sys
import time
from collections.abc import Hashable, Sequence

from google.protobuf.json_format import MessageToDict

from codaserve import tracing
from codaserve.serving.access.client import ANYBODY, Client
from codaserve.serving.access.quotas import Quotas
from codaserve.serving.admission import LONGEST_HINT_MS, SHORTEST_HINT_MS
from codaserve.serving.refusal import Refused, Why
from codaserve.v1 import scorer_pb2 as pb
from scorer import metrics, results
from scorer.code.execution import Executed, Execution
from scorer.code.judge import CodeJudge
from scorer.dispatch import Dispatcher, Job
from scorer.errors import DeadlineExceeded
from scorer.math.line import MathLine, ScoreJob
from scorer.math.verifier import MathVerifier
from scorer.room import Room
from scorer.sandbox.errors import SandboxError

EMPTIER = 0.8
"""Share of the queue at which one that was full counts as having room again."""
MAX_ID_BYTES = 256
"""Bytes of an item's id and of its group's."""

_log = logging.getLogger(__name__)


class Engine:
    """Bounded work for both kinds of tasks, each with slots of its own."""

    def __init__(
        self,
        verifier: MathVerifier,
        judge: CodeJudge,
        *,
        queue_size: int,
        queue_bytes: int,
        math_slots: int,
        max_items: int | None = None,
        quotas: Quotas | None = None,
    ) -> None:
        """Args:
        verifier: Judges mathematical answers; started and closed by the caller, like `judge`.
        judge: Judges programs.
        queue_size: Items that may be inside at one time.
        queue_bytes: Bytes that they may have together.
        math_slots: Mathematical answers that are compared by workers at one time.
        max_items: Items that may come together, at most as many as the queue takes, which is the default.
        quotas: What each client may ask for; nobody has one by default.
        """
        self.max_items = min(max_items or queue_size, queue_size)
        self.room = Room(queue_size, queue_bytes)
        self.quotas = quotas or Quotas()
        self.log_contents = False
        """Whether items and results are written to the log."""
        self.draining = False
        self._full = False
        self._judge = judge
        self._math = MathLine(verifier, math_slots)
        self._code: Dispatcher[pb.ScoreItem, pb.ScoreResult] = Dispatcher(self._run, judge.slots, "code")
        # A line of its own, since what is only run has no verdict; the sandbox hands its slots out to both in turn.
        self._runs: Dispatcher[Execution, Executed] = Dispatcher(self._execute, judge.slots, "run")
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def math_isolation(self) -> list[pb.IsolationLayer]:
        """The walls around the processes that compare mathematical answers."""
        return self._math.isolation

    def obstacle(self) -> str:
        """Why no items are taken now; empty while they are. A queue that was full has to empty by a fifth first."""
        fullness = self.room.fullness
        self._full = fullness >= 1 or (self._full and fullness > EMPTIER)
        if self.draining:
            return "stopping"
        if self._full:
            return "the queue is full"
        if not self._math.is_warm:
            return "no math worker is up"
        return "" if self._judge.is_warm else "no sandbox slot is up"

    async def drain(self) -> None:
        """Makes `draining` true, upon which callers take no more items; returns when the items inside are done."""
        self.draining = True
        await self._idle.wait()

    def refuse_when_stopping(self) -> None:
        """Raises Refused once the engine is drained."""
        if self.draining:
            raise Refused(Why.STOPPING, "the service is stopping; send the call elsewhere")

    def admit(
        self, client: Client, sizes: Sequence[int], *, seconds: float = math.inf, code: bool = False
    ) -> list[int]:
        """Takes room for all items of a call, to be submitted at once, or for none.

        Args:
            client: Whose they are.
            sizes: Bytes of each.
            seconds: Time that they have; where the queue is longer, they are refused now instead of late.
            code: Whether there are programs among them.

        Returns:
            The bytes that count for each, to be submitted with it.

        Raises:
            Refused: Why not, in words for the client.
        """
        try:
            return self._take(client, sizes, seconds, code=code)
        except Refused as refused:
            metrics.REFUSED.labels(refused.reason).inc(len(sizes))
            raise

    def _take(self, client: Client, sizes: Sequence[int], seconds: float, *, code: bool) -> list[int]:
        self.refuse_when_stopping()
        count = len(sizes)
        if count == 0:
            raise Refused(Why.INVALID, "items: is empty; send at least one item")
        if count > self.max_items:
            raise Refused(
                Why.INVALID,
                f"items: {count} items are more than Info.limits.max_items = {self.max_items}; split the batch",
            )
        if code and (longer := self._code.expected_wait(client.name) - seconds) > 0:
            wait = round(min(max(1000 * longer, SHORTEST_HINT_MS), LONGEST_HINT_MS))
            message = f"the queue is longer than the {seconds:.3g} s that the call has; come back in {wait} ms"
            raise Refused(Why.EXHAUSTED, message, retry_after_ms=wait, reason="late")
        claims = self.room.take(sizes, client.name)
        try:
            self.quotas.take(client, count)
        except Refused:
            self.room.withdraw(claims, client.name)
            raise
        return claims

    def submit(
        self, item: pb.ScoreItem, group: Hashable, deadline: float, claim: int, client: Client = ANYBODY
    ) -> ScoreJob:
        """Queues an item that was admitted; its room is given back when its work has ended, whichever way.

        Args:
            item: The item.
            group: Items with equal keys are worked on together.
            deadline: Seconds of the running loop's `time()`.
            claim: The bytes that count for it, as `admit` said.
            client: Whose it is, as it was admitted.
        """
        self._idle.clear()
        refusal = _refusal(item)
        if refusal is not None:
            job: ScoreJob = Job(item, deadline)
            job.future.set_result(refusal)
        elif item.HasField("code"):
            job = self._code.submit(item, group, deadline, client=client.name)
        else:
            job = self._math.submit(item, group, deadline, client.name)
        kind = item.WhichOneof("task") or "none"
        metrics.items(kind).inc()
        job.span = tracing.begin("item", kind=kind)
        job.future.add_done_callback(lambda _: self._done(job, kind, client, claim))
        return job

    async def score(self, client: Client, items: Sequence[pb.ScoreItem], deadline: float) -> list[pb.ScoreResult]:
        """The results of the items of one call, in order. Cancelling ends their work.

        Args:
            client: Whose they are.
            items: All are taken or none.
            deadline: Seconds of the running loop's `time()`; what is not done then has failed.

        Raises:
            Refused: They are not taken.
        """
        metrics.BATCH_ITEMS.observe(len(items))
        seconds = deadline - asyncio.get_running_loop().time()
        sizes = [item.ByteSize() for item in items]
        claims = self.admit(client, sizes, seconds=seconds, code=any(item.HasField("code") for item in items))
        call = object()
        jobs = [
            self.submit(item, group_key(call, item), deadline, claim, client)
            for item, claim in zip(items, claims, strict=True)
        ]
        try:
            waited_for = [job.future for job in jobs if not job.future.done()]
            if waited_for:
                await asyncio.wait(waited_for, timeout=deadline - asyncio.get_running_loop().time())
            return [result_of(job) for job in jobs]
        finally:
            for job in jobs:
                self.cancel(job)

    async def run(self, client: Client, execution: Execution, deadline: float) -> Executed:
        """What becomes of a program that is only run. Cancelling ends it.

        Args:
            client: Whose it is.
            execution: What to run.
            deadline: Seconds of the running loop's `time()`.

        Raises:
            Refused: It is not taken.
            TaskError, DeadlineExceeded, MachineLoaded, SandboxError: As `CodeJudge.execute`.
        """
        (claim,) = self.admit(client, [sys.getsizeof(execution.source) + sys.getsizeof(execution.stdin)])
        self._idle.clear()
        job = self._runs.submit(execution, object(), deadline, client=client.name)
        metrics.items("run").inc()
        job.future.add_done_callback(lambda _: self._leave(client, claim))
        try:
            await asyncio.wait([job.future], timeout=deadline - asyncio.get_running_loop().time())
            if not job.future.done():
                raise DeadlineExceeded("there was no free sandbox in time")
            if job.future.cancelled():
                raise SandboxError("the run was ended")
            return job.future.result()
        finally:
            self._runs.cancel(job)

    def cancel(self, job: ScoreJob) -> None:
        """Stops a job's work, sandbox included. Done ones stay done."""
        if job.item.HasField("code"):
            self._code.cancel(job)
        else:
            self._math.cancel(job)

    def _done(self, job: ScoreJob, kind: str, client: Client, claim: int) -> None:
        late = job.given_up or asyncio.get_running_loop().time() >= job.deadline
        if job.future.cancelled():
            metrics.FAILURES.labels(kind, "deadline" if late else "cancelled").inc()
        elif job.future.exception() is not None:
            metrics.FAILURES.labels(kind, "internal").inc()
        else:
            metrics.count_result(kind, job.future.result())
        if self.log_contents:
            _log_contents(job, late)
        if job.span is not None:
            job.span.set_attribute("outcome", _outcome(job, late))
            job.span.end()
        self._leave(client, claim)

    def _leave(self, client: Client, claim: int) -> None:
        self.room.give_back(claim, client.name)
        self.quotas.give_back(client, 1)
        if not self.room.items.depth:
            self._idle.set()

    async def _execute(self, execution: Execution, deadline: float) -> Executed:
        if asyncio.get_running_loop().time() >= deadline:
            raise DeadlineExceeded("the deadline passed before a sandbox was free")
        return await self._judge.execute(execution, deadline=deadline)

    async def _run(self, item: pb.ScoreItem, deadline: float) -> pb.ScoreResult:
        if asyncio.get_running_loop().time() >= deadline:
            return results.deadline_passed(item.id)
        begun = time.perf_counter()
        try:
            return await results.outcome_of(item.id, self._judge.judge(item.code, deadline=deadline))
        finally:
            metrics.phase("code", "work").observe(time.perf_counter() - begun)


def _log_contents(job: ScoreJob, late: bool) -> None:
    if job.future.cancelled():
        outcome: object = "deadline" if late else "cancelled"
    else:
        outcome = MessageToDict(job.future.result())
    _log.info("item done", extra={"fields": {"item": MessageToDict(job.item), "outcome": outcome}})


def _outcome(job: ScoreJob, late: bool) -> str:
    if job.future.cancelled():
        return "deadline" if late else "cancelled"
    result = job.future.result()
    if result.HasField("verdict"):
        return metrics.REASONS.get(result.verdict.reason, "unspecified")
    return metrics.CODES.get(result.failure.code, "unspecified")


def _refusal(item: pb.ScoreItem) -> pb.ScoreResult | None:
    for field, value in (("id", item.id), ("group", item.group)):
        size = len(value.encode())
        if size > MAX_ID_BYTES:
            return results.invalid(item.id, field, f"{field} has {size} bytes; at most {MAX_ID_BYTES} are accepted")
    if item.WhichOneof("task") is None:
        return results.invalid(item.id, "task", "neither math nor code is set; set one of them")
    return None


def result_of(job: ScoreJob) -> pb.ScoreResult:
    """The result of a job at the end of its call's time: a job that is not done has missed the deadline."""
    if job.future.done() and not job.future.cancelled():
        return job.future.result()
    return results.deadline_passed(job.item.id)


def group_key(call: object, item: pb.ScoreItem) -> Hashable:
    """What an item is scheduled by: its group within its call; an item without a group is one of its own."""
    return (id(call), item.group) if item.group else object()
