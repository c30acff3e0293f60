"""What the cases of a task call: a function of the program, or a method of one of its classes."""

from collections.abc import Callable
from typing import Any


class MissingError(Exception):
    """The program does not define it. The argument is a sentence; empty for a plain name."""


def find(namespace: dict[str, Any], entry_point: str) -> Callable[..., Any]:
    """The function to call.

    Args:
        namespace: Of the program, which was run.
        entry_point: "f", "Class().f" or "Class.f". A method is called on an instance of its own each time; with
            "Class.f" a static method or one of the class is called on the class.

    Raises:
        MissingError: There is no such function, class or method.
    """
    owner, _, method = entry_point.partition(".")
    if not method:
        function = namespace.get(entry_point)
        if not callable(function):
            raise MissingError("")
        return function  # type: ignore[no-any-return]
    name = owner.removesuffix("()")
    kind = namespace.get(name)
    if not isinstance(kind, type):
        raise MissingError(f"the program does not define the class {name}")
    found = next((vars(base)[method] for base in kind.__mro__ if method in vars(base)), None)
    if not callable(getattr(kind, method, None)):
        raise MissingError(f"the class {name} of the program has no method {method}")
    if owner == name and isinstance(found, (staticmethod, classmethod)):
        return getattr(kind, method)  # type: ignore[no-any-return]
    return lambda *positional, **named: getattr(kind(), method)(*positional, **named)
