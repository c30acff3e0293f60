"""A function or an object of the program that cannot cross, as the script's process sees it.

It can be called, and its attributes read and set. Nothing else is the program's to decide, least of all what it is
equal to: an object that would be equal to everything is equal only to itself here.
"""

from collections.abc import Callable
from typing import Any

Ask = Callable[[str, Any, tuple[Any, ...], dict[str, Any]], Any]


_TOLD = ("__name__", "__qualname__")


class Handle:
    """Stands for one object, by the number that the program's process gave it."""

    __slots__ = ("_ask_program", "_number_in_program")

    def __init__(self, number: int, ask: Ask) -> None:
        object.__setattr__(self, "_number_in_program", number)
        object.__setattr__(self, "_ask_program", ask)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in _TOLD:
            raise AttributeError(name)
        return self._ask_program("get", self, (name,), {})

    def __setattr__(self, name: str, value: Any) -> None:
        self._ask_program("set", self, (name, value), {})

    def __call__(self, *positional: Any, **named: Any) -> Any:
        return self._ask_program("call", self, positional, named)

    def __repr__(self) -> str:
        return "<an object of the program>"


def number_of(value: Any) -> int | None:
    """The number of a handle; None for anything else."""
    return value._number_in_program if type(value) is Handle else None
