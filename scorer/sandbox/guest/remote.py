"""The program as a script's process sees it: functions that call it, and copies of its plain values.

The program's process answers with values and exceptions of the standard library, nothing else, and all that it sends
is suspect. What ends the dialogue ends this process at once, since a script might catch an exception and go on.

The dialogue, each message encoded by `crossing`:

    script: names                                                    once, when its setup is done
    program: ("loaded", {name: (form, value)}), or a frame of its failure, see `frames`
    script: (name, arguments, keyword arguments as pairs)            a call
    program: ("returned", changed, awaited), contents of the changeable arguments if changed, and the value
    program: ("raised", changed, awaited, class names, arguments, kind, text, number, place), and contents if changed
    program: ("invalid", message)                                    it returned what cannot cross
"""

import builtins
import importlib
import os
from collections.abc import Callable
from typing import Any, NoReturn

from scorer.sandbox.guest import crossing, frames
from scorer.sandbox.guest.codec import NotPlainError
from scorer.sandbox.guest.link import Link, LinkClosedError, TooLargeError

GONE = 83
"""Exit status of the script's process when the program's is no longer there."""
MOST_ARGUMENT_BYTES = 64 << 20
# A script may pass on what it got, with some more around it, so arguments may be more than values.
MOST_ARGUMENT_ITEMS = 10_000_000
DEEPEST_ARGUMENT = 120

# A module that the program imported for the script; the script's process imports its own, and only these.
_MODULES = frozenset({
    "bisect", "cmath", "collections", "copy", "datetime", "decimal", "fractions", "functools", "heapq", "itertools",
    "json", "math", "operator", "random", "re", "statistics", "string", "time", "typing",
})  # fmt: skip


class Remote:
    """The dialogue with the program's process."""

    def __init__(self, link: Link, writer: frames.Writer) -> None:
        self._link = link
        self._writer = writer
        self._exceptions: dict[str, type[BaseException]] = {}
        self._raised: tuple[BaseException, tuple[str, str, int, str]] | None = None

    def load(self, names: list[str]) -> dict[str, Any]:
        """Lets the program run and gives what it defines of these names; ends this process if the program fails."""
        body = crossing.Writer(MOST_ARGUMENT_BYTES)
        body.write(tuple(names))
        answer = self._exchange(body)[0]
        match answer:
            case ("loaded", dict(forms)):
                found = {name: self._made(name, form) for name, form in forms.items() if name in names}
            case _:
                self._fail(answer)
        return {name: value[0] for name, value in found.items() if value is not None}

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
            case ("function", None):
                return (self._function(name),)
            case ("value", value):
                return (value,)
            case ("module", str(module)) if module in _MODULES:
                return (importlib.import_module(module),)
            case ("exception", tuple(bases)):
                self._exceptions[name] = type(name, (self._class(bases),), {})
                return (self._exceptions[name],)
            case _:
                return None

    def _function(self, name: str) -> Callable[..., Any]:
        def function(*positional: Any, **named: Any) -> Any:
            return self._call(name, positional, named)

        function.__name__ = function.__qualname__ = name
        return function

    def origin(self, error: BaseException) -> tuple[str, str, int, str] | None:
        """What the program said of an exception, if it is the last that came from there."""
        return self._raised[1] if self._raised is not None and self._raised[0] is error else None

    def _call(self, name: str, positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
        body = crossing.Writer(MOST_ARGUMENT_BYTES, MOST_ARGUMENT_ITEMS, known=[])
        body.deepest = DEEPEST_ARGUMENT
        try:
            body.write((name, positional, tuple(named.items())))
        except NotPlainError as error:
            message = f"calls the program with what cannot cross to its process ({error}); set shared_process"
            self._end("task", "script", message)
        header, reader = self._exchange(body)
        match header:
            case ("returned", bool(changed), bool(awaited)):
                failure, value = None, self._read(reader, body.objects, changed, True)
            case ("raised", bool(changed), bool(awaited), tuple(classes), arguments, *claim):
                self._read(reader, body.objects, changed, False)
                failure, value = self._exception(classes, arguments, claim), None
            case ("invalid", str(message)):
                self._end("invalid", 0.0, 0.0, message)
            case _:
                self._end("gone")
        if awaited:
            return _settled(value, failure)
        if failure is not None:
            raise failure
        return value

    def _exchange(self, body: crossing.Writer) -> tuple[Any, crossing.Reader]:
        """Sends a message: the first value of the answer, and what reads the others."""
        try:
            self._link.send(b"".join(body.parts))
            reader = crossing.Reader(self._link.receive(), known=body.objects)
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
