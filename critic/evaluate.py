"""One group, from request to answer."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from google.protobuf.json_format import MessageToDict

from codaserve.serving.access.client import Client
from codaserve.v1 import critic_pb2 as pb
from critic import metrics
from critic.answer import answer
from critic.batching import Batcher, EngineError, TooLateError
from critic.encode import EmptyPromptError, Encoded, TooLongError
from critic.errors import GroupError, invalid
from critic.group import CutGroup, cut, refuse_oversized
from critic.loaded import LoadedCheckpoint
from critic.reload import CurrentCheckpoint
from critic.times import Times
from critic.turns import Turns

_LARGE_BYTES = 2**16
"""A larger group is cut on a thread, since cutting millions of lines takes seconds; a smaller one is not worth it."""
_MANY_VALUES = 2**11
"""An answer with more is written on that thread, too."""
_AHEAD = 2
"""What a thread is handed at one time: while it works on one thing, the next one is there."""
_PORTION_SECONDS = 1.0
"""So much later each further portion of a group counts as due: small groups pass a large one, but not for ever."""
Result = TypeVar("Result")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Work:
    """On one group.

    Attributes:
        client: Whose it is.
        deadline: In the loop's seconds.
        times: Where its time goes.
    """

    client: str
    deadline: float
    times: Times


class Evaluator:
    """Cuts, encodes on a thread, waits for the values. To be used from one event loop."""

    def __init__(
        self, current: CurrentCheckpoint, batcher: Batcher, max_responses: int, *, log_contents: bool = False
    ) -> None:
        """`log_contents`: groups and their evaluations are written to the log."""
        self._current = current
        self._batcher = batcher
        self._max_responses = max_responses
        self.log_contents = log_contents
        self._encoder_turns, self._message_turns = Turns(_AHEAD), Turns(_AHEAD)
        self._messages = ThreadPoolExecutor(1, thread_name_prefix="critic-messages")

    async def evaluate(self, client: Client, group: pb.StateGroup, deadline: float) -> pb.GroupEvaluation:
        """Always an evaluation; whatever goes wrong becomes its failure. Cancellation goes through.

        Args:
            client: Whose it is.
            group: As it was sent.
            deadline: In the loop's seconds.
        """
        evaluation = await self._evaluation(client, group, deadline)
        metrics.count_evaluation(evaluation)
        if self.log_contents:
            fields = {"group": MessageToDict(group), "evaluation": MessageToDict(evaluation)}
            _log.info("group done", extra={"fields": fields})
        return evaluation

    async def _evaluation(self, client: Client, group: pb.StateGroup, deadline: float) -> pb.GroupEvaluation:
        try:
            async with asyncio.timeout_at(deadline):
                return pb.GroupEvaluation(id=group.id, values=await self._values(client, group, deadline))
        except GroupError as error:
            failure = error.failure
        except TimeoutError:
            failure = GroupError(pb.CRITIC_FAILURE_DEADLINE, "the deadline passed before the values were known").failure
        except TooLateError as error:
            failure = GroupError(pb.CRITIC_FAILURE_DEADLINE, str(error)).failure
        except EngineError as error:
            failure = GroupError(pb.CRITIC_FAILURE_INTERNAL, f"the model failed: {error}").failure
        except Exception as error:  # noqa: BLE001, a fault must not take the other groups of a call with it
            _log.exception("a group could not be evaluated")
            failure = GroupError(pb.CRITIC_FAILURE_INTERNAL, f"{type(error).__name__}: {error}").failure
        return pb.GroupEvaluation(id=group.id, failure=failure)

    async def _values(self, client: Client, group: pb.StateGroup, deadline: float) -> pb.GroupValues:
        work = _Work(client.name, deadline, Times(asyncio.get_running_loop().time, "cut"))
        try:
            with self._current.use() as checkpoint:
                return await self._values_by(checkpoint, group, work)
        finally:
            work.times.tell()

    async def _values_by(self, checkpoint: LoadedCheckpoint, group: pb.StateGroup, work: _Work) -> pb.GroupValues:
        refuse_oversized(group, checkpoint.encoder.max_characters(checkpoint.max_tokens), checkpoint.max_tokens)
        by_messages = partial(self._off_loop, self._messages, self._message_turns, work)
        if group.ByteSize() > _LARGE_BYTES:
            valid = await by_messages("cut", cut, group, self._max_responses)
        else:
            valid = cut(group, self._max_responses)
        encoded = await self._encode(checkpoint, valid, work)
        values = await self._batcher.values(
            checkpoint.engine,
            encoded.sequences,
            partial(self._current.keep, checkpoint),
            client=work.client,
            deadline=work.deadline,
            enter=work.times.enter,
        )
        written = (valid, values, checkpoint.identity, encoded.truncated)
        if sum(map(len, values)) > _MANY_VALUES:
            whole = await by_messages("answer", answer, *written)
        else:
            work.times.enter("answer")
            whole = answer(*written)
        whole.tokens = sum(len(sequence.tokens) for sequence in encoded.sequences)
        return whole

    async def _off_loop(
        self,
        thread: ThreadPoolExecutor,
        turns: Turns,
        work: _Work,
        phase: str,
        call: Callable[..., Result],
        *arguments: Any,
        later: float = 0.0,
    ) -> Result:
        """Calls on a thread, when it is this work's turn, which is due `later` seconds after the work is."""
        work.times.enter("wait")
        async with turns.turn(client=work.client, due=work.deadline + later):
            work.times.enter(phase)
            return await asyncio.get_running_loop().run_in_executor(thread, call, *arguments)

    async def _encode(self, checkpoint: LoadedCheckpoint, group: CutGroup, work: _Work) -> Encoded:
        """Takes turns with the other groups, portion by portion, so that a small one need not wait for a large one."""
        request = group.request
        portions = checkpoint.encoder.portions(
            request.prompt, group.texts, checkpoint.max_tokens, truncate=request.truncate
        )
        by_encoder = partial(self._off_loop, checkpoint.encoding, self._encoder_turns, work, "encode", next, portions)
        encoded: Encoded | None = None
        later = 0.0
        try:
            while encoded is None:
                encoded = await by_encoder(later=later)
                later += _PORTION_SECONDS
        except EmptyPromptError as error:
            raise invalid("prompt", f"cannot be valued: {error}") from error
        except TooLongError as error:
            raise GroupError(pb.CRITIC_FAILURE_TOO_LONG, str(error)) from error
        return encoded

    async def close(self) -> None:
        """Waits for the work on texts that is running."""
        await asyncio.to_thread(self._messages.shutdown)
        await asyncio.to_thread(self._current.checkpoint.encoding.shutdown)
