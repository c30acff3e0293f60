"""One end of the dialogue between a script's process and the program's: asking the other side, and answering it.

Each side lends the other objects that cannot cross, by numbers; whoever holds a number can ask for something to be
done with the object. While an answer is awaited the other side may ask in its turn, as when a script passes a function
that the program calls. Messages, each a sign and values encoded by `crossing`:

    ? (verb, object, arguments, keyword arguments as pairs)      "call", "get", "set", "content", "items", or
                                                                  an operation
    ? ( number of the object, arguments                          the usual call
    ? ) number of the object, arguments, keyword arguments as pairs
    ! ("returned", changed, awaited), contents of the changeable arguments if changed, and the value
    ! ("raised", changed, awaited, class names, arguments, attributes, kind, text, number,
                                                                  place), and contents if changed
    ! = value                                                     it was returned, with nothing changed
    ! ("invalid", message)                                        what was returned cannot cross
"""

import itertools
import sys
from _thread import RLock
from inspect import iscoroutine
from typing import Any

from scorer.sandbox.guest import crossing, derived, kinds
from scorer.sandbox.guest.codec import LENGTH, NotPlainError
from scorer.sandbox.guest.failures import describe
from scorer.sandbox.guest.handle import FarIterator, Handle, is_handle, number_of
from scorer.sandbox.guest.link import Link
from scorer.sandbox.guest.mirror import Mirror
from scorer.sandbox.guest.operations import ALONE, BETWEEN
from scorer.sandbox.guest.raised import arguments_of, class_names, make_room

QUESTION, ANSWER = b"?", b"!"
_CALL, _CALL_NAMED, _VALUE = b"(", b")", b"="  # no value begins like this
_LARGEST_NUMBER = (1 << 32) - 1
_DEEPEST_DIALOGUE = 40
_MOST_GOTTEN = 64
_PASSED_ON = {**ALONE, **BETWEEN}


MODULE = "candidate"
"""The module of setup and program, and of the script's process what takes its place."""


class Bounds:
    """How large a message may be: bytes, items of its values together, levels."""

    def __init__(self, most_bytes: int, most_items: int, deepest: int) -> None:
        self.bytes = most_bytes
        self.items = most_items
        self.deepest = deepest


