"""Which waiting item is worked on next: fair between clients, whole groups first, then what is due first.

Policy. Between clients: the one of which least is being worked on, of several the one whose turn was longest ago.
Within a client, in this order: items of a group of which one has begun, the groups in the order in which they began;
then the group that is due first, of several the one that arrived first; within a group, the item that arrived first. So
a group finishes early instead of all groups finishing late together, and nobody waits longer because somebody else asks
for more.
"""

import math
from bisect import bisect_left, insort
from collections.abc import Hashable, Iterator
from typing import Generic, NamedTuple, TypeVar

Item = TypeVar("Item", bound=Hashable)


class Schedule(Generic[Item]):
    """Orders items. Holds no tasks, sockets or clocks; not thread-safe. An operation takes time that grows with the
    number of clients, and hardly with that of groups."""

    def __init__(self) -> None:
        self._lines: dict[Hashable, _Line[Item]] = {}  # by client, those whose turn was longest ago first
        self._client_of: dict[Item, Hashable] = {}
        self.waiting = 0
        """Items that wait."""

    @property
    def clients_waiting(self) -> int:
        """Clients of which an item waits."""
        return sum(1 for line in self._lines.values() if line.waiting)

    def waiting_of(self, client: Hashable) -> int:
        """Items of a client that wait."""
        line = self._lines.get(client)
        return 0 if line is None else line.waiting

    def waiting_cost_of(self, client: Hashable) -> int:
        """What the items of a client that wait cost together."""
        line = self._lines.get(client)
        return 0 if line is None else line.waiting_cost

    def add(
        self, item: Item, group: Hashable, *, client: Hashable = None, due: float = math.inf, cost: int = 1
    ) -> None:
        """Adds an item that waits.

        Args:
            item: The item.
            group: Items of a client with equal groups are worked on together.
            client: Whose it is.
            due: When it has to be done; on any clock that is the same for all.
            cost: What working on it takes away from others, at least 1, in any unit that is the same for all.

        Raises:
            ValueError: The item is already here.
        """
        if item in self._client_of:
            raise ValueError("the item is already scheduled")
        self._client_of[item] = client
        line = self._lines.get(client)
        if line is None:
            line = self._lines[client] = _Line()
        line.add(item, group, due, cost)
        self.waiting += 1

    def offers(self) -> Iterator[Item]:
        """Items that wait, in order, for somebody who can only begin some of them.

        Each is begun, dropped or passed over before the next one is asked for, and nothing is added meanwhile. Who
        passes an item over is not offered others of its group; its client keeps its turn for another.
        """
        lines = {client: line for client, line in self._lines.items() if line.waiting}
        asked: dict[Hashable, Iterator[Item]] = {}
        while lines:
            client = min(lines, key=lambda client: lines[client].running)
            line = lines[client]
            running = line.running
            item = next(asked.setdefault(client, line.offers()), None)
            if item is None:
                del lines[client]
                continue
            yield item
            if line.running != running:
                lines[client] = lines.pop(client)  # its turn was last

    def begin(self, item: Item) -> None:
        """Counts an item that waits as running, until `finish`.

        Raises:
            KeyError: It does not wait.
        """
        client = self._client_of[item]
        line = self._lines[client]
        line.begin(item)
        self._lines[client] = self._lines.pop(client)  # its turn was last
        self.waiting -= 1

    def take(self) -> Item | None:
        """The next item, which has begun; None when none waits."""
        if not self.waiting:
            return None
        lines = [line for line in self._lines.values() if line.waiting]
        line = lines[0] if len(lines) == 1 else min(lines, key=lambda line: line.running)  # the first of several
        item = line.first()
        self.begin(item)
        return item

    def finish(self, item: Item) -> None:
        """Forgets an item that has begun."""
        client = self._client_of.pop(item)
        self._lines[client].finish(item)
        self._forget_idle(client)

    def drop(self, item: Item) -> bool:
        """Forgets an item that waits. False, and nothing happens, when it does not wait."""
        if item not in self._client_of:
            return False
        client = self._client_of[item]
        if not self._lines[client].drop(item):
            return False
        del self._client_of[item]
        self.waiting -= 1
        self._forget_idle(client)
        return True

    def _forget_idle(self, client: Hashable) -> None:
        line = self._lines[client]
        if line.idle:
            del self._lines[client]


class _Entry(NamedTuple):
    group: Hashable
    cost: int


class _Line(Generic[Item]):
    """The items of one client."""

    def __init__(self) -> None:
        self.waiting = 0
        self.waiting_cost = 0
        self.running = 0  # what those that have begun cost
        self._entries: dict[Item, _Entry] = {}
        self._waiting: dict[Hashable, dict[Item, None]] = {}  # items that wait, by group, in order of arrival
        self._begun: dict[Hashable, None] = {}  # groups that have begun and have items waiting, in order of beginning
        self._running: dict[Hashable, int] = {}  # how many have begun and not finished, by group
        self._fresh: dict[Hashable, tuple[float, int]] = {}  # groups that have not begun: when due, and their number
        self._order: list[tuple[float, int, Hashable]] = []  # the same in order
        self._arrivals = 0

    @property
    def idle(self) -> bool:
        """Whether nothing is here."""
        return not self._entries

    def add(self, item: Item, group: Hashable, due: float, cost: int) -> None:
        self.waiting += 1
        self.waiting_cost += cost
        self._entries[item] = _Entry(group, cost)
        self._waiting.setdefault(group, {})[item] = None
        if group in self._running:
            self._begun.setdefault(group)
        elif group not in self._begun and (group not in self._fresh or due < self._fresh[group][0]):
            self._forget_place(group)
            self._arrivals += 1
            self._fresh[group] = due, self._arrivals
            insort(self._order, (due, self._arrivals, group))

    def first(self) -> Item:
        group = next(iter(self._begun)) if self._begun else self._order[0][-1]
        return next(iter(self._waiting[group]))

    def offers(self) -> Iterator[Item]:
        for group in tuple(self._begun):
            yield from self._offers_of(group)
        place = 0
        while place < len(self._order):
            group = self._order[place][-1]
            yield from self._offers_of(group)
            if group in self._fresh:  # passed over; else another one has its place
                place += 1

    def _offers_of(self, group: Hashable) -> Iterator[Item]:
        while items := self._waiting.get(group):
            item = next(iter(items))
            yield item
            if item in self._waiting.get(group, ()):
                return

    def begin(self, item: Item) -> None:
        group, cost = self._entries[item]
        self._unqueue(item, group, cost)
        self._forget_place(group)
        self._running[group] = self._running.get(group, 0) + 1
        self.running += cost
        if group in self._waiting:
            self._begun.setdefault(group)

    def finish(self, item: Item) -> None:
        group, cost = self._entries.pop(item)
        self.running -= cost
        self._running[group] -= 1
        if not self._running[group]:
            del self._running[group]

    def drop(self, item: Item) -> bool:
        group, cost = self._entries[item]
        if item not in self._waiting.get(group, ()):
            return False
        del self._entries[item]
        self._unqueue(item, group, cost)
        return True

    def _unqueue(self, item: Item, group: Hashable, cost: int) -> None:
        items = self._waiting[group]
        del items[item]
        self.waiting -= 1
        self.waiting_cost -= cost
        if not items:
            del self._waiting[group]
            self._begun.pop(group, None)
            self._forget_place(group)

    def _forget_place(self, group: Hashable) -> None:
        place = self._fresh.pop(group, None)
        if place is not None:
            del self._order[bisect_left(self._order, place)]  # shorter, so before its own
