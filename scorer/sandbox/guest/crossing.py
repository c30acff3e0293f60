"""Values as bytes between a script of assertions and the program that it tests, each in a process of its own.

As `codec`, and further: sets and dictionaries arrive as such, the kinds of `kinds` cross, equal objects stay one object
(so that changes of arguments can be carried back to the very objects that were passed), and lists of numbers travel
in one piece. No value brings behaviour along: objects of the program stay where they are, and only a number stands for
them. Reading stays bounded in depth, items and bytes.
"""

from array import array
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any

from scorer.sandbox.guest import codec, kinds
from scorer.sandbox.guest.codec import LENGTH, NotPlainError

_CHANGEABLE = (list, dict, set, bytearray, deque, Counter, OrderedDict, defaultdict)
_CHANGEABLE_NAMES = {kind.__name__ for kind in _CHANGEABLE[4:]}
_LENT = "lent"
_PACKED = {int: "q", float: "d"}
_SHELLS: dict[bytes, type] = {b"L": list, b"p": list, b"E": set, b"M": dict, b"A": bytearray}


class Writer(codec.Writer):
    """Writes values one after the other; an object that was written before becomes a reference to it."""

    def __init__(
        self,
        most_bytes: int,
        most_items: int = codec.MOST_ITEMS,
        known: list[Any] | None = None,
        lend: Callable[[Any], int | None] | None = None,
    ) -> None:
        """Begins a message.

        Args:
            most_bytes: Bytes of the message.
            most_items: Items of its values together.
            known: Objects that the reader has already, in its order; None writes no references at all.
            lend: Gives an object that cannot cross a number under which the other side can name it, or None.
        """
        super().__init__(most_bytes, most_items)
        self._lend = lend
        self._places = None if known is None else {id(value): place for place, value in enumerate(known)}
        self.objects = [] if known is None else list(known)
        """Everything that can be referred to; kept, lest an id is used again."""

    def write(self, value: Any, depth: int = 0) -> None:
        """Adds a value. Raises NotPlainError."""
        if self._places is not None and type(value) in _CHANGEABLE:
            place = self._places.get(id(value))
            if place is not None:
                self.count(1)
                self.put(b"R" + LENGTH.pack(place))
                return
            self._places[id(value)] = len(self.objects)
            self.objects.append(value)
        self.write_content(value, depth)

    def write_content(self, value: Any, depth: int = 0) -> None:
        """Adds a value that is no reference, though parts of it may be. Raises NotPlainError."""
        kind = type(value)
        if (kind is list or kind is tuple) and value:
            types = set(map(type, value))
            if len(types) == 1 and (code := _PACKED.get(types.pop())) and self._write_packed(code, value):
                return
        if kind is bytearray:
            self.put_sized(b"A", bytes(value))
        else:
            super().write(value, depth)

    def _write_packed(self, code: str, value: list[Any] | tuple[Any, ...]) -> bool:
        try:
            packed = array(code, value).tobytes()
        except OverflowError:  # an integer of more than 64 bits
            return False
        self.count(1 + len(value))
        self.put_sized((b"p" if type(value) is list else b"P") + code.encode(), packed)
        return True

    def write_other(self, value: Any, depth: int) -> None:
        """Adds a value of one of the kinds that cross. Raises NotPlainError."""
        made = kinds.take_apart(value, self.items_left)
        if made is None and self._lend is not None and (number := self._lend(value)) is not None:
            made = _LENT, number
        if made is None:
            super().write_other(value, depth)
        else:
            self.put_sized(b"X", made[0].encode())
            self.write_content(made[1], depth + 1)


class Reader(codec.Reader):
    """Reads what `Writer` wrote; `known` are the objects that both sides have, in the writer's order."""

    def __init__(
        self,
        data: bytes,
        most_items: int = codec.MOST_ITEMS,
        known: list[Any] | None = None,
        lent: Callable[[int], Any] | None = None,
    ) -> None:
        super().__init__(data, most_items)
        self._lent = lent
        self.objects: list[Any] = [] if known is None else list(known)
        self._bare = False

    def read_content(self, depth: int = 0) -> Any:
        """The next value, which `Writer.write_content` wrote and nothing refers to. Raises as `read` does."""
        self._bare = True
        return self.read(depth)

    def read(self, depth: int) -> Any:
        """The next value. Raises NotPlainError, and what malformed bytes make Python raise."""
        bare, self._bare = self._bare, False
        shell = _SHELLS.get(self.peek())
        if shell is None:
            return super().read(depth)
        self.count(1)
        self.check(depth)
        tag, value = self.take(1), shell()
        if not bare:
            self.objects.append(value)  # before its items, which may refer to it
        if tag == b"L":
            value.extend(self.read_items(depth))
        elif tag == b"E":
            value.update(self.read_items(depth))
        elif tag == b"M":
            for _ in range(self.size()):
                key = self.read(depth + 1)
                value[key] = self.read(depth + 1)
        elif tag == b"A":
            value.extend(self.take(self.size()))
        else:
            value.extend(_unpack(self))
        return value

    def make_set(self, kind: type, items: list[Any]) -> Any:
        """What a set of these items becomes."""
        return kind(items)

    def read_other(self, tag: bytes, depth: int) -> Any:
        """A value with a tag that plain data does not have. Raises as `read` does."""
        match tag:
            case b"R":
                return self.objects[self.size()]
            case b"P":
                return tuple(_unpack(self))
            case b"X":
                name = self.take(self.size()).decode("ascii")
                place = len(self.objects)
                if name in _CHANGEABLE_NAMES:
                    self.objects.append(None)
                parts = self.read_content(depth + 1)
                value = self._lent(parts) if name == _LENT and self._lent else kinds.put_together(name, parts)
                if name in _CHANGEABLE_NAMES:
                    self.objects[place] = value
                return value
            case _:
                return super().read_other(tag, depth)


class OutsideReader(codec.Reader):
    """Reads in the service, which hashes nothing that a program chose: what no literal equals stays opaque."""

    def read_other(self, tag: bytes, depth: int) -> Any:
        """A value with a tag that plain data does not have. Raises as `read` does."""
        match tag:
            case b"p":
                return _unpack(self)
            case b"P":
                return tuple(_unpack(self))
            case b"A":
                return self.take(self.size())
            case b"X":
                name = self.take(self.size()).decode("ascii")
                parts = self.read(depth + 1)
                match name, parts:
                    case (("Counter" | "OrderedDict" | "namedtuple"), _):
                        return parts
                    case "defaultdict", (_, items):
                        return items
                return codec.Opaque(name, [])
            case _:
                return super().read_other(tag, depth)


def _unpack(reader: codec.Reader) -> list[Any]:
    code = reader.take(1).decode("ascii")
    if code not in _PACKED.values():
        raise NotPlainError(f"numbers of unknown code {code!r}")
    numbers = array(code)
    numbers.frombytes(reader.take(reader.size()))
    reader.count(len(numbers))
    return numbers.tolist()


def update(value: Any, content: Any) -> None:
    """Makes a changeable object hold what another one of its type holds; of another type, leaves it alone."""
    if type(value) is not type(content):
        return
    if isinstance(value, (list, bytearray)):
        value[:] = content
    elif isinstance(value, (dict, set)):
        value.clear()
        value.update(content)
    elif isinstance(value, deque):
        value.clear()
        value.extend(content)
