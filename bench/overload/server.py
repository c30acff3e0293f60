"""A scorer whose programs only wait, so that two cores can overload it: the real service, engine, queue and boundary.

python -m bench.overload.server SLOTS SECONDS QUEUE TOKENS writes its port to standard output and serves until standard
input ends.
"""

import asyncio
import sys
from pathlib import Path
from typing import cast

import grpc

from codaserve.serving.access.gate import Gate
from codaserve.serving.boundary import Boundary
from codaserve.v1 import scorer_pb2 as pb
from codaserve.v1 import scorer_pb2_grpc
from scorer.code.judge import CodeJudge
from scorer.code.settings import CodeSettings
from scorer.engine import Engine
from scorer.math.verifier import MathVerifier
from scorer.service import ScorerService
from scorer.settings import ScorerSettings


class WaitingJudge:
    """Judges by waiting. It has what the service's Info tells: clients go by that."""

    is_warm = True
    languages = (pb.Language(name="python"),)
    missing_languages = isolation = profiles = preloaded = ()

    def __init__(self, slots: int, seconds: float, settings: CodeSettings) -> None:
        self.slots = slots
        self.default_run = pb.RunLimits(**settings.default_run.model_dump())
        self.max_run = pb.RunLimits(**settings.max_run.model_dump())
        self._seconds = seconds

    async def judge(self, task: pb.CodeTask, *, deadline: float) -> pb.Verdict:
        """Right, after a while."""
        await asyncio.sleep(self._seconds)
        return pb.Verdict(correct=True, score=1, reason=pb.REASON_PASSED)


async def serve(slots: int, seconds: float, queue: int, tokens: Path) -> None:
    """Until standard input ends."""
    settings = ScorerSettings()
    judge = cast(CodeJudge, WaitingJudge(slots, seconds, settings.code))
    verifier = MathVerifier(settings.math)
    engine = Engine(verifier, judge, queue_size=queue, queue_bytes=settings.queue.bytes, math_slots=1)
    server = grpc.aio.server(interceptors=[Boundary(Gate(tokens))])
    service = ScorerService(settings, engine, judge)
    scorer_pb2_grpc.add_ScorerServicer_to_server(service, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(None)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])))
