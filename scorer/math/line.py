"""The way of math items through the service: what can be decided at once never waits, and equal comparisons are made
once for all items that wait for them."""

import asyncio
import math
from collections.abc import Hashable

from codaserve.v1 import scorer_pb2 as pb
from scorer import metrics, results
from scorer.dispatch import Dispatcher, Job
from scorer.math.settle import Open
from scorer.math.verifier import Found, MathVerifier, Question, find, finished, is_quick

ScoreJob = Job[pb.ScoreItem, pb.ScoreResult]

_EXTRACT, _COMPARE = (metrics.PHASE_SECONDS.labels("math", phase) for phase in ("extract", "compare"))
_HIT, _MISS, _SHARED = (metrics.LOOKUPS.labels("comparisons", outcome) for outcome in ("hit", "miss", "shared"))


class _Comparison:
    """One comparison, and the items whose verdict it is. It belongs to none of them: it lasts as long as one waits."""

    def __init__(self, job: Job[Open, pb.Verdict], first: ScoreJob) -> None:
        self.job = job
        self.first = first
        """The item for which it was begun."""
        self.waiting: dict[ScoreJob, Question] = {}


class MathLine:
    """Takes items, gives jobs that are often done at once."""

    def __init__(self, verifier: MathVerifier, slots: int) -> None:
        """Args:
        verifier: Started and closed by the caller.
        slots: Comparisons that are made at one time.
        """
        self._verifier = verifier
        self._dispatcher: Dispatcher[Open, pb.Verdict] = Dispatcher(verifier.compare, slots, "math")
        self._comparisons: dict[bytes, _Comparison] = {}
        self._of_job: dict[ScoreJob, _Comparison] = {}

    @property
    def isolation(self) -> list[pb.IsolationLayer]:
        """The walls around the workers."""
        return self._verifier.isolation

    @property
    def is_warm(self) -> bool:
        """Whether there are workers."""
        return self._verifier.is_warm

    def submit(self, item: pb.ScoreItem, group: Hashable, deadline: float, client: Hashable = None) -> ScoreJob:
        """Judges an item; whoever submits it bounds how many, and cancels it at its deadline.

        Args:
            item: A math item.
            group: Comparisons for items with equal keys are made together.
            deadline: Seconds of the running loop's `time()`.
            client: Whose it is.
        """
        job: ScoreJob = Job(item, deadline)
        if is_quick(item.math):
            self._begin(job, group, client, find(item.math))
        else:
            job.task = asyncio.ensure_future(self._search(job, group, client))
        return job

    def cancel(self, job: ScoreJob) -> None:
        """Stops a job; a comparison for which nobody waits any more is stopped with it. Done ones stay done."""
        if job.future.done():
            return
        job.future.cancel()
        if job.task is not None:
            job.task.cancel()
        comparison = self._of_job.pop(job, None)
        if comparison is not None:
            del comparison.waiting[job]
            if not comparison.waiting:
                del self._comparisons[comparison.job.item.key]
                self._dispatcher.cancel(comparison.job)

    async def _search(self, job: ScoreJob, group: Hashable, client: Hashable) -> None:
        """A long response is searched in a thread."""
        found = await asyncio.to_thread(find, job.item.math)
        self._begin(job, group, client, found)

    def _begin(self, job: ScoreJob, group: Hashable, client: Hashable, found: Found) -> None:
        try:
            begun = self._verifier.begin(job.item.math, found)
        except Exception as error:  # noqa: BLE001 - one item's fault must not take the others along
            job.future.set_result(results.of_exception(job.item.id, error))
            return
        _EXTRACT.observe(found.seconds)
        if isinstance(begun, pb.Verdict):
            if begun.cached:
                _HIT.inc()
            job.future.set_result(pb.ScoreResult(id=job.item.id, verdict=begun))
            return
        comparison = self._comparisons.get(begun.open.key)
        (_MISS if comparison is None else _SHARED).inc()
        if comparison is None:
            # It has no deadline, since others may come to wait for it; who came first says where it stands.
            compared = self._dispatcher.submit(begun.open, group, math.inf, client=client, due=job.deadline)
            comparison = _Comparison(compared, job)
            self._comparisons[begun.open.key] = comparison
            comparison.job.future.add_done_callback(lambda _: self._compared(comparison))
        comparison.waiting[job] = begun
        self._of_job[job] = comparison

    def _compared(self, comparison: _Comparison) -> None:
        if not comparison.waiting:
            return  # it was cancelled
        del self._comparisons[comparison.job.item.key]
        future = comparison.job.future
        error = asyncio.CancelledError() if future.cancelled() else future.exception()
        if error is None:
            _COMPARE.observe(future.result().wall_seconds)
        for job, question in comparison.waiting.items():
            del self._of_job[job]
            if error is None:
                verdict = finished(future.result(), question, shared=job is not comparison.first)
                job.future.set_result(pb.ScoreResult(id=job.item.id, verdict=verdict))
            else:
                job.future.set_result(results.of_exception(job.item.id, error))
