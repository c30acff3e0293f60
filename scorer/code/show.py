"""Texts for people: what came of a run, cut to a limit and free of what could disturb whatever prints it."""

import json
from collections.abc import Sequence
from typing import Any

from scorer.sandbox.guest.codec import Opaque

MOST_CHARACTERS = 1024
_LONGEST_INTEGER_BITS = 4096
# Control characters but tab, line feed and carriage return, and lone surrogates, which no message may hold.
_UNPRINTABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160), *range(0xD800, 0xE000)], "?")


def printable(text: str) -> str:
    """Text that may stand in a message: no control characters, no lone surrogates, cut."""
    return text[:MOST_CHARACTERS].translate(_UNPRINTABLE)


def printable_bytes(text: bytes) -> str:
    """As `printable`, of UTF-8 with or without errors."""
    return printable(text[: 4 * MOST_CHARACTERS].decode("utf-8", "replace"))


def value(plain: Any) -> str:
    """A returned value as JSON as far as it has such a form, cut."""
    parts: list[str] = []
    _write(plain, parts, MOST_CHARACTERS)
    return printable("".join(parts))


def _write(plain: Any, parts: list[str], room: int) -> int:
    """Adds a value's text until there is no room for more; gives the room that is left."""
    opening, closing = "", ""
    items: Sequence[Any] = []
    match plain:
        case Opaque(kind="dict", items=content):
            opening, items, closing = "{", list(zip(content[::2], content[1::2], strict=False)), "}"
        case Opaque(kind=kind, items=content):
            opening, items, closing = f"{kind}(", content, ")"
        case list() | tuple():
            opening, items, closing = "[", plain, "]"
        case dict():
            opening, items, closing = "{", list(plain.items()), "}"
        case _:
            parts.append(_scalar(plain, room))
            return room - len(parts[-1])
    parts.append(opening)
    for index, item in enumerate(items):
        if room <= 0:
            return room
        if index:
            parts.append(", ")
            room -= 2
        if opening == "{":
            room = _write(item[0], parts, room)
            parts.append(": ")
            room = _write(item[1], parts, room - 2)
        else:
            room = _write(item, parts, room)
    parts.append(closing)
    return room - len(opening) - len(closing)


def _scalar(plain: Any, room: int) -> str:
    room = max(room, 0)
    if isinstance(plain, str):
        return json.dumps(plain[:room], ensure_ascii=False)
    if isinstance(plain, int) and plain.bit_length() > _LONGEST_INTEGER_BITS:
        return f"an integer of {plain.bit_length()} bits"
    if plain is None or isinstance(plain, (int, float)):
        return json.dumps(plain)
    return repr(plain[:room] if isinstance(plain, bytes) else plain)
