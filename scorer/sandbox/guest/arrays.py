"""numpy's arrays and scalars: as plain data, and as the parts from which another process makes equal ones.

Only exact types cross, of kinds of elements that are numbers, truth values, texts, bytes, dates or durations: an array
of objects could hold anything. numpy is looked up, never imported, unless a value of its arrives.
"""

import importlib
import sys
from typing import Any

_KINDS = frozenset("?bBhHiIlLqQefdFDSUMm")  # the characters of the types of elements


def is_array(value: Any) -> bool:
    """Whether it is exactly an array of numpy, whatever its elements."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and type(value) is getattr(numpy, "ndarray", None)


def take_apart(value: Any) -> tuple[str, Any] | None:
    """The name and the parts of an array or a scalar; None for anything else."""
    numpy = sys.modules.get("numpy")
    if numpy is None or type(value).__module__ != "numpy" or not hasattr(value, "dtype"):
        return None
    if type(value) is numpy.ndarray:
        if value.dtype.char not in _KINDS or value.dtype.itemsize == 0:
            return None
        return "ndarray", (value.dtype.str, tuple(map(int, value.shape)), value.tobytes())
    if type(value) is value.dtype.type and value.dtype.char in _KINDS and value.dtype.itemsize > 0:
        return "numpy", (value.dtype.str, value.tobytes())
    return None


def put_together(name: str, parts: Any) -> Any:
    """The array ("ndarray") or scalar ("numpy"). Raises ValueError, TypeError, ImportError."""
    numpy = importlib.import_module("numpy")
    text, *shape, content = parts
    if type(text) is not str or len(text) > 16:
        raise ValueError("not a type of elements")
    dtype = numpy.dtype(text)
    if dtype.char not in _KINDS or dtype.itemsize == 0:
        raise ValueError("not a type of elements that crosses")
    if name == "numpy":
        return numpy.frombuffer(content, dtype, 1)[0]
    (sizes,) = shape
    if not content and 0 in sizes:
        return numpy.zeros(sizes, dtype)
    return numpy.frombuffer(content, dtype).reshape(sizes).copy()


def update(value: Any, content: Any) -> None:
    """Makes an array hold what another one holds, as far as one array can be made another in place."""
    if value.dtype == content.dtype:
        if value.shape != content.shape:
            value.resize(content.shape, refcheck=False)
        value[...] = content


def plain(value: Any) -> tuple[Any] | None:
    """A scalar as a number, an array as nested lists, in a tuple of one; None for anything else."""
    made = take_apart(value)
    if made is None:
        return None
    return (value.tolist(),) if made[0] == "ndarray" else (value.item(),)
