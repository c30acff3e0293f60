"""The scorer without its transport: admits items, works on them in order, tells what became of them."""

import asyncio
from collections.abc import Hashable

from codaserve.serving.admission import Admission
from codaserve.v1 import scorer_pb2 as pb
from scorer import results
from scorer.code.judge import CodeJudge
from scorer.dispatch import Dispatcher, Job
from scorer.math.verifier import MathVerifier

MAX_ID_BYTES = 256
"""Bytes of an item's id and of its group's."""


class Engine:
    """Bounded work for both kinds of tasks, each with slots of its own."""

    def __init__(self, verifier: MathVerifier, judge: CodeJudge, *, queue_size: int, math_slots: int) -> None:
        """Args:
        verifier: Judges mathematical answers; started and closed by the caller, like `judge`.
        judge: Judges programs.
        queue_size: Items that may be inside at one time.
        math_slots: Mathematical answers that are worked on at one time.
        """
        self.admission = Admission(queue_size)
        self.draining = False
        self._verifier = verifier
        self._judge = judge
        self._math = Dispatcher(self._score, math_slots)
        self._code = Dispatcher(self._score, judge.slots)
        self._idle = asyncio.Event()
        self._idle.set()

    async def drain(self) -> None:
        """Makes `draining` true, upon which callers take no more items; returns when the items inside are done."""
        self.draining = True
        await self._idle.wait()

    def submit(self, item: pb.ScoreItem, group: Hashable, deadline: float) -> Job:
        """Queues an item that was admitted; its room is given back when its work has ended, whichever way.

        Args:
            item: The item.
            group: Items with equal keys are worked on together.
            deadline: Seconds of the running loop's `time()`.
        """
        self._idle.clear()
        dispatcher = self._code if item.WhichOneof("task") == "code" else self._math
        job = dispatcher.submit(item, group, deadline)
        job.future.add_done_callback(self._done)
        return job

    def cancel(self, job: Job) -> None:
        """Stops a job's work, sandbox included. Done ones stay done."""
        dispatcher = self._code if job.item.WhichOneof("task") == "code" else self._math
        dispatcher.cancel(job)

    def _done(self, future: "asyncio.Future[pb.ScoreResult]") -> None:
        self.admission.release()
        if not self.admission.depth:
            self._idle.set()

    async def _score(self, item: pb.ScoreItem, deadline: float) -> pb.ScoreResult:
        for field, value in (("id", item.id), ("group", item.group)):
            size = len(value.encode())
            if size > MAX_ID_BYTES:
                message = f"{field} has {size} bytes; at most {MAX_ID_BYTES} are accepted"
                return results.invalid(item.id, field, message)
        kind = item.WhichOneof("task")
        if kind is None:
            return results.invalid(item.id, "task", "neither math nor code is set; set one of them")
        if asyncio.get_running_loop().time() >= deadline:
            return results.deadline_passed(item.id)
        if kind == "math":
            return await results.outcome_of(item.id, self._verifier.verify(item.math, deadline=deadline))
        return await results.outcome_of(item.id, self._judge.judge(item.code, deadline=deadline))


def result_of(job: Job) -> pb.ScoreResult:
    """The result of a job at the end of its call's time: a job that is not done has missed the deadline."""
    if job.future.done() and not job.future.cancelled():
        return job.future.result()
    return results.deadline_passed(job.item.id)


def group_key(call: object, item: pb.ScoreItem) -> Hashable:
    """What an item is scheduled by: its group within its call; an item without a group is one of its own."""
    return (id(call), item.group) if item.group else object()
