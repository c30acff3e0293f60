"""Objects whose class derives from a built-in one (IntEnum, a list with methods): what they hold as one of that.

The content is read by the built-in class's own methods, whatever the object's class makes of them, so that objects
compare as they do in one process unless their class compares in a way of its own, which is not for it to decide.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable
from typing import Any

_TAKEN: dict[type, Callable[[Any], Any]] = {
    Counter: lambda value: Counter(dict(dict.items(value))),
    OrderedDict: lambda value: OrderedDict(OrderedDict.items(value)),
    deque: lambda value: deque(deque.__iter__(value), value.maxlen),
    dict: lambda value: dict(dict.items(value)),
    list: lambda value: list(list.__iter__(value)),
    set: lambda value: set(set.__iter__(value)),
    bytearray: lambda value: bytearray(bytearray.__iter__(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    int: int.__int__,
    float: float.__float__,
    complex: complex.__complex__,
    str: str.__str__,
    bytes: lambda value: bytes(bytes.__iter__(value)),
}
"""Built-in classes, special ones first, and how to take what an object holds as one of them."""
CHANGEABLE = (Counter, OrderedDict, deque, dict, list, set, bytearray)


def _base(kind: type) -> type | None:
    return next((base for base in _TAKEN if base in kind.__mro__), None)


def content(value: Any) -> Any:
    """What an object holds as one of a built-in class; None if its class derives from none."""
    base = _base(type(value))
    return None if base is None else _TAKEN[base](value)


def sample(value: Any) -> Any:
    """The content if it cannot change, else an empty one of the same class; None if the class derives from none."""
    base = _base(type(value))
    return base() if base in CHANGEABLE else content(value)


def is_sample(value: Any) -> bool:
    """Whether `sample` can have given it."""
    return type(value) in _TAKEN and (type(value) not in CHANGEABLE or not value)


def own_methods(kind: type, base: type, names: Iterable[str]) -> tuple[str, ...]:
    """Which of these special methods, named without underscores, a class has in place of its built-in base's."""
    return tuple(name for name in names if _method(kind, name) is not _method(base, name))


def _method(kind: type, name: str) -> Any:
    return getattr(kind, f"__{name}__", None)
