"""A scorer with the real life cycle and a trivial service: answers each item as right after `delay` seconds."""

import asyncio
import sys

import grpc
from pydantic_settings import SettingsConfigDict

from codaserve.serving.lifecycle import serve
from codaserve.serving.settings import ServerSettings
from codaserve.settings import ConfigurationError, load
from codaserve.v1 import scorer_pb2 as pb
from codaserve.v1 import scorer_pb2_grpc


class Settings(ServerSettings):
    model_config = SettingsConfigDict(env_prefix="CODASERVE_ECHO_")

    processes: int = 1
    """Always: others on the port are the parent's business."""
    delay: float = 0.0
    """Seconds that an answer takes."""


class Echo(scorer_pb2_grpc.ScorerServicer):
    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.running = 0
        self.idle = asyncio.Event()
        self.idle.set()
        self.draining = False

    async def Score(self, request: pb.ScoreRequest, context: grpc.aio.ServicerContext) -> pb.ScoreResponse:  # noqa: N802
        if self.draining:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "shutting down")
        self.running += 1
        self.idle.clear()
        try:
            await asyncio.sleep(self.delay)
        finally:
            self.running -= 1
            if not self.running:
                self.idle.set()
        return pb.ScoreResponse(
            results=[pb.ScoreResult(id=i.id, verdict=pb.Verdict(correct=True, score=1)) for i in request.items]
        )

    async def drain(self) -> None:
        self.draining = True
        await self.idle.wait()


def main() -> int:
    settings = load(Settings, sys.argv[1:], prog="echo")
    echo = Echo(settings.delay)

    async def run() -> int:
        return await serve(
            "echo",
            lambda server: scorer_pb2_grpc.add_ScorerServicer_to_server(echo, server),  # type: ignore[no-untyped-call]
            settings,
            on_drain=echo.drain,
            service_names=["codaserve.v1.Scorer"],
        )

    try:
        return asyncio.run(run())
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
