"""The program as a script's process sees it: handles of its functions and objects, copies of its plain values.

The program's process answers with values and exceptions of the standard library, nothing else, and all that it sends
is suspect. What ends the dialogue ends this process at once, since a script might catch an exception and go on.

The dialogue, each message encoded by `crossing`:

    script: names                                                    once, when its setup is done
    program: ("loaded", {name: (form, value)}), or a frame of its failure, see `frames`
    script: (verb, object, arguments, keyword arguments as pairs)    "call" it, "get" or "set" an attribute of it
    program: ("returned", changed, awaited), contents of the changeable arguments if changed, and the value
    program: ("raised", changed, awaited, class names, arguments, kind, text, number, place), and contents if changed
    program: ("invalid", message)                                    it returned what cannot cross
"""

import builtins
import importlib
import os
import sys
from _thread import allocate_lock
from typing import Any, NoReturn

from scorer.sandbox.guest import crossing, frames
from scorer.sandbox.guest.codec import NotPlainError
from scorer.sandbox.guest.handle import Handle, number_of
from scorer.sandbox.guest.link import Link, LinkClosedError, TooLargeError

GONE = 83
"""Exit status of the script's process when the program's is no longer there."""
ENTRY_POINT = 0
"""The number of the entry point among the objects of the program."""
MOST_VALUE_ITEMS = 1_000_000
MOST_ARGUMENT_BYTES = 64 << 20
# A script may pass on what it got, with some more around it, so arguments may be more than values.
MOST_ARGUMENT_ITEMS = 10_000_000
DEEPEST_ARGUMENT = 120

# What the program imported may serve the script too; the script's process imports its own, and only from these.
MODULES = frozenset({
    "bisect", "cmath", "collections", "copy", "datetime", "decimal", "fractions", "functools", "heapq", "itertools",
    "json", "math", "operator", "random", "re", "statistics", "string", "time", "typing",
})  # fmt: skip


