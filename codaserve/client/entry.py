"""One item on its way from the user to a result, and the calls that carry it."""

from typing import Generic

from codaserve.client.dialect import Item


class Entry(Generic[Item]):
    """An item. It is judged the same however often it is sent: it may be in several calls; the first result counts."""

    __slots__ = ("alone", "avoid", "calls", "done", "faults", "hedged", "id", "index", "item", "quick", "refused_since")

    def __init__(self, index: int, item: Item, *, quick: bool) -> None:
        """Not sent yet.

        Args:
            index: Its place among the user's items.
            item: What the user gave.
            quick: Whether judging it usually takes less than a message of its own.
        """
        self.index = index
        self.id: str = item.id  # type: ignore[attr-defined]
        self.item = item
        self.quick = quick
        self.faults = 0
        self.refused_since: float | None = None
        self.avoid: str | None = None
        self.alone = False
        self.calls = 0  # that may still answer it
        self.hedged = False
        self.done = False

    def __lt__(self, other: "Entry[Item]") -> bool:
        return self.index < other.index

    def places(self, slow_weight: int) -> int:
        """Of a window whose slow items take `slow_weight` each."""
        return 1 if self.quick else slow_weight


class Flight(Generic[Item]):
    """One call to an address: its items that it has not answered yet, by the id that they have in it."""

    def __init__(self, address: str, entries: list[Entry[Item]], slow_weight: int, hedge_at: float | None) -> None:
        """Counts itself among the calls of its items.

        Args:
            address: Where it goes.
            entries: What it carries.
            slow_weight: Places that a slow item takes there.
            hedge_at: When what is unanswered goes to another address too, by the monotonic clock.
        """
        self.address = address
        self.slow_weight = slow_weight
        self.hedge_at = hedge_at
        self.unanswered = {str(number): entry for number, entry in enumerate(entries)}
        self.abandoned = False
        """Whether it is ended because every item of it has a result from another call."""
        for entry in entries:
            entry.calls += 1

    @property
    def places(self) -> int:
        """Taken by what is unanswered."""
        return sum(entry.places(self.slow_weight) for entry in self.unanswered.values())

    @property
    def needless(self) -> bool:
        """Whether others answered everything that it could still answer."""
        return all(entry.done for entry in self.unanswered.values())

    def unhedged(self) -> list[Entry[Item]]:
        """Items that only this call may answer."""
        return [entry for entry in self.unanswered.values() if not entry.done and not entry.hedged]

    def take(self, id_: str) -> Entry[Item] | None:
        """The item of this id, which the call answers now; None if it has none, or did before."""
        entry = self.unanswered.pop(id_, None)
        if entry is not None:
            entry.calls -= 1
        return entry

    def take_all(self) -> list[Entry[Item]]:
        """All that is unanswered: the call is over."""
        return [entry for id_ in list(self.unanswered) if (entry := self.take(id_)) is not None]
