"""One group, from request to answer."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from google.protobuf.json_format import MessageToDict

from codaserve.v1 import critic_pb2 as pb
from critic import metrics
from critic.answer import answer
from critic.batching import Batcher, EngineError
from critic.encode import EmptyPromptError, Encoded, TooLongError
from critic.errors import GroupError, invalid
from critic.group import CutGroup, cut, refuse_oversized
from critic.loaded import LoadedCheckpoint
from critic.reload import CurrentCheckpoint

_LARGE_BYTES = 2**16
"""A larger group is cut on a thread, since cutting millions of lines takes seconds; a smaller one is not worth it."""
_MANY_VALUES = 2**11
"""An answer with more is written on that thread, too."""
Result = TypeVar("Result")
_log = logging.getLogger(__name__)
_CUT, _ENCODE, _MODEL, _ANSWER = (metrics.PHASE_SECONDS.labels(phase) for phase in ("cut", "encode", "model", "answer"))


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
        self._messages = ThreadPoolExecutor(1, thread_name_prefix="critic-messages")

    async def evaluate(self, group: pb.StateGroup, deadline: float) -> pb.GroupEvaluation:
        """Always an evaluation; whatever goes wrong becomes its failure. Cancellation goes through.

        Args:
            group: As it was sent.
            deadline: In the loop's seconds.
        """
        evaluation = await self._evaluation(group, deadline)
        metrics.count_evaluation(evaluation)
        if self.log_contents:
            fields = {"group": MessageToDict(group), "evaluation": MessageToDict(evaluation)}
            _log.info("group done", extra={"fields": fields})
        return evaluation

    async def _evaluation(self, group: pb.StateGroup, deadline: float) -> pb.GroupEvaluation:
        try:
            async with asyncio.timeout_at(deadline):
                return pb.GroupEvaluation(id=group.id, values=await self._values(group))
        except GroupError as error:
            failure = error.failure
        except TimeoutError:
            failure = GroupError(pb.CRITIC_FAILURE_DEADLINE, "the deadline passed before the values were known").failure
        except EngineError as error:
            failure = GroupError(pb.CRITIC_FAILURE_INTERNAL, f"the model failed: {error}").failure
        except Exception as error:  # noqa: BLE001, a fault must not take the other groups of a call with it
            _log.exception("a group could not be evaluated")
            failure = GroupError(pb.CRITIC_FAILURE_INTERNAL, f"{type(error).__name__}: {error}").failure
        return pb.GroupEvaluation(id=group.id, failure=failure)

    async def _values(self, group: pb.StateGroup) -> pb.GroupValues:
        with self._current.use() as checkpoint:
            refuse_oversized(group, checkpoint.encoder.max_characters(checkpoint.max_tokens), checkpoint.max_tokens)
            with _CUT.time():
                valid = await self._off_loop(group.ByteSize() > _LARGE_BYTES, cut, group, self._max_responses)
            with _ENCODE.time():
                encoded = await self._encode(checkpoint, valid)
            keep = partial(self._current.keep, checkpoint)
            with _MODEL.time():
                values = await self._batcher.values(checkpoint.engine, encoded.sequences, keep)
            many = sum(map(len, values)) > _MANY_VALUES
            with _ANSWER.time():
                whole = await self._off_loop(many, answer, valid, values, checkpoint.identity, encoded.truncated)
            whole.tokens = sum(len(sequence.tokens) for sequence in encoded.sequences)
            return whole

    async def _off_loop(self, large: bool, work: Callable[..., Result], *arguments: Any) -> Result:
        if not large:
            return work(*arguments)
        return await asyncio.get_running_loop().run_in_executor(self._messages, work, *arguments)

    async def _encode(self, checkpoint: LoadedCheckpoint, group: CutGroup) -> Encoded:
        """Takes turns with the other groups, portion by portion, so that a small one need not wait for a large one."""
        loop = asyncio.get_running_loop()
        request = group.request
        portions = checkpoint.encoder.portions(
            request.prompt, group.texts, checkpoint.max_tokens, truncate=request.truncate
        )
        try:
            while (encoded := await loop.run_in_executor(checkpoint.encoding, next, portions)) is None:
                pass
        except EmptyPromptError as error:
            raise invalid("prompt", f"cannot be valued: {error}") from error
        except TooLongError as error:
            raise GroupError(pb.CRITIC_FAILURE_TOO_LONG, str(error)) from error
        return encoded

    async def close(self) -> None:
        """Waits for the work on texts that is running."""
        await asyncio.to_thread(self._messages.shutdown)
        await asyncio.to_thread(self._current.checkpoint.encoding.shutdown)
