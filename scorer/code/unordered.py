"""Whether the items of an array that a program returned are those expected, in whatever order they come."""

import math
from collections import Counter
from typing import Any

from scorer.code.compare import numbers_match


class _NoJSONError(Exception):
    """A value that no JSON value equals."""


def items_match(got: Any, expected: list[Any], float_tolerance: float) -> bool:
    """Compares a returned value, as `codec.decode` gives it, with an array from JSON, whose order does not matter.

    Items match as `compare.values_match` has it. With a tolerance the numbers of both sides are put in order of size
    and compared pair by pair, so the expected items must not be arrays or objects then.

    Args:
        got: The returned value, of limited depth.
        expected: What `json.loads` gave.
        float_tolerance: As `pb.CallTests` has it.
    """
    if not isinstance(got, (list, tuple)) or len(got) != len(expected):
        return False
    if float_tolerance:
        numbers = [[item for item in side if _is_finite(item)] for side in (got, expected)]
        if len(numbers[0]) != len(numbers[1]):
            return False
        pairs = zip(sorted(numbers[0]), sorted(numbers[1]), strict=True)
        if not all(numbers_match(one, other, float_tolerance) for one, other in pairs):
            return False
        got, expected = ([item for item in side if not _is_finite(item)] for side in (got, expected))
    wanted = Counter(map(_key, expected))
    try:
        for item in got:
            key = _key(item)
            if not wanted[key]:
                return False
            wanted[key] -= 1
    except _NoJSONError:
        return False
    return True


def _is_finite(item: Any) -> bool:
    return (type(item) is int) or (type(item) is float and math.isfinite(item))


def _key(value: Any) -> str:
    """A text that is the same for values that match: hashing those themselves, a program could make slow."""
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts)


def _write(value: Any, parts: list[str]) -> None:
    if value is None or isinstance(value, bool):
        parts.append(f"{value},")
    elif isinstance(value, int):
        parts.append(f"{value:x},")
    elif isinstance(value, float):
        parts.append(f"{int(value):x}," if value.is_integer() else f"{value.hex()},")
    elif isinstance(value, str):
        parts.append(f"{len(value)}:{value},")
    elif isinstance(value, (list, tuple)):
        parts.append("[")
        for item in value:
            _write(item, parts)
        parts.append("]")
    elif isinstance(value, dict):
        parts.append("{")
        for name in sorted(value):
            _write(name, parts)
            _write(value[name], parts)
        parts.append("}")
    else:
        raise _NoJSONError
