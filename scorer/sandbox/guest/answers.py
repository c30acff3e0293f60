"""The process of a program that a script of assertions tests: runs it, then answers the script's calls.

See `remote` for the dialogue. The program may do to this process what it likes: whatever it sends is only a value.
"""

import gc
import json
import os
import sys
from inspect import iscoroutine
from types import ModuleType
from typing import Any, NoReturn

from scorer.sandbox.guest import crossing
from scorer.sandbox.guest.codec import NotPlainError
from scorer.sandbox.guest.failures import (
    COMPILE_ERRORS,
    PROGRAM,
    SETUP,
    compile_text,
    describe,
    describe_syntax,
    module,
)
from scorer.sandbox.guest.link import Link
from scorer.sandbox.guest.remote import (
    DEEPEST_ARGUMENT,
    MODULES,
    MOST_ARGUMENT_BYTES,
    MOST_ARGUMENT_ITEMS,
    MOST_VALUE_ITEMS,
)

LINK = 3
_MOST_ARGUMENTS_OF_AN_EXCEPTION = 1 << 16


def run(payload: bytes, channel_bytes: int) -> NoReturn:
    """Runs the program and answers until the script's process is gone.

    Args:
        payload: JSON: "setup", "source", "entry_point".
        channel_bytes: Most bytes of one answer.
    """
    try:
        task = json.loads(payload)
        link = Link(LINK, MOST_ARGUMENT_BYTES)
        pid = os.getpid()
        namespace = module("candidate")
        exec(compile_text(task["setup"], SETUP), namespace)
        names = crossing.Reader(link.receive()).read_only()
        program = _Program(task["entry_point"], namespace, channel_bytes)
        answer = program.load(task["source"], names)
        while os.getpid() == pid:  # a child that the program forked has nothing to answer
            link.send(answer)
            answer = program.answer(link.receive())
    finally:
        os._exit(0)


class _Program:
    """The program, and by numbers those of its objects that the script knows: the entry point is the first."""

    def __init__(self, entry_point: str, namespace: dict[str, Any], most_bytes: int) -> None:
        self._entry_point = entry_point
        self._namespace = namespace
        self._most_bytes = most_bytes
        self._lent: list[Any] = []
        self._numbers: dict[int, int] = {}

    def load(self, source: str, names: tuple[str, ...]) -> bytes:
        """Runs the program and tells what it defines of these names."""
        try:
            code = compile_text(source, PROGRAM)
        except COMPILE_ERRORS as error:
            return self._encoded(("compile", describe_syntax(error)))
        try:
            exec(code, self._namespace)
            if self._entry_point:
                function = self._namespace.get(self._entry_point)
                if not callable(function):
                    return self._encoded(("missing",))
                self._lend(function)
            forms = {name: self._form(name, self._namespace[name]) for name in names if name in self._namespace}
            return self._encoded(("loaded", {name: form for name, form in forms.items() if form}))
        except BaseException as error:  # noqa: BLE001 - whatever the program raises
            _make_room(error)
            return self._encoded(("error", 0.0, 0.0, *describe(error)))

    def _form(self, name: str, value: Any) -> tuple[str, Any] | None:
        """How a name of the program appears to the script; None if it does not."""
        if isinstance(value, ModuleType):
            return "module", value.__name__
        for library in MODULES & sys.modules.keys():
            if getattr(sys.modules[library], name, None) is value:
                return "import", library
        if isinstance(value, type) and issubclass(value, BaseException):
            return "exception", _class_names(value)
        try:
            self._encoded(value)
        except NotPlainError:
            return None
        return "value", value

    def _encoded(self, value: Any) -> bytes:
        writer = crossing.Writer(self._most_bytes, MOST_VALUE_ITEMS, lend=self._lend)
        writer.write(value)
        return b"".join(writer.parts)

    def answer(self, request: bytes) -> bytes:
        """Does what is asked and encodes what came of it."""
        reader = crossing.Reader(request, MOST_ARGUMENT_ITEMS, lent=self._lent.__getitem__)
        reader.deepest = DEEPEST_ARGUMENT
        call = verb, target, positional, named = reader.read_only()
        passed = reader.objects
        awaited = False
        try:
            value = self._do(verb, target, positional, dict(named))
            if iscoroutine(value):
                import asyncio  # slow to import, and rarely needed

                awaited = True
                value = asyncio.run(value)
            changed = self._is_changed(call, request, passed)
            return self._reply(("returned", changed, awaited), passed if changed else [], passed, [value])
        except NotPlainError as error:
            return self._encoded(("invalid", str(error)))
        except BaseException as error:  # noqa: BLE001 - whatever the program raises
            _make_room(error)
            changed = self._is_changed(call, request, passed)
            header = ("raised", changed, awaited, _class_names(type(error)), _arguments(error), *describe(error))
        try:
            return self._reply(header, passed if changed else [], passed, [])
        except NotPlainError as error:
            return self._encoded(("invalid", str(error)))

    def _do(self, verb: str, target: Any, positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
        match verb:
            case "get":
                return getattr(target, *positional)
            case "set":
                return setattr(target, *positional)
            case _:
                return target(*positional, **named)

    def _lend(self, value: Any) -> int:
        """The number of an object, which is kept from now on."""
        number = self._numbers.setdefault(id(value), len(self._lent))
        if number == len(self._lent):
            self._lent.append(value)
        return number

    def _is_changed(self, call: tuple[Any, ...], request: bytes, passed: list[Any]) -> bool:
        """Whether the program changed its arguments in place."""
        if not passed:
            return False
        writer = crossing.Writer(MOST_ARGUMENT_BYTES, MOST_ARGUMENT_ITEMS, known=[], lend=self._lend)
        writer.deepest = DEEPEST_ARGUMENT
        try:
            writer.write(call)
        except NotPlainError:
            return True
        return b"".join(writer.parts) != request

    def _reply(self, header: tuple[Any, ...], changed: list[Any], passed: list[Any], values: list[Any]) -> bytes:
        writer = crossing.Writer(self._most_bytes, MOST_VALUE_ITEMS, known=passed, lend=self._lend)
        writer.write(header)
        for argument in changed:
            writer.write_content(argument)
        for value in values:
            writer.write(value)
        return b"".join(writer.parts)


def _class_names(kind: type[BaseException]) -> tuple[str, ...]:
    """Of the exception's class and its bases, down to the first that is built in."""
    names: list[str] = []
    for base in kind.__mro__:
        names.append(base.__name__)
        if base.__module__ == "builtins":
            break
    return tuple(names)


def _arguments(error: BaseException) -> tuple[Any, ...]:
    try:
        crossing.Writer(_MOST_ARGUMENTS_OF_AN_EXCEPTION).write(error.args)
    except NotPlainError:
        return (describe(error)[1],)
    return error.args


def _make_room(error: BaseException) -> None:
    """Frees what an exception holds on to when memory has run out."""
    if isinstance(error, MemoryError):
        error.__traceback__ = None
        gc.collect()
