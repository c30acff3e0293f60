"""Values beside plain data that cross between a script and a program: what they are made of, and how to make them.

A name and plain parts stand for each. The maker's side decides what a name means, so a hostile writer can only choose
among the types below, all from the standard library, and numpy's arrays where that is there.
"""

import builtins
import collections
import importlib
import itertools
import keyword
import sys
from collections.abc import Callable
from typing import Any

from scorer.sandbox.guest import arrays, derived

_VIEWS: dict[str, Callable[[list[Any]], Any]] = {
    "dict_keys": lambda items: dict.fromkeys(items).keys(),
    "dict_values": lambda items: dict(enumerate(items)).values(),
    "dict_items": lambda items: dict(items).items(),
}
_VIEW_NAMES: dict[type, str] = {type({}.keys()): "dict_keys", type({}.values()): "dict_values"} | {
    type({}.items()): "dict_items"
}
# Types that are values themselves, and the factories of a defaultdict that cross; others are the program's code.
_KNOWN = (*(kind for kind in vars(builtins).values() if type(kind) is type), type(None))
_TYPES: dict[str, type] = {kind.__name__: kind for kind in _KNOWN}

# Imported only when a value of theirs turns up. A name's parts are the constructor's arguments.
_FOREIGN: dict[str, tuple[str, Callable[[Any], tuple[Any, ...]]]] = {
    "Decimal": ("decimal", lambda value: (str(value),)),
    "Fraction": ("fractions", lambda value: (value.numerator, value.denominator)),
    "date": ("datetime", lambda value: (value.year, value.month, value.day)),
    "time": ("datetime", lambda v: (v.hour, v.minute, v.second, v.microsecond, _zone(v))),
    "timedelta": ("datetime", lambda value: (value.days, value.seconds, value.microseconds)),
    "datetime": (
        "datetime",
        lambda v: (v.year, v.month, v.day, v.hour, v.minute, v.second, v.microsecond, _zone(v)),
    ),
    "Pattern": ("re", lambda value: (value.pattern, value.flags)),
    "UUID": ("uuid", lambda value: (value.hex,)),
    "PurePosixPath": ("pathlib", lambda value: (str(value),)),
    "PosixPath": ("pathlib", lambda value: (str(value),)),
    "array": ("array", lambda value: (value.typecode, value.tolist())),
}
_MAKERS = {"Pattern": "compile"}
_ITERATOR_MODULES = ("builtins", "itertools", "collections")
_MOST_NAMED_TUPLES = 256
_WHOLE = 10**4000  # what Python writes in decimal without being asked to
_named_tuples: dict[tuple[str, tuple[str, ...]], Any] = {}


def is_iterator(value: Any) -> bool:
    """Whether it is a generator or an iterator of Python's own, of which nothing but its items can be used."""
    kind = type(value)
    return kind.__module__ in _ITERATOR_MODULES and hasattr(kind, "__next__") and hasattr(kind, "__iter__")


def take_apart(value: Any) -> tuple[str, Any] | None:
    """The name of a value's kind and the parts that it is made of; None if it is of no kind that crosses."""
    kind = type(value)
    if kind in _VIEW_NAMES:
        return _VIEW_NAMES[kind], list(value)
    if kind is type:
        return ("type", value.__name__) if _is_known_type(value) else None
    if kind is range or kind is slice:
        return kind.__name__, (value.start, value.stop, value.step)
    if value is ... or value is NotImplemented:
        return "singleton", repr(value)
    if kind in (collections.Counter, collections.OrderedDict):
        return kind.__name__, dict(value)
    if kind is collections.defaultdict:
        factory = value.default_factory
        return "defaultdict", (factory.__name__ if _is_known_type(factory) else "", dict(value))
    if kind is collections.deque:
        return "deque", (list(value), value.maxlen)
    if kind is memoryview:
        return "memoryview", value.tobytes()
    if kind.__bases__ == (tuple,) and hasattr(kind, "_fields"):
        return "namedtuple", (kind.__name__, kind._fields, tuple(value))
    name = kind.__name__
    if name in _FOREIGN and kind.__module__ == _FOREIGN[name][0] and _has_plain_zone(value):
        return name, _FOREIGN[name][1](value)
    return arrays.take_apart(value)


