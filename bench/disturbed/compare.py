"""What two runs of one seed left, number by number."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILES = ("metrics.jsonl", "questions.jsonl", "samples.jsonl")
FREE = {"timings", "seconds", "retries", "mismatch", "mismatch_max"}
"""What two runs may differ in: what depends on the clock, and what is rounding itself, the differences between sampling
and training of one policy."""
SMALL = 1e-6
"""Numbers of this size and below are compared by their difference alone."""


@dataclass(frozen=True)
class Comparison:
    """Of a disturbed run with an undisturbed one."""

    different: list[str]
    """Where anything differs but the last digits of a metric: texts, counts, rewards, records that one lacks."""
    largest: float
    """Greatest relative difference of two numbers that are no rewards."""
    where: str
    """Its place."""
    numbers: int
    """Numbers that were compared."""


def compare(one: Path, other: Path) -> Comparison:
    """Compares the files of two runs."""
    different: list[str] = []
    largest, where, numbers = 0.0, "", 0
    for name in FILES:
        first, second = _records(one / name), _records(other / name)
        if len(first) != len(second):
            different.append(f"{name}: {len(first)} and {len(second)} records")
        for number, (before, after) in enumerate(zip(first, second, strict=False), 1):
            left, right = dict(_leaves(before)), dict(_leaves(after))
            for key in sorted(left.keys() | right.keys()):
                a, b = left.get(key), right.get(key)
                place = f"{name}:{number} {key}"
                if not (isinstance(a, float) and isinstance(b, float)) or "reward" in key:
                    if a != b:
                        different.append(f"{place}: {a!r} and {b!r}")
                    continue
                numbers += 1
                distance = abs(a - b) / max(abs(a), abs(b), SMALL)
                if distance > largest:
                    largest, where = distance, place
    return Comparison(different, largest, where, numbers)


def retries(run: Path) -> dict[str, int]:
    """How often something was sent again, by service, as the run's metrics report it."""
    total: dict[str, int] = {}
    for record in _records(run / "metrics.jsonl"):
        for service, count in record["retries"].items():
            total[service] = total.get(service, 0) + count
    return total


def _records(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _leaves(value: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every single value below one, with its place; what runs may differ in is left out."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in FREE:
                yield from _leaves(item, f"{before}.{key}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _leaves(item, f"{before}[{place}]")
    else:
        yield before, value
