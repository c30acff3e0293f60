"""The checkpoint in use, and its replacement while requests run."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from critic.loaded import LoadedCheckpoint


class _Use:
    """A checkpoint and how many requests use it."""

    def __init__(self, checkpoint: LoadedCheckpoint) -> None:
        self.checkpoint = checkpoint
        self.users = 0
        self.unused = asyncio.Event()
        self.unused.set()


class CurrentCheckpoint:
    """Hands out the checkpoint in use and swaps it. To be used from one event loop.

    A request keeps the checkpoint that it began with, so that all its values come from one. A new one is loaded beside
    the old one; before that, the one before the old one must have lost its last request: memory never holds three.
    """

    def __init__(self, checkpoint: LoadedCheckpoint, load: Callable[[Path], LoadedCheckpoint]) -> None:
        """Args:
        checkpoint: The first one.
        load: Reads another; called on a thread of its own.
        """
        self._current = _Use(checkpoint)
        self._previous: _Use | None = None
        self._load = load
        self._one_at_a_time = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="critic-load")

    @property
    def checkpoint(self) -> LoadedCheckpoint:
        """The one that the next request gets."""
        return self._current.checkpoint

    @contextmanager
    def use(self) -> Iterator[LoadedCheckpoint]:
        """Keeps the current checkpoint in memory for the block."""
        with self._keep(self._current) as checkpoint:
            yield checkpoint

    @contextmanager
    def keep(self, checkpoint: LoadedCheckpoint) -> Iterator[None]:
        """The same for a checkpoint that is in use, and that its users may leave before the end of the block."""
        known = [self._current] if self._previous is None else [self._current, self._previous]
        with self._keep(next(use for use in known if use.checkpoint is checkpoint)):
            yield

    @contextmanager
    def _keep(self, use: _Use) -> Iterator[LoadedCheckpoint]:
        use.users += 1
        use.unused.clear()
        try:
            yield use.checkpoint
        finally:
            use.users -= 1
            if use.users == 0:
                use.unused.set()
                if use is self._previous:
                    self._previous = None
                    self._free(use)

    async def reload(self, folder: Path | None) -> tuple[str, str]:
        """Loads `folder`, or the current one's folder again, and makes it the current one.

        When it raises or is cancelled, the current one stays.

        Returns:
            The identities before and after.

        Raises:
            CheckpointError: The folder is no usable checkpoint.
        """
        async with self._one_at_a_time:
            if self._previous is not None:
                await self._previous.unused.wait()
            target = self.checkpoint.folder if folder is None else folder
            loading = self._thread.submit(self._load, target)
            try:
                loaded = await asyncio.wrap_future(loading)
            except asyncio.CancelledError:
                loading.add_done_callback(_discard)
                del loading  # whoever keeps the error must not keep the checkpoint
                raise
            old, self._current = self._current, _Use(loaded)
            if old.users:
                self._previous = old
            else:
                self._free(old)
            return old.checkpoint.identity, loaded.identity

    async def close(self) -> None:
        """Waits for a load that is running, and frees what is loaded."""
        for use in (self._current, self._previous):
            if use is not None:
                self._free(use)
        self._previous = None
        await asyncio.to_thread(self._thread.shutdown)

    def _free(self, use: _Use) -> None:
        # On the thread that loads: what is not used any more is gone before the next one comes.
        self._thread.submit(use.checkpoint.engine.close)


def _discard(loading: "Future[LoadedCheckpoint]") -> None:
    if not loading.cancelled() and loading.exception() is None:
        loading.result().engine.close()
