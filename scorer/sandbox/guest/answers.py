"""The process of a program that a script of assertions tests: runs it, then answers the script's calls.

See `remote` for the dialogue. The program may do to this process what it likes: whatever it sends is only a value.
"""

import gc
import json
import os
from collections.abc import Callable
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
)  # fmt: skip
from scorer.sandbox.guest.link import Link
from scorer.sandbox.guest.remote import DEEPEST_ARGUMENT, MOST_ARGUMENT_BYTES, MOST_ARGUMENT_ITEMS

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
        answer, functions = _load(task, namespace, names, channel_bytes)
        while os.getpid() == pid:  # a child that the program forked has nothing to answer
            link.send(answer)
            answer = _answer(functions, link.receive(), channel_bytes)
    finally:
        os._exit(0)


def _load(
    task: dict[str, Any], namespace: dict[str, Any], names: tuple[str, ...], most_bytes: int
) -> tuple[bytes, dict[str, Callable[..., Any]]]:
    """Runs the program: what to say of it, and its functions by name."""
    try:
        code = compile_text(task["source"], PROGRAM)
    except COMPILE_ERRORS as error:
        return _encoded(("compile", describe_syntax(error)), most_bytes), {}
    try:
        exec(code, namespace)
        if task["entry_point"] and not callable(namespace.get(task["entry_point"])):
            return _encoded(("missing",), most_bytes), {}
        forms = {name: _form(namespace[name], most_bytes) for name in names if name in namespace}
        functions = {name: namespace[name] for name, form in forms.items() if form == ("function", None)}
        return _encoded(("loaded", {name: form for name, form in forms.items() if form}), most_bytes), functions
    except BaseException as error:  # noqa: BLE001 - whatever the program raises
        _make_room(error)
        return _encoded(("error", 0.0, 0.0, *describe(error)), most_bytes), {}


def _form(value: Any, most_bytes: int) -> tuple[str, Any] | None:
    """How a name of the program appears to the script; None if it does not."""
    if isinstance(value, ModuleType):
        return "module", value.__name__
    if isinstance(value, type) and issubclass(value, BaseException):
        return "exception", _class_names(value)
    if callable(value):
        return "function", None
    try:
        _encoded(value, most_bytes)
    except NotPlainError:
        return None
    return "value", value


def _encoded(value: Any, most_bytes: int) -> bytes:
    writer = crossing.Writer(most_bytes)
    writer.write(value)
    return b"".join(writer.parts)


def _answer(functions: dict[str, Callable[..., Any]], request: bytes, most_bytes: int) -> bytes:
    """Makes a call and encodes what came of it."""
    reader = crossing.Reader(request, MOST_ARGUMENT_ITEMS)
    reader.deepest = DEEPEST_ARGUMENT
    call = name, positional, named = reader.read_only()
    passed = reader.objects
    awaited = False
    try:
        value = functions[name](*positional, **dict(named))
        if iscoroutine(value):
            import asyncio  # slow to import, and rarely needed

            awaited = True
            value = asyncio.run(value)
        changed = _is_changed(call, request, passed)
        return _reply(("returned", changed, awaited), passed if changed else [], passed, [value], most_bytes)
    except NotPlainError as error:
        return _encoded(("invalid", str(error)), most_bytes)
    except BaseException as error:  # noqa: BLE001 - whatever the program raises
        _make_room(error)
        changed = _is_changed(call, request, passed)
        header = ("raised", changed, awaited, _class_names(type(error)), _arguments(error), *describe(error))
    try:
        return _reply(header, passed if changed else [], passed, [], most_bytes)
    except NotPlainError as error:
        return _encoded(("invalid", str(error)), most_bytes)


def _is_changed(call: tuple[Any, ...], request: bytes, passed: list[Any]) -> bool:
    """Whether the program changed its arguments in place."""
    if not passed:
        return False
    writer = crossing.Writer(MOST_ARGUMENT_BYTES, MOST_ARGUMENT_ITEMS, known=[])
    writer.deepest = DEEPEST_ARGUMENT
    try:
        writer.write(call)
    except NotPlainError:
        return True
    return b"".join(writer.parts) != request


def _reply(header: tuple[Any, ...], changed: list[Any], passed: list[Any], values: list[Any], most_bytes: int) -> bytes:
    writer = crossing.Writer(most_bytes, known=passed)
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
        _encoded(error.args, _MOST_ARGUMENTS_OF_AN_EXCEPTION)
    except NotPlainError:
        return (describe(error)[1],)
    return error.args


def _make_room(error: BaseException) -> None:
    """Frees what an exception holds on to when memory has run out."""
    if isinstance(error, MemoryError):
        error.__traceback__ = None
        gc.collect()
