"""The gRPC service: admits, hands over, answers."""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path

import grpc

import codaserve
from codaserve.serving.access.client import Client
from codaserve.serving.access.quotas import Quotas
from codaserve.serving.admission import LONGEST_HINT_MS, SHORTEST_HINT_MS, Admission
from codaserve.serving.boundary import abort, caller
from codaserve.serving.deadline import loop_deadline
from codaserve.serving.refusal import Refused, Why
from codaserve.v1 import critic_pb2 as pb
from codaserve.v1 import critic_pb2_grpc
from critic import metrics
from critic.batching import Batcher
from critic.checkpoint import CheckpointError
from critic.errors import GroupError
from critic.evaluate import Evaluator
from critic.group import most_tokens
from critic.reload import CurrentCheckpoint
from critic.settings import CriticSettings
from critic.steps import STEP_RULE

EMPTIER = 0.8
"""Share of a queue at which one that was full counts as having room again."""
_NO_ADMIN = (
    "this token may not have another checkpoint loaded: call with one that the server's token file marks as admin, or "
    "add the word admin to this one's line there"
)


class _MissedError(Exception):
    """A group of a call that is answered as a whole has missed the call's deadline."""


class CriticService(critic_pb2_grpc.CriticServicer):
    """The methods of codaserve.v1.Critic; critic.proto documents them."""

    def __init__(self, settings: CriticSettings, current: CurrentCheckpoint) -> None:
        self._settings = settings
        self._limits = settings.limits
        self._current = current
        engine = current.checkpoint.engine
        tokens = settings.batching.max_tokens_per_pass or engine.best_pass_tokens
        self._batcher = Batcher(tokens, settings.batching.max_wait_ms / 1000)
        self._evaluator = Evaluator(
            current, self._batcher, self._limits.max_responses, log_contents=settings.log.contents
        )
        self._quotas = Quotas(settings.quota.each)
        self._admission = Admission(self._limits.max_queue)
        self._tokens = Admission(self._limits.max_queue_tokens)
        self._draining = False
        self._full = False
        self._idle = asyncio.Event()
        self._idle.set()

    def start(self) -> None:
        """Begins to work. Needs a running loop."""
        self._batcher.start()
        metrics.set_checkpoint(self._current.checkpoint.identity)
        metrics.QUEUE_GROUPS.set_function(lambda: self._admission.depth)
        metrics.QUEUE_TOKENS.set_function(lambda: self._tokens.depth)
        metrics.QUEUE_SIZE.set(self._limits.max_queue)

    def obstacle(self) -> str:
        """Why no groups are taken now; empty while they are. A queue that was full has to empty by a fifth first."""
        fullest = max(queue.depth / queue.size for queue in (self._admission, self._tokens))
        self._full = fullest >= 1 or (self._full and fullest > EMPTIER)
        if self._draining:
            return "stopping"
        return "the queue is full" if self._full else ""

    def refuse_when_stopping(self) -> None:
        """Raises Refused once the service is drained."""
        if self._draining:
            raise Refused(Why.STOPPING, "the critic is shutting down")

    async def drain(self) -> None:
        """Refuses new groups from now on, and returns when the admitted ones are answered."""
        self._draining = True
        await self._idle.wait()

    async def close(self) -> None:
        """Ends the threads. What is still admitted is not answered any more."""
        self._draining = True
        await self._evaluator.close()
        await self._batcher.close()
        await self._current.close()

    async def Evaluate(  # noqa: N802
        self, request: pb.EvaluateRequest, context: "grpc.aio.ServicerContext[pb.EvaluateRequest, pb.EvaluateResponse]"
    ) -> pb.EvaluateResponse:
        deadline = loop_deadline(context, self._limits.max_seconds)
        remaining = context.time_remaining()
        clients_own = remaining is not None and remaining <= self._limits.max_seconds
        try:
            evaluations = await self.evaluate(caller(context), request.groups, deadline, whole=clients_own)
        except Refused as refused:
            await abort(context, refused)
        except _MissedError:
            # The client gives up then at the latest; whether its clock or our answer is first must make no difference.
            await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "the deadline passed before the values were known")
        return pb.EvaluateResponse(evaluations=evaluations)

    async def evaluate(
        self, client: Client, groups: Sequence[pb.StateGroup], deadline: float, *, whole: bool = False
    ) -> list[pb.GroupEvaluation]:
        """The evaluations of groups, in order, whatever transport they came by.

        Args:
            client: Whose they are.
            groups: All are taken or none.
            deadline: In the loop's seconds.
            whole: Whether they are worth nothing once one of them has missed the deadline.

        Raises:
            Refused: They are not taken.
            _MissedError: `whole`, and one has missed the deadline; the others are not worked on any more.
        """

        async def one(group: pb.StateGroup) -> pb.GroupEvaluation:
            evaluation = await self._evaluator.evaluate(client, group, deadline)
            if whole and evaluation.failure.code == pb.CRITIC_FAILURE_DEADLINE:
                raise _MissedError
            return evaluation

        metrics.BATCH_GROUPS.observe(len(groups))
        tokens = self._admit(client, groups, deadline)
        missed = False
        try:
            async with asyncio.TaskGroup() as tasks:
                running = [tasks.create_task(one(group)) for group in groups]
        except* _MissedError:
            missed = True
        finally:
            self._release(client, len(groups), tokens)
        if missed:
            raise _MissedError
        return [task.result() for task in running]

    async def EvaluateStream(  # noqa: N802
        self,
        request_iterator: AsyncIterator[pb.StateGroup],
        context: "grpc.aio.ServicerContext[pb.StateGroup, pb.GroupEvaluation]",
    ) -> None:
        # Reading stops while the stream has its share of groups here, so that one stream cannot fill the queue unless
        # it is let to, and a client that does not read its answers is not read from either.
        room = asyncio.Semaphore(self._limits.max_groups)
        client = caller(context)
        ends = loop_deadline(context, math.inf)
        writing = asyncio.Lock()

        async def answer(group: pb.StateGroup) -> None:
            try:
                # Of the call's own, all groups have the same one, so that they keep the order in which they came.
                deadline = min(ends, asyncio.get_running_loop().time() + self._limits.max_seconds)
                evaluation = await self._evaluate_admitted(client, group, deadline)
                async with writing:
                    with suppress(grpc.aio.InternalError):  # the call's deadline ended it; its cancelling is on the way
                        await context.write(evaluation)
            finally:
                room.release()

        unreadable: Refused | None = None
        async with asyncio.TaskGroup() as tasks:
            try:
                async for group in request_iterator:
                    await room.acquire()
                    tasks.create_task(answer(group))
            except Refused as refused:
                # The others are answered first: the status could not be sent while one of them is being written.
                unreadable = refused
        if unreadable is not None:
            raise unreadable

    async def _evaluate_admitted(self, client: Client, group: pb.StateGroup, deadline: float) -> pb.GroupEvaluation:
        try:
            tokens = self._admit(client, [group], deadline)
        except Refused as refused:
            code = pb.CRITIC_FAILURE_SHUTTING_DOWN if self._draining else pb.CRITIC_FAILURE_OVERLOADED
            error = GroupError(code, refused.message, retry_after_ms=refused.retry_after_ms or 0)
            return pb.GroupEvaluation(id=group.id, failure=error.failure)
        try:
            return await self._evaluator.evaluate(client, group, deadline)
        finally:
            self._release(client, 1, tokens)

    async def Info(  # noqa: N802
        self, request: pb.CriticInfoRequest, context: "grpc.aio.ServicerContext[pb.CriticInfoRequest, pb.CriticInfo]"
    ) -> pb.CriticInfo:
        checkpoint = self._current.checkpoint
        own = self._quotas.of(caller(context)).items_in_flight or self._limits.max_queue
        return pb.CriticInfo(
            version=codaserve.__version__,
            model=checkpoint.description,
            checkpoint=checkpoint.identity,
            tokenizer=checkpoint.tokenizer,
            step_rule=STEP_RULE,
            device=checkpoint.engine.device,
            limits=pb.CriticLimits(
                max_groups=min(self._limits.max_groups, own),
                max_responses=self._limits.max_responses,
                max_tokens=checkpoint.max_tokens,
                max_message_bytes=self._settings.max_message_bytes,
                max_queue=min(self._limits.max_queue, own),
                max_queue_tokens=self._limits.max_queue_tokens,
            ),
            queue_depth=self._admission.depth,
        )

    async def Reload(  # noqa: N802
        self, request: pb.ReloadRequest, context: "grpc.aio.ServicerContext[pb.ReloadRequest, pb.ReloadResponse]"
    ) -> pb.ReloadResponse:
        if not caller(context).admin:
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, _NO_ADMIN)
        if self._draining:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "the critic is shutting down")
        try:
            before, after = await self._current.reload(Path(request.path) if request.path else None)
        except CheckpointError as error:
            metrics.RELOADS.labels("failed").inc()
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        metrics.RELOADS.labels("loaded").inc()
        metrics.set_checkpoint(after)
        return pb.ReloadResponse(previous_checkpoint=before, checkpoint=after)

    def _claim(self, groups: Sequence[pb.StateGroup]) -> int:
        """Room among the tokens; what is larger than all of it is taken when nothing else is inside."""
        most = self._current.checkpoint.max_tokens
        return min(sum(most_tokens(group, most) for group in groups), self._tokens.size)

    def _admit(self, client: Client, groups: Sequence[pb.StateGroup], deadline: float) -> int:
        """Takes room for groups and for their tokens, whose number it returns, or raises Refused. What would begin only
        after the deadline is refused now instead of late."""
        try:
            return self._take(client, groups, deadline)
        except Refused as refused:
            metrics.REFUSED.labels(refused.reason).inc(len(groups))
            raise

    def _take(self, client: Client, groups: Sequence[pb.StateGroup], deadline: float) -> int:
        count = len(groups)
        if not 1 <= count <= self._limits.max_groups:
            raise Refused(Why.INVALID, f"groups: has {count} entries; send 1 to {self._limits.max_groups}")
        self.refuse_when_stopping()
        seconds = deadline - asyncio.get_running_loop().time()
        if (longer := self._batcher.expected_wait(client.name) - seconds) > 0:
            wait = round(min(max(1000 * longer, SHORTEST_HINT_MS), LONGEST_HINT_MS))
            message = f"the critic's queue is longer than the {seconds:.3g} s that the call has; come back in {wait} ms"
            raise Refused(Why.EXHAUSTED, message, retry_after_ms=wait, reason="late")
        tokens = self._claim(groups)
        if not self._admission.try_admit(count, client.name):
            raise self._no_room("groups", "limits.max_queue", count, tokens)
        if not self._tokens.try_admit(tokens, client.name):
            self._admission.withdraw(count, client.name)
            raise self._no_room("tokens", "limits.max_queue_tokens", count, tokens)
        try:
            self._quotas.take(client, count)
        except Refused:
            self._admission.withdraw(count, client.name)
            self._tokens.withdraw(tokens, client.name)
            raise
        self._idle.clear()
        metrics.GROUPS.inc(count)
        return tokens

    def _no_room(self, things: str, setting: str, count: int, tokens: int) -> Refused:
        """With the later hint of the two queues."""
        wait = max(self._admission.retry_after_ms(count), self._tokens.retry_after_ms(tokens))
        message = f"the critic's queue is full ({setting}); come back in {wait} ms"
        return Refused(Why.EXHAUSTED, message, retry_after_ms=wait, reason=things)

    def _release(self, client: Client, count: int, tokens: int) -> None:
        self._quotas.give_back(client, count)
        self._admission.release(count, client.name)
        self._tokens.release(tokens, client.name)
        if self._admission.depth == 0:
            self._idle.set()
