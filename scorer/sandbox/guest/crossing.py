"""Values as bytes between a script of assertions and the program that it tests, each in a process of its own.

As `codec`, and further: sets and dictionaries arrive as such, the kinds of `kinds` cross, equal objects stay one object
(so that changes of arguments can be carried back to the very objects that were passed), and lists of numbers travel
in one piece. No value brings behaviour along. Objects stay where they are, and only a number stands for them (see
`Ties`); instances of the plain classes of a setup, which both sides ran, cross as what their attributes hold. Reading
stays bounded in depth, items and bytes.
"""

from array import array
from collections import Counter, OrderedDict, defaultdict, deque
from typing import Any, Protocol

from scorer.sandbox.guest import arrays, codec, kinds
from scorer.sandbox.guest.codec import LENGTH, NotPlainError

_CHANGEABLE = (list, dict, set, bytearray, deque, Counter, OrderedDict, defaultdict)
_CHANGEABLE_NAMES = {kind.__name__ for kind in _CHANGEABLE[4:]} | {"ndarray"}
STAND_INS = frozenset(
    {"lent", "derived", "back", "function", "iterator", "iterator back", "class", "member", "exception"}
)
"""Names of what stands for an object that stays where it is."""
_PACKED = {int: "q", float: "d"}
_SHELLS: dict[bytes, type] = {b"L": list, b"p": list, b"E": set, b"M": dict, b"A": bytearray}


class Ties(Protocol):
    """What connects two processes beside the values that cross: objects that one lends the other."""

    classes: dict[str, type]
    """Of the setup, by their names: instances of these cross."""

    def lend(self, value: Any) -> tuple[str, Any] | None:
        """What stands for an object that cannot cross; None if it may not be used from the other side at all."""

    def restore(self, name: str, parts: Any) -> Any:
        """What `lend` on the other side stood for. Raises LookupError for any other name or number."""


class Writer(codec.Writer):
    """Writes values one after the other; an object that was written before becomes a reference to it."""

    def __init__(
        self,
        most_bytes: int,
        most_items: int = codec.MOST_ITEMS,
        known: list[Any] | None = None,
        ties: Ties | None = None,
    ) -> None:
        """Begins a message.

        Args:
            most_bytes: Bytes of the message.
            most_items: Items of its values together.
            known: Objects that the reader has already, in its order; None writes no references at all.
            ties: What becomes of objects that cannot cross; without, iterators arrive without their items.
        """
        super().__init__(most_bytes, most_items)
        self._ties = ties
        self._classes = {} if ties is None else {kind: name for name, kind in ties.classes.items()}
        self._places = None if known is None else {id(value): place for place, value in enumerate(known)}
        self._begun: list[Any] = []
        self.objects = [] if known is None else list(known)
        """Everything that can be referred to; kept, lest an id is used again."""

    def finish(self) -> bytes:
        """The message. Raises NotPlainError."""
        for value in self._begun:  # which may begin further ones; not where it was met, lest lists of them nest deeply
            super().write(value.__dict__, 0)
        return b"".join(self.parts)

    def write(self, value: Any, depth: int = 0) -> None:
        """Adds a value. Raises NotPlainError."""
        kind = type(value)
        if kind in codec.SCALARS:
            codec.Writer.write(self, value, depth)
            return
        if self._places is not None and (kind in self._classes or is_changeable(value)):
            place = self._places.get(id(value))
            if place is not None:
                self.count(1)
                self.put(b"R" + LENGTH.pack(place))
                return
            self._places[id(value)] = len(self.objects)
            self.objects.append(value)
            if kind in self._classes:
                self.count(1)
                self.put_sized(b"O", self._classes[kind].encode())
                self._begun.append(value)
                return
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
        elif kind in self._classes:
            super().write(value.__dict__, depth)
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
        made = kinds.take_apart(value)
        if made is None and self._ties is not None:
            made = self._ties.lend(value)
        elif made is None and kinds.is_iterator(value):
            made = "iterator", None
        if made is None:
            super().write_other(value, depth)
        else:
            self.put_sized(b"X", made[0].encode())
            self.write_content(made[1], depth + 1)


class Reader(codec.Reader):
    """Reads what `Writer` wrote; `known` are the objects that both sides have, in the writer's order."""

    types_refused: frozenset[str] = frozenset()
    """Names of classes that the writer may not send."""

    def __init__(
        self,
        data: bytes,
        most_items: int = codec.MOST_ITEMS,
        known: list[Any] | None = None,
        ties: Ties | None = None,
    ) -> None:
        super().__init__(data, most_items)
        self._ties = ties
        self._classes = {} if ties is None else ties.classes
        self.objects: list[Any] = [] if known is None else list(known)
        self._begun: list[Any] = []
        self._bare = False

    def finish(self) -> None:
        """Reads what the attributes of instances hold. Raises NotPlainError, also if there are bytes left."""
        for value in self._begun:
            self._bare = True
            value.__dict__.update(_attributes(type(value), self.read_next()))
        super().finish()

    def read_content(self, value: Any) -> Any:
        """What `Writer.write_content` wrote of a known object; an instance's is its attributes. Raises as `read`."""
        self._bare = True
        content = self.read(0)
        return _attributes(type(value), content) if type(value) in self._classes.values() else content

    def _read_bare(self, depth: int) -> Any:
        self._bare = True
        return self.read(depth)

    def read(self, depth: int) -> Any:
        """The next value. Raises NotPlainError, and what malformed bytes make Python raise."""
        bare, self._bare = self._bare, False
        shell = _SHELLS.get(self.peek())
        if shell is None:
            return codec.Reader.read(self, depth)  # which super() takes time to find
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
            case b"O":
                kind = self._classes[self.take(self.size()).decode()]
                value: Any = object.__new__(kind)
                self.objects.append(value)
                self._begun.append(value)
                return value
            case b"X":
                name = self.take(self.size()).decode("ascii")
                place = len(self.objects)
                if name in _CHANGEABLE_NAMES:
                    self.objects.append(None)
                parts = self._read_bare(depth + 1)
                if self._ties is not None and name in STAND_INS:
                    value = self._ties.restore(name, parts)
                elif name == "type" and parts in self.types_refused:
                    raise NotPlainError(f"{parts} as a value")
                else:
                    value = kinds.put_together(name, parts)
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
                    case (("Counter" | "OrderedDict"), _):
                        return parts
                    case "namedtuple", (_, _, tuple(items)):
                        return items
                    case "defaultdict", (_, items):
                        return items
                return codec.Opaque(name, [])
            case _:
                return super().read_other(tag, depth)


def is_changeable(value: Any) -> bool:
    """Whether it is a container that may be changed in place."""
    return type(value) in _CHANGEABLE or arrays.is_array(value)


def _attributes(kind: type, content: Any) -> dict[str, Any]:
    """Checks that these are attributes of an instance. A method is its class's own, whatever the other side says.

    What a class computes once and keeps is computed again.
    """
    if type(content) is not dict or any(
        type(name) is not str or name.startswith("__") or callable(getattr(kind, name, None)) for name in content
    ):
        raise NotPlainError("not the attributes of an object")
    return {name: value for name, value in content.items() if not hides_what_is_computed(kind, name)}


def hides_what_is_computed(kind: type, name: str) -> bool:
    """Whether an attribute of an instance would stand for what its class computes, as a cached property does."""
    for base in kind.__mro__:
        if name in vars(base):
            found = type(vars(base)[name])
            return hasattr(found, "__get__") and not hasattr(found, "__set__")
    return False


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
    elif arrays.is_array(value):
        arrays.update(value, content)
