"""Plain data as bytes, between a run and the service.

Only exact built-in types cross: a subclass could carry behaviour, and unpickling would run it. The reader is the
service, the writer a process that may be hostile, so reading is bounded in depth, items and bytes.
"""

import struct
from dataclasses import dataclass
from typing import Any

DEEPEST = 100
MOST_ITEMS = 200_000

_LENGTH = struct.Struct("<I")
_FLOAT = struct.Struct("<d")
_SEQUENCES: dict[type, bytes] = {list: b"L", tuple: b"U", set: b"E", frozenset: b"Z"}
_FROM_TAG = {tag: kind for kind, tag in _SEQUENCES.items()}


@dataclass(frozen=True)
class Opaque:
    """A decoded value that no JSON value equals: a set, or a dictionary with keys other than text.

    Kept as a list, since hashing hostile numbers can take quadratic time.
    """

    kind: str
    items: list[Any]


class NotPlainError(ValueError):
    """A value that cannot cross, or bytes that are not a value."""


def encode(value: Any, most_bytes: int) -> bytes:
    """The value as bytes.

    Raises:
        NotPlainError: It holds something else than exact built-in data, or is too deep or too large.
    """
    writer = _Writer(most_bytes)
    writer.write(value, 0)
    return b"".join(writer.parts)


class _Writer:
    def __init__(self, most_bytes: int) -> None:
        self.parts: list[bytes] = []
        self._bytes_left = most_bytes
        self._items_left = MOST_ITEMS

    def _put(self, part: bytes) -> None:
        self._bytes_left -= len(part)
        if self._bytes_left < 0:
            raise NotPlainError("the value is too large")
        self.parts.append(part)

    def _put_sized(self, tag: bytes, content: bytes) -> None:
        self._put(tag + _LENGTH.pack(len(content)))
        self._put(content)

    def write(self, value: Any, depth: int) -> None:
        self._items_left -= 1
        if depth > DEEPEST:
            raise NotPlainError(f"the value is nested more than {DEEPEST} deep")
        if self._items_left < 0:
            raise NotPlainError(f"the value has more than {MOST_ITEMS} items")
        kind = type(value)
        if value is None:
            self._put(b"N")
        elif kind is bool:
            self._put(b"T" if value else b"F")
        elif kind is int:
            self._put_sized(b"I", value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True))
        elif kind is float:
            self._put(b"D" + _FLOAT.pack(value))
        elif kind is complex:
            self._put(b"C" + _FLOAT.pack(value.real) + _FLOAT.pack(value.imag))
        elif kind is str:
            self._put_sized(b"S", value.encode("utf-8", "surrogatepass"))
        elif kind is bytes or kind is bytearray:
            self._put_sized(b"B", bytes(value))
        elif kind in _SEQUENCES:
            self._put(_SEQUENCES[kind] + _LENGTH.pack(len(value)))
            for item in value:
                self.write(item, depth + 1)
        elif kind is dict:
            self._put(b"M" + _LENGTH.pack(len(value)))
            for key, item in value.items():
                self.write(key, depth + 1)
                self.write(item, depth + 1)
        else:
            raise NotPlainError(f"a value of type {kind.__name__} is not plain data")


def decode(data: bytes) -> Any:
    """The value that `encode` turned into these bytes.

    Raises:
        NotPlainError: The bytes are not exactly one value, or it is too deep or has too many items.
    """
    reader = _Reader(data)
    try:
        value = reader.read(0)
    except (KeyError, UnicodeDecodeError) as error:
        raise NotPlainError(f"not an encoded value: {error}") from error
    if reader.at != len(data):
        raise NotPlainError("bytes follow the value")
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0
        self._items_left = MOST_ITEMS

    def _take(self, size: int) -> bytes:
        if self.at + size > len(self._data):
            raise NotPlainError("the value is cut off")
        self.at += size
        return self._data[self.at - size : self.at]

    def _size(self) -> int:
        size: int = _LENGTH.unpack(self._take(4))[0]
        return size

    def read(self, depth: int) -> Any:
        self._items_left -= 1
        if depth > DEEPEST or self._items_left < 0:
            raise NotPlainError("the value is too deep or has too many items")
        tag = self._take(1)
        match tag:
            case b"N":
                return None
            case b"T" | b"F":
                return tag == b"T"
            case b"I":
                return int.from_bytes(self._take(self._size()), "little", signed=True)
            case b"D":
                return _FLOAT.unpack(self._take(8))[0]
            case b"C":
                return complex(_FLOAT.unpack(self._take(8))[0], _FLOAT.unpack(self._take(8))[0])
            case b"S":
                return self._take(self._size()).decode("utf-8", "surrogatepass")
            case b"B":
                return self._take(self._size())
            case b"M":
                pairs = [(self.read(depth + 1), self.read(depth + 1)) for _ in range(self._size())]
                if all(type(key) is str for key, _ in pairs):
                    return dict(pairs)
                return Opaque("dict", [item for pair in pairs for item in pair])
            case _:
                kind = _FROM_TAG[tag]
                items = [self.read(depth + 1) for _ in range(self._size())]
                return kind(items) if kind in (list, tuple) else Opaque(kind.__name__, items)
