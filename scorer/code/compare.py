"""Whether what a program gave is what was expected. Runs in the service, where the expected values are."""

from typing import Any


def first_different_line(got: str, expected: str) -> int | None:
    """Compares outputs line by line; white space at line ends and empty lines at the end are ignored.

    Returns:
        Number of the first line that differs, from 1; None when none does.
    """
    got_lines, expected_lines = _lines(got), _lines(expected)
    for index in range(max(len(got_lines), len(expected_lines))):
        if got_lines[index : index + 1] != expected_lines[index : index + 1]:
            return index + 1
    return None


def _lines(text: str) -> list[str]:
    lines = [line.rstrip() for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


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
        return isinstance(got, (int, float)) and _numbers_match(got, expected, float_tolerance)
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


def _numbers_match(got: int | float, expected: int | float, tolerance: float) -> bool:
    if got == expected or (got != got and expected != expected):
        return True
    if isinstance(got, int) and isinstance(expected, int):
        return False
    try:
        difference = abs(float(got) - float(expected))
        return difference <= tolerance * max(1.0, abs(float(expected))) < float("inf")
    except OverflowError:
        return False
