"""The moving average of curves."""

from collections.abc import Sequence

NEWEST = 0.3
"""Weight of the newest step."""


def smooth(values: Sequence[float | None]) -> list[float | None]:
    """Exponential moving average; steps without a value keep the average of those before, None before the first."""
    average: float | None = None
    smoothed: list[float | None] = []
    for value in values:
        if value is not None:
            average = value if average is None else average + NEWEST * (value - average)
        smoothed.append(average)
    return smoothed