class Peer:
    """One end. Subclasses say what may be lent and what becomes of failures."""

    handle_class: type[Handle] = Handle

    def __init__(self, link: Link, sends: Bounds, takes: Bounds) -> None:
        self.classes: dict[str, type] = {}
        self._shared: dict[str, type] = {}
        self._link = link
        self._sends = sends
        self._takes = takes
        self._lent: list[Any] = []
        self._numbers: dict[int, int] = {}
        self._handles: dict[int, Handle] = {}
        self._lock = RLock()  # where there are threads, one asks at a time
        self._depth = 0
        self._gotten: list[tuple[Any, str, Any, bytes]] = []

    def share(self, namespace: dict[str, Any]) -> None:
        """Takes note of the classes that the setup, which both sides ran, has left in its namespace."""
        for name, kind in namespace.items():
            if isinstance(kind, type) and kind.__module__ == MODULE and kind.__name__ == name:
                if _is_plain(kind):
                    self.classes[name] = self._shared[name] = kind
                elif "enum" in sys.modules and isinstance(kind, sys.modules["enum"].EnumMeta):
                    self._shared[name] = kind

    # What stands for objects.

    def lend(self, value: Any) -> tuple[str, Any] | None:
        """What stands for an object that cannot cross; None if the other side may not use it at all."""
        if is_handle(value):
            return "back", number_of(value)
        if type(value) in self._shared.values():
            return "member", (type(value).__name__, value.name)
        if isinstance(value, type) and self._shared.get(value.__name__) is value:
            return "class", value.__name__
        if type(value) is FarIterator:
            return "iterator back", value.number
        if kinds.is_iterator(value):
            return "iterator", self.keep(value)
        if isinstance(value, BaseException):
            return "exception", (class_names(type(value)), arguments_of(value))
        return ("lent", self.keep(value)) if self.may_lend(value) else None

    def may_lend(self, value: Any) -> bool:
        """Whether the other side may use an object."""
        return True

    def keep(self, value: Any) -> int:
        """The number of an object, which is kept from now on."""
        number = self._numbers.setdefault(id(value), len(self._lent))
        if number == len(self._lent):
            self._lent.append(value)
        return number

    def restore(self, name: str, parts: Any) -> Any:
        """The object that something stands for. Raises LookupError, TypeError, NotPlainError."""
        match name:
            case "member":
                return self._shared[parts[0]][parts[1]]  # type: ignore[index]  # the classes of members are enumerations
            case "class":
                return self._shared[parts]
            case "exception":
                return self.exception(parts[0], parts[1], {}, [])
            case "derived":
                number, sample, own = parts
                if type(number) is not int or number < 0 or type(own) is not tuple or not derived.is_sample(sample):
                    raise NotPlainError("not an object")
                return self.handle(number, sample, own)
        if type(parts) is not int or parts < 0:
            raise NotPlainError("an object without a number")
        match name:
            case "back" | "iterator back":
                return self._lent[parts]
            case "iterator":
                return FarIterator(parts, self.ask)
            case "lent":
                return self.handle(parts)
        raise NotPlainError("not an object")

    def handle(self, number: int, sample: Any = None, own: tuple[str, ...] = ()) -> Handle:
        """The one handle of an object of the other side."""
        found = self._handles.get(number)
        if found is None:
            found = self._handles[number] = self.handle_class(number, self.ask, sample, own)
        return found

    def writer(self, bounds: Bounds, known: list[Any]) -> crossing.Writer:
        """Of a message that may be so large."""
        writer = crossing.Writer(bounds.bytes, bounds.items, known=known, ties=self)
        writer.deepest = bounds.deepest
        return writer

    def reader(self, message: bytes, known: list[Any]) -> crossing.Reader:
        """Of a message from the other side, its sign left out."""
        reader = crossing.Reader(message, self._takes.items, known=known, ties=self)
        reader.deepest = self._takes.deepest
        return reader

    # Asking.

    def ask(self, verb: str, target: Any, positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Has the other side do something: what came of it, or its exception."""
        with self._lock:
            if self._depth >= _DEEPEST_DIALOGUE:
                raise RecursionError("script and program call each other too deeply")
            if verb != "content":
                self._bring_back()
            body = self.question(verb, target, positional, named)
            self._depth += 1
            try:
                message = self._exchanged(QUESTION + body.finish())
            finally:
                self._depth -= 1
            value, failure, awaited = self.outcome(message, body)
            if verb == "get" and crossing.is_changeable(value):
                self._gotten.append((target, *positional, value, self._print_of(value)))
        if awaited:
            return _settled(value, failure)
        if failure is not None:
            raise failure
        return value

    def _bring_back(self) -> None:
        """Changes containers over there that were read from attributes and changed here since."""
        gotten, self._gotten = self._gotten[-_MOST_GOTTEN:], []
        for target, name, value, before in gotten:
            now = self._print_of(value)
            if now != before:
                self.ask("content", target, (name, value), {})
            self._gotten.append((target, name, value, now))

    def _print_of(self, value: Any) -> bytes:
        writer = self.writer(self._sends, [])
        try:
            writer.write(value)
            return writer.finish()
        except NotPlainError:
            return b""

    def question(self, verb: str, target: Any, positional: tuple[Any, ...], named: dict[str, Any]) -> crossing.Writer:
        """The question as a message, not finished. Raises NotPlainError."""
        body = self.writer(self._sends, [])
        pairs = tuple(named.items())
        number = number_of(target) if verb == "call" and is_handle(target) else -1
        if 0 <= number <= _LARGEST_NUMBER:
            _write_call(body, number, positional, pairs)
        else:
            body.write((verb, target, positional, pairs))
        return body

    def _exchanged(self, message: bytes) -> bytes:
        """Sends a question and gives the answer, answering what is asked before it."""
        self._link.send(message)
        while True:
            received = self._link.receive()
            if received[:1] != QUESTION:
                return received[1:] if received[:1] == ANSWER else b""
            self._link.send(ANSWER + self.answer(received[1:]))

    def outcome(self, message: bytes, body: crossing.Writer) -> tuple[Any, BaseException | None, bool]:
        """The value or the exception that came of a question, and whether that is to be awaited. Raises as reading."""
        reader = self.reader(message, body.objects)
        if reader.peek() == _VALUE:
            reader.take(1)
            return self._read(reader, body.objects, False, True), None, False
        header = reader.read_next()
        match header:
            case ("returned", bool(changed), bool(awaited)):
                return self._read(reader, body.objects, changed, True), None, awaited
            case ("raised", bool(changed), bool(awaited), tuple(classes), arguments, attributes, *claim):
                self._read(reader, body.objects, changed, False)
                return None, self.exception(classes, arguments, attributes, claim), awaited
            case ("invalid", str(text)):
                return None, self.invalid(text), False
        raise NotPlainError("not an answer")

    def exception(self, classes: tuple[Any, ...], arguments: Any, attributes: Any, claim: list[Any]) -> BaseException:
        """What is raised here for an exception there."""
        raise NotImplementedError

    def attributes(self, error: BaseException) -> dict[str, Any]:
        """What the other side is told of an exception beside its arguments."""
        return {}

    def invalid(self, text: str) -> BaseException:
        """What is raised here when what was returned there cannot cross."""
        raise NotImplementedError

    def _read(self, reader: crossing.Reader, passed: list[Any], changed: bool, returned: bool) -> Any:
        """Brings the changeable arguments up to date and gives the value."""
        contents = [reader.read_content(argument) for argument in passed] if changed else []
        value = reader.read_next() if returned else None
        reader.finish()
        for argument, content in zip(passed, contents, strict=False):
            if type(argument) in self.classes.values():
                argument.__dict__.clear()
                argument.__dict__.update(content)
            else:
                crossing.update(argument, content)
        return value

    # Answering.

    def answer(self, question: bytes) -> bytes:
        """Does what is asked and encodes what came of it. Raises NotPlainError for what is no question."""
        reader = self.reader(question, [])
        asked = verb, target, positional, named = self._asked(reader)
        passed = reader.objects
        awaited = False
        try:
            value = self._do(verb, target, positional, dict(named))
            self.settle()
            if iscoroutine(value):
                import asyncio  # slow to import, and rarely needed

                awaited = True
                value = asyncio.run(value)
            changed = self._is_changed(asked, question, passed)
            if not (changed or awaited):
                writer = self.writer(self._sends, passed)
                writer.put(_VALUE)
                writer.write(value)
                return writer.finish()
            return self._reply(("returned", changed, awaited), passed if changed else [], passed, [value])
        except NotPlainError as error:
            return self._encoded(("invalid", str(error)))
        except BaseException as error:  # noqa: BLE001 - whatever is raised there
            make_room(error)
            changed = self._is_changed(asked, question, passed)
            told = class_names(type(error)), arguments_of(error), self.attributes(error), *describe(error)
            header = ("raised", changed, awaited, *told)
        try:
            return self._reply(header, passed if changed else [], passed, [])
        except NotPlainError as error:
            return self._encoded(("invalid", str(error)))

    def _asked(self, reader: crossing.Reader) -> Any:
        """Verb, object, arguments and keyword arguments. Raises as reading."""
        sign = reader.peek()
        if sign not in (_CALL, _CALL_NAMED):
            return reader.read_only()
        reader.take(1)
        target = self.restore("back", reader.size())
        positional = reader.read_next()
        named = reader.read_next() if sign == _CALL_NAMED else ()
        reader.finish()
        return "call", target, positional, named

    def _do(self, verb: str, target: Any, positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
        self.check(verb, target, positional)
        match verb:
            case "call":
                return target(*positional, **named)
            case "get":
                return getattr(target, *positional)
            case "set":
                return setattr(target, *positional)
            case "content":
                name, content = positional
                crossing.update(getattr(target, name), content)
                return None
            case "items":
                (wanted,) = positional
                items = list(itertools.islice(target, wanted))
                return items, len(items) < wanted
            case _ if verb in _PASSED_ON:
                return _PASSED_ON[verb](target, *positional)
        (other,) = positional
        return BETWEEN[verb.removeprefix("r")](other, target)

    def settle(self) -> None:
        """Called when something was done for the other side, before it is told."""

    def check(self, verb: str, target: Any, positional: tuple[Any, ...]) -> None:
        """Raises TypeError or AttributeError for what the other side may not have done."""

    def _is_changed(self, asked: tuple[Any, ...], question: bytes, passed: list[Any]) -> bool:
        """Whether arguments were changed in place."""
        if not passed:
            return False
        writer = crossing.Writer(self._takes.bytes, self._takes.items, known=[], ties=Mirror(self))
        writer.deepest = self._takes.deepest
        try:
            if question[:1] in (_CALL, _CALL_NAMED):
                _write_call(writer, LENGTH.unpack_from(question, 1)[0], *asked[2:])
            else:
                writer.write(asked)
            return writer.finish() != question
        except NotPlainError:
            return True

    def _reply(self, header: tuple[Any, ...], changed: list[Any], passed: list[Any], values: list[Any]) -> bytes:
        writer = self.writer(self._sends, passed)
        writer.write(header)
        for argument in changed:
            writer.write_content(argument)
        for value in values:
            writer.write(value)
        return writer.finish()

    def _encoded(self, value: Any) -> bytes:
        return self._reply(value, [], [], [])


def _write_call(body: crossing.Writer, number: int, positional: tuple[Any, ...], named: tuple[Any, ...]) -> None:
    body.put((_CALL_NAMED if named else _CALL) + LENGTH.pack(number))
    body.write(positional)
    if named:
        body.write(named)


def _is_plain(kind: type) -> bool:
    """Whether the attributes of an instance are all that it is."""
    own = kind.__mro__[:-1]
    return type(kind) is type and all(base.__module__ == MODULE and "__slots__" not in vars(base) for base in own)


async def _settled(value: Any, error: BaseException | None) -> Any:
    """What a coroutine of the other side came to."""
    if error is not None:
        raise error
    return value
