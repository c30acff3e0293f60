"""Turns at a thread."""

import asyncio

from critic.turns import Turns


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class Crowd:
    """Tasks that want turns, and the order in which they got them."""

    def __init__(self, places: int) -> None:
        self.turns = Turns(places)
        self.order: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._go_on: dict[str, asyncio.Event] = {}

    async def come(self, name: str, due: float = 0.0) -> None:
        """One more, whose client is the first letter."""
        self._go_on[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._one(name, due))
        await settled()

    async def _one(self, name: str, due: float) -> None:
        async with self.turns.turn(client=name[0], due=due):
            self.order.append(name)
            await self._go_on[name].wait()

    async def end(self, *names: str) -> None:
        """The turns of these end, one after the other."""
        for name in names:
            self._go_on[name].set()
            await settled()


async def test_clients_alternate_and_what_is_due_first_goes_first() -> None:
    crowd = Crowd(1)
    for name, due in (("a1", 9.0), ("a2", 9.0), ("a3", 5.0), ("a4", 9.0), ("b1", 7.0), ("b2", 6.0)):
        await crowd.come(name, due)
    assert crowd.order == ["a1"]
    await crowd.end("a1", "a3", "b2", "a2", "b1", "a4")
    assert crowd.order == ["a1", "a3", "b2", "a2", "b1", "a4"]


async def test_no_more_than_the_places_at_one_time() -> None:
    crowd = Crowd(2)
    for name in ("a1", "a2", "a3"):
        await crowd.come(name)
    assert crowd.order == ["a1", "a2"]
    await crowd.end("a2")
    assert crowd.order == ["a1", "a2", "a3"]
    await crowd.end("a1", "a3")


async def test_who_is_cancelled_leaves_a_place() -> None:
    crowd = Crowd(1)
    for name in ("a1", "a2", "a3", "a4"):
        await crowd.come(name)
    crowd.tasks["a2"].cancel()  # waits
    crowd.tasks["a1"].cancel()  # has its turn
    await settled()
    assert crowd.order == ["a1", "a3"]
    crowd._go_on["a3"].set()
    await asyncio.sleep(0)
    crowd.tasks["a4"].cancel()  # perhaps just as its turn comes
    await settled()
    await crowd.come("a5")
    await crowd.end("a5", "a4")
    assert crowd.order[-1] == "a5"
    assert not crowd.turns._schedule._lines
    assert crowd.turns._free == 1
