"""The learning rate over time."""

import math
from typing import Literal


def rate_factor(update: int, updates: int, warmup_share: float, schedule: Literal["constant", "cosine"]) -> float:
    """What the peak learning rate is multiplied by in an update: linear warm-up, then constant or half a cosine.

    Args:
        update: Counted from 0.
        updates: How many there are.
        warmup_share: Share of the updates that warm up; the last of them has the full rate.
        schedule: cosine would reach 0 one update after the last.

    Returns:
        In (0, 1].
    """
    warmup = round(warmup_share * updates)
    if update < warmup:
        return (update + 1) / warmup
    if schedule == "constant":
        return 1.0
    return 0.5 * (1 + math.cos(math.pi * (update - warmup) / (updates - warmup)))
