"""The event loop behind the sync clients: one thread for all of them, started when first needed.

One, because gRPC's asyncio layer shares its poller between the loops of a process and works best with few of them.
"""

import asyncio
import atexit
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class BackgroundLoop:
    """Runs coroutines for threads that have no loop, or have one that they do not mind to block."""

    def __init__(self) -> None:
        """Starts the thread."""
        self.process = os.getpid()
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="codaserve-client", daemon=True)
        self._thread.start()
        atexit.register(self._stop)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Waits for a coroutine; an interrupt of the waiting thread cancels it."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def _stop(self) -> None:
        if os.getpid() == self.process:
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join(5)


_lock = threading.Lock()
_shared: BackgroundLoop | None = None


def background() -> BackgroundLoop:
    """The loop of this process."""
    global _shared
    with _lock:
        if _shared is None or _shared.process != os.getpid():
            _shared = BackgroundLoop()
        return _shared
