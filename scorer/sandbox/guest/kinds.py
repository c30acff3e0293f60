"""Values beside plain data that cross between a script and a program: what they are made of, and how to make them.

A name and plain parts stand for each. The maker's side decides what a name means, so a hostile writer can only choose
among the types below, all from the standard library.
"""

import collections
import importlib
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

_VIEWS: dict[str, Callable[[list[Any]], Any]] = {
    "dict_keys": lambda items: dict.fromkeys(items).keys(),
    "dict_values": lambda items: dict(enumerate(items)).values(),
    "dict_items": lambda items: dict(items).items(),
}
_VIEW_NAMES: dict[type, str] = {type({}.keys()): "dict_keys", type({}.values()): "dict_values"} | {
    type({}.items()): "dict_items"
}
# Types that are values themselves, and the factories of a defaultdict that cross; others are the program's code.
_KNOWN = (int, float, complex, str, bytes, bytearray, list, dict, set, frozenset, tuple, bool, object, type(None))
_TYPES: dict[str, type] = {kind.__name__: kind for kind in _KNOWN}

# Imported only when a value of theirs turns up. A name's parts are the constructor's arguments.
_FOREIGN: dict[str, tuple[str, Callable[[Any], tuple[Any, ...]]]] = {
    "Decimal": ("decimal", lambda value: (str(value),)),
    "Fraction": ("fractions", lambda value: (value.numerator, value.denominator)),
    "date": ("datetime", lambda value: (value.year, value.month, value.day)),
    "time": ("datetime", lambda value: (value.hour, value.minute, value.second, value.microsecond)),
    "timedelta": ("datetime", lambda value: (value.days, value.seconds, value.microseconds)),
    "datetime": (
        "datetime",
        lambda v: (v.year, v.month, v.day, v.hour, v.minute, v.second, v.microsecond),
    ),
}


def take_apart(value: Any, most_items: int) -> tuple[str, Any] | None:
    """The name of a value's kind and the parts that it is made of; None if it is of no kind that crosses.

    An iterator is run dry, up to one item more than `most_items`.
    """
    kind = type(value)
    if kind in _VIEW_NAMES:
        return _VIEW_NAMES[kind], list(value)
    if kind is type:
        return ("type", value.__name__) if _is_known_type(value) else None
    if kind is range:
        return "range", (value.start, value.stop, value.step)
    if kind in (collections.Counter, collections.OrderedDict):
        return kind.__name__, dict(value)
    if kind is collections.defaultdict:
        factory = value.default_factory
        return "defaultdict", (factory.__name__ if _is_known_type(factory) else "", dict(value))
    if kind is collections.deque:
        return "deque", (list(value), value.maxlen)
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        return "namedtuple", tuple(value)
    name = kind.__name__
    if name in _FOREIGN and kind.__module__ == _FOREIGN[name][0] and getattr(value, "tzinfo", None) is None:
        return name, _FOREIGN[name][1](value)
    if isinstance(value, Iterator):
        return "iterator", list(islice(value, most_items + 1))
    return None


def _is_known_type(value: Any) -> bool:
    return any(value is kind for kind in _KNOWN)


def put_together(name: str, parts: Any) -> Any:
    """The value of that kind. Raises whatever its constructor does when the parts are not what `take_apart` gives."""
    match name:
        case "type":
            return _TYPES[parts]
        case "range":
            return range(*parts)
        case "Counter":
            return collections.Counter(parts)
        case "OrderedDict":
            return collections.OrderedDict(parts)
        case "defaultdict":
            return collections.defaultdict(_TYPES.get(parts[0]), parts[1])
        case "deque":
            return collections.deque(*parts)
        case "namedtuple":
            return tuple(parts)
        case "iterator":
            return iter(parts)
        case "dict_keys" | "dict_values" | "dict_items":
            return _VIEWS[name](parts)
        case _:
            return getattr(importlib.import_module(_FOREIGN[name][0]), name)(*parts)
