"""One line of a JSONL file as an object, read strictly: what is ambiguous or no JSON is an error, never a guess."""

import json
from typing import Any


def strict_object(text: str) -> dict[str, Any]:
    """Reads one object (RFC 8259). A name that is given twice, NaN and the infinities are refused.

    Raises:
        ValueError: It is no such object; the text says why, in one line.
    """
    try:
        value = json.loads(text, object_pairs_hook=_no_repeats, parse_constant=_no_constants)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError(f"expected an object, found {type(value).__name__}")
    return value


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {repeated!r} is given twice in one object")
    return value


def _no_constants(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
