"""Turns at something that few can use at one time, in the order of `codaserve.serving.schedule`."""

import asyncio
import math
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from codaserve.serving.schedule import Schedule


class Turns:
    """Hands out turns, fairly between clients. To be used from one event loop."""

    def __init__(self, places: int) -> None:
        """`places`: Turns at one time."""
        self._free = places
        self._schedule: Schedule[asyncio.Future[None]] = Schedule()

    @asynccontextmanager
    async def turn(self, *, client: Hashable = None, due: float = math.inf) -> AsyncIterator[None]:
        """A turn for the block. Who is cancelled has it no more.

        Args:
            client: Whose turn it is.
            due: Of those of one client the one that is due first goes first, of several the one that came first.
        """
        place = asyncio.get_running_loop().create_future()
        self._schedule.add(place, place, client=client, due=due)
        self._hand_out()
        try:
            await place
            yield
        finally:
            if not self._schedule.drop(place):
                self._schedule.finish(place)
                self._free += 1
                self._hand_out()

    def _hand_out(self) -> None:
        while self._free and (place := self._schedule.take()) is not None:
            self._free -= 1
            if not place.done():  # else cancelled; whoever waits for it gives it back as soon as it runs again
                place.set_result(None)
