"""What one process may have done to an object that the other one keeps: a closed list of operations, by name.

Those of one object say nothing of what a script expects. Those of two would hand the other operand over, and with
`==`, `<`, `in` or a difference leave the verdict to the object: a script asks them of a program only when both operands
are the program's own objects.
"""

import builtins
import copy
import inspect
import operator
from collections.abc import Callable
from typing import Any

from scorer.sandbox.guest import derived


def _is_instance(value: Any, kind: Any) -> bool:
    return isinstance(value, kind)


def _iterate(value: Any) -> Any:
    yield from value


ALONE: dict[str, Callable[..., Any]] = {
    **{name: getattr(builtins, name) for name in ("abs", "bool", "bytes", "complex", "float", "format", "hash")},
    **{name: getattr(builtins, name) for name in ("int", "len", "repr", "reversed", "round", "str")},
    **{name: getattr(operator, name) for name in ("delitem", "getitem", "index", "invert", "neg", "pos", "setitem")},
    "content_of": derived.content,
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "iter": _iterate,
    "is_coroutine": inspect.iscoroutinefunction,
    "enter": lambda value: value.__enter__(),
    "exit": lambda value, *arguments: value.__exit__(*arguments),
}
"""Operations of one object; of further arguments only what a method could be given as well."""

BETWEEN_VALUES = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor")
"""Operations that the second operand may have to decide, as Python's __radd__ does; asked with an r before the name."""

BETWEEN: dict[str, Callable[..., Any]] = {
    **{name: getattr(operator, name) for name in (*BETWEEN_VALUES, "lshift", "rshift", "contains")},
    **{name: getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")},
    "isinstance": _is_instance,
}
"""Operations of two objects, in their order."""
