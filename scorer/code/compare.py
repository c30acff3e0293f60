"""Whether a value that a program gave is what was expected. Runs in the service, where the expected values are."""

from typing import Any

from scorer.code.outputs import near
from scorer.sandbox.guest.codec import Opaque

_SCALARS = (bool, int, float, complex, str, bytes, type(None))


def values_match(got: Any, expected: Any, float_tolerance: float) -> bool:
    """Compares a returned value, as `codec.decode` gives it, with one from JSON.

    A tuple matches an array; true and false match only themselves; a dictionary matches an object when its keys are
    texts; 1 matches 1.0; NaN matches NaN. Other types match nothing.

    Args:
        got: The returned value, of limited depth.
        expected: What `json.loads` gave.
        float_tolerance: Two numbers of which one is a float match when
            |got - expected| <= float_tolerance * max(1, |expected|).
    """
    if isinstance(expected, bool) or expected is None or isinstance(got, bool):
        return got is expected
    if isinstance(expected, (int, float)):
        return isinstance(got, (int, float)) and numbers_match(got, expected, float_tolerance)
    if isinstance(expected, str):
        return isinstance(got, str) and got == expected
    if isinstance(expected, list):
        return (
            isinstance(got, (list, tuple))
            and len(got) == len(expected)
            and all(values_match(a, b, float_tolerance) for a, b in zip(got, expected, strict=True))
        )
    return (
        isinstance(got, dict)
        and got.keys() == expected.keys()
        and all(values_match(got[key], value, float_tolerance) for key, value in expected.items())
    )


def numbers_match(got: int | float, expected: int | float, tolerance: float) -> bool:
    """Whether two numbers are equal or, unless both are integers, as near as `values_match` wants them."""
    if got == expected or (got != got and expected != expected):
        return True
    if not tolerance or (isinstance(got, int) and isinstance(expected, int)):
        return False
    try:
        return near(float(got), float(expected), tolerance)
    except OverflowError:
        return False


class UndecidableError(Exception):
    """A value of a kind that only Python itself could compare."""


def holds(got: Any, relation: str, expected: Any) -> bool:
    """Whether a returned value, as `crossing.OutsideReader` gives it, is what Python's assertion wants.

    Raises:
        UndecidableError: It is of another kind than literals have.
    """
    match relation:
        case "==" | "!=":
            return equals_literal(got, expected) == (relation == "==")
        case "is" | "is not":
            return (got is expected) == (relation == "is")
        case "true" | "false":
            return _truth(got) == (relation == "true")
        case _:
            return _is_near(got, *expected, at=relation == "near or at")


def equals_literal(got: Any, expected: Any) -> bool:
    """Python's own ==, without hashing all of what a program returned: colliding numbers take quadratic time.

    Raises:
        UndecidableError: A value is of another kind than literals have.
    """
    if isinstance(got, _SCALARS):
        return isinstance(expected, _SCALARS) and got == expected
    if isinstance(got, (list, tuple)):
        return (
            type(got) is type(expected)
            and len(got) == len(expected)
            and all(equals_literal(a, b) for a, b in zip(got, expected, strict=True))
        )
    if isinstance(got, dict):
        return _equals_dict(list(got.items()), expected)
    items = got.items if isinstance(got, Opaque) else []
    match got.kind if isinstance(got, Opaque) else None:
        case "dict":
            return _equals_dict(list(zip(items[::2], items[1::2], strict=True)), expected)
        case "set" | "frozenset":
            if not isinstance(expected, set) or len(items) != len(expected):
                return False
            return len({item for item in items if _can_be_in_a_literal(item) and item in expected}) == len(expected)
        case _:
            raise UndecidableError


def _equals_dict(pairs: list[tuple[Any, Any]], expected: Any) -> bool:
    if not isinstance(expected, dict) or len(pairs) != len(expected):
        return False
    found = set()
    for key, value in pairs:
        if not _can_be_in_a_literal(key) or key not in expected or not equals_literal(value, expected[key]):
            return False
        found.add(key)
    return len(found) == len(expected)


def _can_be_in_a_literal(item: Any) -> bool:
    """Whether a set or the keys of a dictionary can hold it, written as a literal."""
    return isinstance(item, _SCALARS) or (isinstance(item, tuple) and all(map(_can_be_in_a_literal, item)))


def _truth(got: Any) -> bool:
    if isinstance(got, Opaque):
        if got.kind not in ("dict", "set", "frozenset"):
            raise UndecidableError
        return bool(got.items)
    return bool(got)


def _is_near(got: Any, target: float, most: float, *, at: bool) -> bool:
    if not isinstance(got, (int, float)):
        raise UndecidableError
    try:
        distance = abs(got - target)
        return distance <= most if at else distance < most
    except OverflowError as error:
        raise UndecidableError from error
