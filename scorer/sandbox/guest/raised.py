"""What one end of the dialogue between script and program tells the other of an exception."""

import gc
from typing import Any

from scorer.sandbox.guest import crossing
from scorer.sandbox.guest.codec import NotPlainError
from scorer.sandbox.guest.failures import describe

_MOST_BYTES = 1 << 16


def class_names(kind: type[BaseException]) -> tuple[str, ...]:
    """Of the exception's class and its bases, down to the first that is built in."""
    names: list[str] = []
    for base in kind.__mro__:
        names.append(base.__name__)
        if base.__module__ == "builtins":
            break
    return tuple(names)


def arguments_of(error: BaseException) -> tuple[Any, ...]:
    """Its arguments, or its text where they cannot cross."""
    try:
        crossing.Writer(_MOST_BYTES).write(error.args)
    except NotPlainError:
        return (describe(error)[1],)
    return error.args


def plain_attributes(error: BaseException) -> dict[str, Any]:
    """Attributes of an exception that are plain data, those with two underscores left out."""
    found = {}
    for name, value in vars(error).items():
        if type(name) is str and not name.startswith("__"):
            try:
                crossing.Writer(_MOST_BYTES).write(value)
            except NotPlainError:
                continue
            found[name] = value
    return found


def make_room(error: BaseException) -> None:
    """Frees what an exception holds on to when memory has run out."""
    if isinstance(error, MemoryError):
        error.__traceback__ = None
        gc.collect()
