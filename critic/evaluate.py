"""One group, from request to answer."""

import asyncio
import logging
import sys
from concurrent.futures import ThreadPoolExecutor

from codaserve.v1 import critic_pb2 as pb
from critic.answer import answer
from critic.batching import Batcher, EngineError
from critic.encode import EmptyPromptError, EncodedSequence, TooLongError
from critic.errors import GroupError, invalid
from critic.group import CutGroup, cut, refuse_oversized
from critic.loaded import LoadedCheckpoint
from critic.reload import CurrentCheckpoint
from critic.truncate import truncate

_LARGE_BYTES = 2**18
"""A larger group is cut on a thread, since cutting millions of lines takes seconds; a smaller one is not worth it."""
_log = logging.getLogger(__name__)


class Evaluator:
    """Cuts, encodes on a thread, waits for the values. To be used from one event loop."""

    def __init__(self, current: CurrentCheckpoint, batcher: Batcher, max_responses: int) -> None:
        self._current = current
        self._batcher = batcher
        self._max_responses = max_responses
        self._cutter = ThreadPoolExecutor(1, thread_name_prefix="critic-cut")
        # One thread, since a tokenizer is not thread-safe; apart from the model's, so that both work at a time.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="critic-encode")

    async def evaluate(self, group: pb.StateGroup, deadline: float) -> pb.GroupEvaluation:
        """Always an evaluation; whatever goes wrong becomes its failure. Cancellation goes through.

        Args:
            group: As it was sent.
            deadline: In the loop's seconds.
        """
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
            valid = await self._cut(group)
            sequences, truncated = await self._encode(checkpoint, valid)
            values = await self._batcher.values(checkpoint.engine, sequences)
            return answer(valid, values, checkpoint.identity, truncated)

    async def _cut(self, group: pb.StateGroup) -> CutGroup:
        if group.ByteSize() <= _LARGE_BYTES:
            return cut(group, self._max_responses)
        return await asyncio.get_running_loop().run_in_executor(self._cutter, cut, group, self._max_responses)

    async def _encode(self, checkpoint: LoadedCheckpoint, group: CutGroup) -> tuple[list[EncodedSequence], int]:
        """Takes turns with the other groups, portion by portion, so that a small one need not wait for a large one."""
        loop = asyncio.get_running_loop()
        shortened = group.request.truncate
        most = sys.maxsize if shortened else checkpoint.max_tokens
        portions = checkpoint.encoder.portions(group.request.prompt, group.texts, most)
        try:
            while (sequences := await loop.run_in_executor(self._thread, next, portions)) is None:
                pass
            if shortened:
                return truncate(sequences, checkpoint.max_tokens, checkpoint.encoder.kept)
        except EmptyPromptError as error:
            raise invalid("prompt", f"cannot be valued: {error}") from error
        except TooLongError as error:
            raise GroupError(pb.CRITIC_FAILURE_TOO_LONG, str(error)) from error
        return sequences, 0

    async def close(self) -> None:
        """Waits for the work on texts that is running."""
        await asyncio.to_thread(self._cutter.shutdown)
        await asyncio.to_thread(self._thread.shutdown)