class Remote:
    """The dialogue with the program's process."""

    def __init__(self, link: Link, writer: frames.Writer) -> None:
        self._link = link
        self._writer = writer
        self._exceptions: dict[str, type[BaseException]] = {}
        self._handles: dict[int, Handle] = {}
        self._lock = allocate_lock()  # where a script may have threads, one asks at a time
        self._raised: tuple[BaseException, tuple[str, str, int, str]] | None = None

    def load(self, names: set[str], entry_point: str) -> dict[str, Any]:
        """Lets the program run and gives what it defines of these names, and the entry point in any case.

        Ends this process if the program fails.
        """
        body = crossing.Writer(MOST_ARGUMENT_BYTES)
        body.write(tuple(sorted(names)))
        answer = self._exchange(body)[0]
        match answer:
            case ("loaded", dict(forms)):
                found = {name: self._made(name, form) for name, form in forms.items() if name in names}
            case _:
                self._fail(answer)
        values = {name: value[0] for name, value in found.items() if value is not None}
        return values | ({entry_point: self._handle(ENTRY_POINT)} if entry_point else {})

    def _fail(self, answer: Any) -> NoReturn:
        match answer:  # a frame of another kind would be a forged one
            case ("compile", str(message)):
                self._end("compile", message)
            case ("missing",):
                self._end("missing")
            case ("error", float(), float(), str(kind), str(text), int(number), str(place)):
                self._end("error", 0.0, 0.0, kind, text, number, _in_program(place))
            case _:
                self._end("gone")

    def _made(self, name: str, form: Any) -> tuple[Any] | None:
        match form:
            case ("value", value):
                return (value,)
            case ("module", str(module)) if module in MODULES or (module == name and name in sys.stdlib_module_names):
                return (importlib.import_module(module),)
            case ("import", str(module)) if module in MODULES and not name.startswith("_"):
                return (getattr(importlib.import_module(module), name),)
            case ("exception", tuple(bases)):
                self._exceptions[name] = type(name, (self._class(bases),), {})
                return (self._exceptions[name],)
            case _:
                return None

    def origin(self, error: BaseException) -> tuple[str, str, int, str] | None:
        """What the program said of an exception, if it is the last that came from there."""
        return self._raised[1] if self._raised is not None and self._raised[0] is error else None

    def _handle(self, number: int) -> Handle:
        """The one handle of an object of the program."""
        if type(number) is not int:
            raise NotPlainError("an object without a number")
        return self._handles.setdefault(number, Handle(number, self._ask))

    def _ask(self, verb: str, target: Any, positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Has the program do something: what came of it, or its exception."""
        body = crossing.Writer(MOST_ARGUMENT_BYTES, MOST_ARGUMENT_ITEMS, known=[], lend=number_of)
        body.deepest = DEEPEST_ARGUMENT
        try:
            body.write((verb, target, positional, tuple(named.items())))
        except NotPlainError as error:
            message = f"calls the program with what cannot cross to its process ({error}); set shared_process"
            self._end("task", "script", message)
        with self._lock:
            value, failure, awaited = self._outcome(body)
        if awaited:
            return _settled(value, failure)
        if failure is not None:
            raise failure
        return value

    def _outcome(self, body: crossing.Writer) -> tuple[Any, BaseException | None, bool]:
        """Sends a request: the value or the exception that came of it, and whether that is to be awaited."""
        header, reader = self._exchange(body)
        value, failure = None, None
        match header:
            case ("returned", bool(changed), bool(awaited)):
                value = self._read(reader, body.objects, changed, True)
            case ("raised", bool(changed), bool(awaited), tuple(classes), arguments, *claim):
                self._read(reader, body.objects, changed, False)
                failure = self._exception(classes, arguments, claim)
            case ("invalid", str(message)):
                self._end("invalid", 0.0, 0.0, message)
            case _:
                self._end("gone")
        return value, failure, awaited

    def _exchange(self, body: crossing.Writer) -> tuple[Any, crossing.Reader]:
        """Sends a message: the first value of the answer, and what reads the others."""
        try:
            self._link.send(b"".join(body.parts))
            reader = crossing.Reader(self._link.receive(), MOST_VALUE_ITEMS, known=body.objects, lent=self._handle)
            return reader.read_next(), reader
        except LinkClosedError:
            self._end("gone")
        except TooLargeError:
            self._end("invalid", 0.0, 0.0, "the value is too large")
        except NotPlainError as error:
            self._end("invalid", 0.0, 0.0, str(error))
        except MemoryError:
            self._end("error", 0.0, 0.0, "MemoryError", "", 0, "")

    def _read(self, reader: crossing.Reader, passed: list[Any], changed: bool, returned: bool) -> Any:
        """Brings the changeable arguments up to date and gives the value."""
        try:
            contents = [reader.read_content() for _ in passed] if changed else []
            value = reader.read_next() if returned else None
            reader.finish()
        except (NotPlainError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            self._end("invalid", 0.0, 0.0, str(error))
        except MemoryError:
            self._end("error", 0.0, 0.0, "MemoryError", "", 0, "")
        for argument, content in zip(passed, contents, strict=False):
            crossing.update(argument, content)
        return value

    def _exception(self, classes: tuple[Any, ...], arguments: Any, claim: list[Any]) -> BaseException:
        made = None
        for kind in self._class(classes).__mro__:
            try:
                made = kind(*arguments) if type(arguments) is tuple else kind()
                break
            except Exception:  # noqa: BLE001 - some classes take arguments of their own; their bases take any
                continue
        error = made if isinstance(made, BaseException) else RuntimeError()
        match claim:
            case [str(kind_name), str(text), int(number), str(place)]:
                self._raised = error, (kind_name, text, number, _in_program(place))
        return error

    def _class(self, names: tuple[Any, ...]) -> type[BaseException]:
        for name in names:
            kind = self._exceptions.get(name) or getattr(builtins, str(name), None)
            if isinstance(kind, type) and issubclass(kind, BaseException):
                # These would end a loop of the script early and silently.
                return RuntimeError if issubclass(kind, (StopIteration, StopAsyncIteration)) else kind
        return RuntimeError

    def _end(self, *frame: Any) -> NoReturn:
        """Reports and ends this process."""
        try:
            self._writer.write(*frame)
        finally:
            os._exit(GONE if frame == ("gone",) else 0)


def _in_program(place: str) -> str:
    """A place that the program tells of, which is never in the script."""
    return place if place.startswith("program:") else ""


async def _settled(value: Any, error: BaseException | None) -> Any:
    """What a coroutine of the program came to."""
    if error is not None:
        raise error
    return value
