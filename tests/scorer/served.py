"""Parts of the service tests: a code judge that does what the test says, a running scorer, items."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from codaserve.v1 import scorer_pb2 as pb
from codaserve.v1 import scorer_pb2_grpc
from scorer.engine import Engine


class ScriptedJudge:
    """Stands in for the code judge: the program's text says what becomes of it."""

    slots = 1
    is_warm = True
    languages = (pb.Language(name="python", version="3"),)
    missing_languages = (pb.Language(name="cobol", detail="no compiler"),)
    isolation = ()
    preloaded = ()
    profiles = (pb.PROFILE_CALC,)
    default_run = pb.RunLimits(cpu_seconds=1)
    max_run = pb.RunLimits(cpu_seconds=2)

    def __init__(self) -> None:
        self.started: list[str] = []
        self.stopped: list[str] = []
        self.release = asyncio.Event()

    async def judge(self, task: pb.CodeTask, *, deadline: float) -> pb.Verdict:
        """ "wait" waits for `release`, "crash" raises, everything else passes."""
        self.started.append(task.source)
        try:
            if task.source.startswith("wait"):
                await self.release.wait()
        except asyncio.CancelledError:
            self.stopped.append(task.source)
            raise
        if task.source == "crash":
            raise ZeroDivisionError
        return pb.Verdict(correct=True, score=1, reason=pb.REASON_PASSED)


@dataclass
class Scorer:
    """A running scorer and a client of it."""

    stub: scorer_pb2_grpc.ScorerStub
    engine: Engine
    judge: ScriptedJudge
    address: str


StartScorer = Callable[..., Awaitable[Scorer]]


def math_item(item_id: str, gold: str = "x+1", answer: str = "1+x", group: str = "") -> pb.ScoreItem:
    """An item whose answer is compared by a worker."""
    return pb.ScoreItem(id=item_id, group=group, math=pb.MathTask(gold=[gold], answer=answer))


def hanging_item(item_id: str) -> pb.ScoreItem:
    """An item whose comparison takes longer than anybody waits."""
    answer = r"\int_0^\infty \frac{\sin(x^3+x)\ln(x^2+1)}{\sqrt{x^5+e^x}} dx"
    return math_item(item_id, gold="7", answer=answer)


def code_item(item_id: str, source: str = "pass", group: str = "") -> pb.ScoreItem:
    """An item for the scripted judge."""
    return pb.ScoreItem(id=item_id, group=group, code=pb.CodeTask(language="python", source=source))