def plain_data(value: Any, most_items: int) -> tuple[Any] | None:
    """The plain data that a value of Python's own stands for, in a tuple; None if it stands for none.

    Args:
        value: Of any type.
        most_items: No more than one item beyond these is taken of what may have no end.
    """
    kind = type(value)
    if kind in (collections.Counter, collections.OrderedDict, collections.defaultdict):
        return (dict(value),)
    if kind in _VIEW_NAMES or kind is range or kind is collections.deque or is_iterator(value):
        return (list(itertools.islice(value, most_items + 1)),)
    if kind.__bases__ == (tuple,) and hasattr(kind, "_fields"):
        return (tuple(value),)
    if kind.__module__ in ("decimal", "fractions") and kind.__name__ in ("Decimal", "Fraction"):
        whole = value == value and abs(value) < _WHOLE and value == int(value)
        return (int(value) if whole else float(value),)
    content = derived.content(value)
    if type(content) in (collections.Counter, collections.OrderedDict):
        return (dict(content),)
    if type(content) is collections.deque:
        return (list(content),)
    return None if content is None else (content,)


def _has_plain_zone(value: Any) -> bool:
    zone = getattr(value, "tzinfo", None)
    return zone is None or type(zone) is sys.modules["datetime"].timezone


def _zone(value: Any) -> Any:
    return None if value.tzinfo is None else value.tzinfo.utcoffset(None)


def _is_known_type(value: Any) -> bool:
    return any(value is kind for kind in _KNOWN)


def put_together(name: str, parts: Any) -> Any:
    """The value of that kind. Raises whatever its constructor does when the parts are not what `take_apart` gives."""
    match name:
        case "type":
            return _TYPES[parts]
        case "range":
            return range(*parts)
        case "slice":
            return slice(*parts)
        case "singleton":
            return {"Ellipsis": ..., "NotImplemented": NotImplemented}[parts]
        case "Counter":
            return collections.Counter(parts)
        case "OrderedDict":
            return collections.OrderedDict(parts)
        case "defaultdict":
            return collections.defaultdict(_TYPES.get(parts[0]), parts[1])
        case "deque":
            return collections.deque(*parts)
        case "memoryview":
            return memoryview(parts)
        case "namedtuple":
            kind_name, fields, items = parts
            return _named_tuple(kind_name, fields)._make(items)
        case "dict_keys" | "dict_values" | "dict_items":
            return _VIEWS[name](parts)
        case "ndarray" | "numpy":
            return arrays.put_together(name, parts)
        case "time" | "datetime":
            *numbers, offset = parts
            made = getattr(importlib.import_module("datetime"), name)(*numbers)
            return made if offset is None else made.replace(tzinfo=_zone_at(offset))
        case _:
            return getattr(importlib.import_module(_FOREIGN[name][0]), _MAKERS.get(name, name))(*parts)


def _zone_at(offset: Any) -> Any:
    return importlib.import_module("datetime").timezone(offset)


def _named_tuple(name: str, fields: tuple[str, ...]) -> Any:
    """A class of tuples with names. Raises ValueError for what cannot be names."""
    if type(name) is not str or not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError("not a name of a class")
    if type(fields) is not tuple or any(type(field) is not str for field in fields):
        raise ValueError("not names of fields")
    made = _named_tuples.get((name, fields))
    if made is None:
        if len(_named_tuples) >= _MOST_NAMED_TUPLES:
            raise ValueError("too many classes of named tuples")
        made = _named_tuples[name, fields] = collections.namedtuple(name, fields)
    return made
