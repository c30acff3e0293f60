"""Which waiting item is worked on next: whole groups first.

Policy, in this order: items of a group of which one has begun, the groups in the order in which they began; then the
group that arrived first; within a group, the item that arrived first. So a group finishes early instead of all groups
finishing late together, and nobody waits behind groups that came later, except for rests of groups already begun.
"""

from collections.abc import Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class Schedule(Generic[Item]):
    """Orders items. Holds no tasks, sockets or clocks; not thread-safe. Every operation takes constant time."""

    def __init__(self) -> None:
        self._group_of: dict[Item, Hashable] = {}
        self._waiting: dict[Hashable, dict[Item, None]] = {}  # items that wait, by group; both in order of arrival
        self._begun: dict[Hashable, None] = {}  # groups that have begun and have items waiting, in order of beginning
        self._running: dict[Hashable, int] = {}  # items taken and not finished, by group
        self._fresh: dict[Hashable, None] = {}  # groups that have not begun, in order of arrival

    def add(self, item: Item, group: Hashable) -> None:
        """Adds an item that waits.

        Raises:
            ValueError: The item is already here.
        """
        if item in self._group_of:
            raise ValueError("the item is already scheduled")
        self._group_of[item] = group
        self._waiting.setdefault(group, {})[item] = None
        if group in self._running:
            self._begun.setdefault(group)
        elif group not in self._begun:
            self._fresh.setdefault(group)

    def take(self) -> Item | None:
        """The next item, which then counts as running until `finish`; None when none waits."""
        group = next(iter(self._begun), None) if self._begun else next(iter(self._fresh), None)
        if group is None:
            return None
        items = self._waiting[group]
        item = next(iter(items))
        self._fresh.pop(group, None)
        self._begun.setdefault(group)
        self._running[group] = self._running.get(group, 0) + 1
        self._unqueue(item, group)
        return item

    def finish(self, item: Item) -> None:
        """Forgets an item that was taken."""
        group = self._group_of.pop(item)
        self._running[group] -= 1
        if not self._running[group]:
            del self._running[group]

    def drop(self, item: Item) -> bool:
        """Forgets an item that waits. False, and nothing happens, when it does not wait."""
        group = self._group_of.get(item)
        if item not in self._group_of or item not in self._waiting.get(group, {}):
            return False
        del self._group_of[item]
        self._unqueue(item, group)
        return True

    def _unqueue(self, item: Item, group: Hashable) -> None:
        items = self._waiting[group]
        del items[item]
        if not items:
            del self._waiting[group]
            self._begun.pop(group, None)
            self._fresh.pop(group, None)
