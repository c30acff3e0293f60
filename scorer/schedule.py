"""Which waiting item is worked on next: fair between clients, whole groups first, then what is due first.

Policy. Between clients: the one of which fewest items are being worked on, of several the one whose turn was longest
ago. Within a client, in this order: items of a group of which one has begun, the groups in the order in which they
began; then the group that is due first, of several the one that arrived first; within a group, the item that arrived
first. So a group finishes early instead of all groups finishing late together, and nobody waits longer because somebody
else asks for more.
"""

import heapq
import math
from collections.abc import Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)
STALE = 64
"""Entries of groups that are fresh no more, beyond as many as are fresh, before they are swept out."""


class Schedule(Generic[Item]):
    """Orders items. Holds no tasks, sockets or clocks; not thread-safe. An operation takes time that grows with the
    number of clients, and with the logarithm of that of groups."""

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

    def add(self, item: Item, group: Hashable, *, client: Hashable = None, due: float = math.inf) -> None:
        """Adds an item that waits.

        Args:
            item: The item.
            group: Items of a client with equal groups are worked on together.
            client: Whose it is.
            due: When it has to be done; on any clock that is the same for all.

        Raises:
            ValueError: The item is already here.
        """
        if item in self._client_of:
            raise ValueError("the item is already scheduled")
        self._client_of[item] = client
        line = self._lines.get(client)
        if line is None:
            line = self._lines[client] = _Line()
        line.add(item, group, due)
        self.waiting += 1

    def take(self) -> Item | None:
        """The next item, which then counts as running until `finish`; None when none waits."""
        if not self.waiting:
            return None
        self.waiting -= 1
        if len(self._lines) == 1:
            return next(iter(self._lines.values())).take()
        waiting = [client for client, line in self._lines.items() if line.waiting]
        client = min(waiting, key=lambda client: self._lines[client].running)  # the first of several
        line = self._lines.pop(client)
        self._lines[client] = line  # its turn was last
        return line.take()

    def finish(self, item: Item) -> None:
        """Forgets an item that was taken."""
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
        if not line.waiting and not line.running:
            del self._lines[client]


class _Line(Generic[Item]):
    """The items of one client."""

    def __init__(self) -> None:
        self.waiting = 0
        self.running = 0
        self._group_of: dict[Item, Hashable] = {}
        self._waiting: dict[Hashable, dict[Item, None]] = {}  # items that wait, by group, in order of arrival
        self._begun: dict[Hashable, None] = {}  # groups that have begun and have items waiting, in order of beginning
        self._running: dict[Hashable, int] = {}  # items taken and not finished, by group
        self._fresh: dict[Hashable, tuple[float, int]] = {}  # groups that have not begun: when due, and their number
        self._heap: list[tuple[float, int, Hashable]] = []  # the same in order, with entries that count no more
        self._arrivals = 0

    def add(self, item: Item, group: Hashable, due: float) -> None:
        self.waiting += 1
        self._group_of[item] = group
        self._waiting.setdefault(group, {})[item] = None
        if group in self._running:
            self._begun.setdefault(group)
        elif group not in self._begun and (group not in self._fresh or due < self._fresh[group][0]):
            self._arrivals += 1
            self._fresh[group] = due, self._arrivals
            heapq.heappush(self._heap, (due, self._arrivals, group))
            if len(self._heap) > 2 * len(self._fresh) + STALE:
                self._heap = [(*when, group) for group, when in self._fresh.items()]
                heapq.heapify(self._heap)

    def take(self) -> Item:
        group = next(iter(self._begun)) if self._begun else self._first_fresh()
        item = next(iter(self._waiting[group]))
        self._fresh.pop(group, None)
        self._begun.setdefault(group)
        self._running[group] = self._running.get(group, 0) + 1
        self.running += 1
        self._unqueue(item, group)
        return item

    def _first_fresh(self) -> Hashable:
        while True:
            due, number, group = heapq.heappop(self._heap)
            if self._fresh.get(group) == (due, number):
                return group

    def finish(self, item: Item) -> None:
        group = self._group_of.pop(item)
        self.running -= 1
        self._running[group] -= 1
        if not self._running[group]:
            del self._running[group]

    def drop(self, item: Item) -> bool:
        group = self._group_of[item]
        if item not in self._waiting.get(group, {}):
            return False
        del self._group_of[item]
        self._unqueue(item, group)
        return True

    def _unqueue(self, item: Item, group: Hashable) -> None:
        self.waiting -= 1
        items = self._waiting[group]
        del items[item]
        if not items:
            del self._waiting[group]
            self._begun.pop(group, None)
            self._fresh.pop(group, None)
