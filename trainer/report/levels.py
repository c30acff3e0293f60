"""The order of difficulty levels."""

from collections.abc import Mapping
from typing import TypeVar

Entry = TypeVar("Entry")


def by_level(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """The same in the order of the levels: numbers by their size, other names after them."""
    return dict(sorted(entries.items(), key=lambda entry: _level_order(entry[0])))


def _level_order(level: str) -> tuple[bool, int, str]:
    number = int(level) if level.isdecimal() else 0
    return not level.isdecimal(), number, level
