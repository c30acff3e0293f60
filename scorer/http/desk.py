"""What every dialect asks for: scores or a run, admitted, bounded and ended as calls over gRPC are."""

import asyncio
from collections.abc import Sequence

from codaserve.serving.access.client import Client
from codaserve.serving.http.messages import Problem, ProblemError, malformed
from codaserve.v1 import scorer_pb2 as pb
from scorer.code.execution import Executed, Execution
from scorer.code.judge import CodeJudge
from scorer.engine import Engine

LATER_MS = 1000
"""When to send again what failed for a reason that can pass."""
_STATUS = {
    pb.FAILURE_SHUTTING_DOWN: 503,
    pb.FAILURE_DEADLINE: 504,
    pb.FAILURE_CANCELLED: 503,
    pb.FAILURE_INVALID_TASK: 422,
    pb.FAILURE_UNSUPPORTED_LANGUAGE: 422,
    pb.FAILURE_MACHINE_LOADED: 503,
}


class Desk:
    """Hands work to the engine for one request at a time."""

    def __init__(self, engine: Engine, judge: CodeJudge, max_seconds: float, undecided: float | None = None) -> None:
        """Args:
        engine: Does the work; drained by its owner.
        judge: Tells what programs may have here.
        max_seconds: That one request may take at most.
        undecided: What an undecided verdict counts; None leaves it without a score.
        """
        self._engine = engine
        self.judge = judge
        self._max_seconds = max_seconds
        self._undecided = undecided

    def refuse_when_stopping(self) -> None:
        """Raises Refused once the scorer takes nothing more."""
        self._engine.refuse_when_stopping()

    def refuse_more(self, count: int, field: str) -> None:
        """Raises ProblemError for more items than one call may have, before anything is made of them."""
        if count > self._engine.max_items:
            message = f"{field} has {count} entries; at most {self._engine.max_items} are taken (max_items)"
            raise ProblemError(malformed(message, field))

    async def score(self, client: Client, items: Sequence[pb.ScoreItem], seconds: float) -> list[pb.ScoreResult]:
        """The results of items, in order; cancelling ends their work.

        Args:
            client: Who asks.
            items: At least one.
            seconds: How long its client waits.

        Raises:
            Refused: They are not taken.
        """
        return await self._engine.score(client, items, self._deadline(seconds))

    def score_of(self, result: pb.ScoreResult) -> float | None:
        """The score of a result; None for an undecided verdict, which has none and would have none again.

        Raises:
            ProblemError: It is a failure.
        """
        if result.HasField("verdict"):
            return result.verdict.score if result.verdict.HasField("score") else self._undecided
        failure = result.failure
        status = _STATUS.get(failure.code, 500)
        message = f"{failure.field}: {failure.message}" if failure.field else failure.message
        raise ProblemError(Problem(status, message, retry_after_ms=LATER_MS if failure.retryable else None))

    async def run(self, client: Client, execution: Execution, seconds: float) -> Executed:
        """What became of a run; cancelling ends it.

        Args:
            client: Who asks.
            execution: What to run.
            seconds: How long its client waits.

        Raises:
            Refused: It is not taken.
            TaskError, DeadlineExceeded, MachineLoaded, SandboxError: As `Engine.run`.
        """
        return await self._engine.run(client, execution, self._deadline(seconds))

    def _deadline(self, seconds: float) -> float:
        return asyncio.get_running_loop().time() + min(seconds, self._max_seconds)
