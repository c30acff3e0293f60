"""Summaries of measured times."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed.

    Args:
        values: At least one.
        share: Above 0, at most 1.
    """
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


@dataclass(frozen=True)
class Speed:
    """One contestant on one set in one repeat."""

    per_second: float
    latencies: tuple[float, ...]
    """Seconds of each case, one at a time."""


def spread(values: Sequence[float]) -> str:
    """Median and range."""
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"
