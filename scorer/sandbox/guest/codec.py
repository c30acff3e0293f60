"""Plain data as bytes, between a run and the service.

Only exact built-in types cross: a subclass could carry behaviour, and unpickling would run it. numpy's scalars cross
as numbers, its arrays as nested lists. The reader is the service, the writer a process that may be hostile, so reading
is bounded in depth, items and bytes.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scorer.sandbox.guest import arrays, kinds

DEEPEST = 100
MOST_ITEMS = 200_000

LENGTH = struct.Struct("<I")
_FLOAT = struct.Struct("<d")
_SEQUENCES: dict[type, bytes] = {list: b"L", tuple: b"U", set: b"E", frozenset: b"Z"}
_FROM_TAG = {tag: kind for kind, tag in _SEQUENCES.items()}


def _sized(tag: bytes, content: bytes) -> bytes:
    return tag + LENGTH.pack(len(content)) + content


SCALARS: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda _: b"N",
    bool: lambda value: b"T" if value else b"F",
    int: lambda value: _sized(b"I", value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)),
    float: lambda value: b"D" + _FLOAT.pack(value),
    str: lambda value: _sized(b"S", value.encode("utf-8", "surrogatepass")),
}
"""The types that most values are made of, and how they are written."""
_FROM_SCALAR: dict[bytes, Callable[["Reader"], Any]] = {
    b"N": lambda _: None,
    b"T": lambda _: True,
    b"F": lambda _: False,
    b"I": lambda reader: int.from_bytes(reader.take(reader.size()), "little", signed=True),
    b"D": lambda reader: _FLOAT.unpack(reader.take(8))[0],
    b"S": lambda reader: reader.take(reader.size()).decode("utf-8", "surrogatepass"),
}


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
    writer = Writer(most_bytes)
    writer.write(value, 0)
    return b"".join(writer.parts)


class Writer:
    """Collects the bytes of values. Subclasses say what becomes of values that are not plain."""

    deepest = DEEPEST

    def __init__(self, most_bytes: int, most_items: int = MOST_ITEMS) -> None:
        self.parts: list[bytes] = []
        self.items_left = most_items
        self._bytes_left = most_bytes

    def put(self, part: bytes) -> None:
        """Adds bytes. Raises NotPlainError."""
        self._bytes_left -= len(part)
        if self._bytes_left < 0:
            raise NotPlainError("the value is too large")
        self.parts.append(part)

    def put_sized(self, tag: bytes, content: bytes) -> None:
        """Adds a tag, a length and bytes. Raises NotPlainError."""
        self.put(tag + LENGTH.pack(len(content)))
        self.put(content)

    def count(self, items: int) -> None:
        """Takes from the items that may be written. Raises NotPlainError."""
        self.items_left -= items
        if self.items_left < 0:
            raise NotPlainError("the value has too many items")

    def write(self, value: Any, depth: int) -> None:
        """Adds a value that is so many levels deep. Raises NotPlainError."""
        self.count(1)
        if depth > self.deepest:
            raise NotPlainError(f"the value is nested more than {self.deepest} deep")
        kind = type(value)
        if kind in SCALARS:
            self.put(SCALARS[kind](value))
        elif kind is complex:
            self.put(b"C" + _FLOAT.pack(value.real) + _FLOAT.pack(value.imag))
        elif kind is bytes or kind is bytearray:
            self.put_sized(b"B", bytes(value))
        elif kind in _SEQUENCES:
            self.put(_SEQUENCES[kind] + LENGTH.pack(len(value)))
            for item in value:
                if type(item) in SCALARS and depth < self.deepest:
                    self.count(1)
                    self.put(SCALARS[type(item)](item))
                else:
                    self.write(item, depth + 1)
        elif kind is dict:
            self.put(b"M" + LENGTH.pack(len(value)))
            for key, item in value.items():
                self.write(key, depth + 1)
                self.write(item, depth + 1)
        else:
            self.write_other(value, depth)

    def write_other(self, value: Any, depth: int) -> None:
        """Adds a value that is not of an exact built-in type. Raises NotPlainError."""
        made = arrays.plain(value) or kinds.plain_data(value, self.items_left)
        if made is not None:
            self.write(made[0], depth)
            return
        raise NotPlainError(f"a value of type {type(value).__name__} is not plain data")


def decode(data: bytes) -> Any:
    """The value that `encode` turned into these bytes.

    Raises:
        NotPlainError: The bytes are not exactly one value, or it is too deep or has too many items.
    """
    return Reader(data).read_only()


class Reader:
    """Reads values from bytes. Subclasses say what sets and dictionaries become, and know further tags."""

    deepest = DEEPEST

    def __init__(self, data: bytes, most_items: int = MOST_ITEMS) -> None:
        self._data = data
        self._at = 0
        self._items_left = most_items

    def read_only(self) -> Any:
        """The value that the bytes are. Raises NotPlainError."""
        value = self.read_next()
        self.finish()
        return value

    def read_next(self) -> Any:
        """The next of several values. Raises NotPlainError."""
        try:
            return self.read(0)
        except NotPlainError:
            raise
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise NotPlainError(f"not an encoded value: {error}") from error

    def finish(self) -> None:
        """Raises NotPlainError if there are bytes left."""
        if self._at != len(self._data):
            raise NotPlainError("bytes follow the value")

    def take(self, size: int) -> bytes:
        """The next bytes. Raises NotPlainError."""
        if self._at + size > len(self._data):
            raise NotPlainError("the value is cut off")
        self._at += size
        return self._data[self._at - size : self._at]

    def peek(self) -> bytes:
        """The tag of the next value; empty at the end."""
        return self._data[self._at : self._at + 1]

    def check(self, depth: int) -> None:
        """Raises NotPlainError for a value that is too deep."""
        if depth > self.deepest:
            raise NotPlainError("the value is too deep")

    def size(self) -> int:
        """The next length. Raises NotPlainError."""
        size: int = LENGTH.unpack(self.take(4))[0]
        return size

    def count(self, items: int) -> None:
        """Takes from the items that may be read. Raises NotPlainError."""
        self._items_left -= items
        if self._items_left < 0:
            raise NotPlainError("the value has too many items")

    def read_items(self, depth: int) -> list[Any]:
        """A length and as many values."""
        return [self.read(depth + 1) for _ in range(self.size())]

    def read(self, depth: int) -> Any:
        """The next value, so many levels deep. Raises NotPlainError, and what malformed bytes make Python raise."""
        self.count(1)
        self.check(depth)
        tag = self.take(1)
        if tag in _FROM_SCALAR:
            return _FROM_SCALAR[tag](self)
        match tag:
            case b"C":
                return complex(_FLOAT.unpack(self.take(8))[0], _FLOAT.unpack(self.take(8))[0])
            case b"B":
                return self.take(self.size())
            case b"L":
                return self.read_items(depth)
            case b"U":
                return tuple(self.read_items(depth))
            case b"E" | b"Z":
                return self.make_set(_FROM_TAG[tag], self.read_items(depth))
            case b"M":
                return self.make_dict([(self.read(depth + 1), self.read(depth + 1)) for _ in range(self.size())])
            case _:
                return self.read_other(tag, depth)

    def make_set(self, kind: type, items: list[Any]) -> Any:
        """What a set of these items becomes."""
        return Opaque(kind.__name__, items)

    def make_dict(self, pairs: list[tuple[Any, Any]]) -> Any:
        """What a dictionary of these items becomes."""
        if all(type(key) is str for key, _ in pairs):
            return dict(pairs)
        return Opaque("dict", [item for pair in pairs for item in pair])

    def read_other(self, tag: bytes, depth: int) -> Any:
        """A value with a tag that plain data does not have. Raises NotPlainError."""
        raise NotPlainError(f"not an encoded value: unknown tag {tag!r}")
