"""A critic that values a response by its length, behind a real gRPC server."""

import asyncio
from collections.abc import AsyncIterator

import grpc

from codaserve.v1 import critic_pb2 as pb
from codaserve.v1 import critic_pb2_grpc


class FakeCritic(critic_pb2_grpc.CriticServicer):
    """Use as an async context manager."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.checkpoint = "old"
        self.broken_checkpoint = ""
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __aenter__(self) -> "FakeCritic":
        self._server = grpc.aio.server()
        critic_pb2_grpc.add_CriticServicer_to_server(self, self._server)  # type: ignore[no-untyped-call]
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        await self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop(None)

    async def Info(self, request: pb.CriticInfoRequest, context: grpc.aio.ServicerContext) -> pb.CriticInfo:  # noqa: N802
        limits = pb.CriticLimits(max_groups=8, max_message_bytes=10**6, max_queue=100)
        return pb.CriticInfo(model="fake", checkpoint=self.checkpoint, limits=limits)

    async def Reload(self, request: pb.ReloadRequest, context: grpc.aio.ServicerContext) -> pb.ReloadResponse:  # noqa: N802
        if request.path == self.broken_checkpoint:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "no such folder")
        before, self.checkpoint = self.checkpoint, request.path
        return pb.ReloadResponse(previous_checkpoint=before, checkpoint=self.checkpoint)

    async def EvaluateStream(  # noqa: N802
        self, requests: AsyncIterator[pb.StateGroup], context: grpc.aio.ServicerContext
    ) -> AsyncIterator[pb.GroupEvaluation]:
        async for group in requests:
            self.seen.append(group.prompt)
            self.asked.set()
            await self.may_answer.wait()
            if not group.responses.responses:
                failure = pb.CriticFailure(code="CRITIC_FAILURE_INVALID_INPUT", field="responses", message="none")
                yield pb.GroupEvaluation(id=group.id, failure=failure)
                continue
            values = [pb.ResponseValues(steps=[pb.StepValue(value=len(r.text))]) for r in group.responses.responses]
            answer = pb.GroupValues(prompt_value=0.5, responses=values, checkpoint=self.checkpoint)
            yield pb.GroupEvaluation(id=group.id, values=answer)


def group(id_: str, *texts: str) -> pb.StateGroup:
    return pb.StateGroup(
        id=id_, prompt=f"prompt of {id_}", responses=pb.Responses(responses=[{"text": t} for t in texts])
    )
