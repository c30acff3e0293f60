"""The text and the plot of an hour."""

import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt

from bench.math.table import table
from bench.soak.asked import SLOTS, WAITS
from bench.soak.client import RATES
from bench.soak.holdings import COUNTED, Holdings, Trend, trend

FREE = {"resident_bytes": 4e6, "memory_bytes": 4e6, "descriptors": 1.0, "threads": 1.0, "processes": 1.0}
"""By how much each may grow in an hour and still count as flat."""
_TITLES = {
    "resident_bytes": "resident, MB",
    "memory_bytes": "memory of all, MB",
    "descriptors": "descriptors",
    "threads": "threads",
    "processes": "processes",
}
_SCALES = {"resident_bytes": 1e-6, "memory_bytes": 1e-6}


def written(
    samples: Mapping[str, Sequence[Holdings]],
    found: Mapping[str, Any],
    seconds: float,
    warm: float,
    command: str,
    plot: str,
) -> tuple[str, bool]:
    """The report, and whether nothing grew and every answer was as it should be."""
    counts = found["counts"]
    unlike = counts.get("not as it should be", 0)
    rows, grown = [], []
    for name, all_of_it in samples.items():
        watched = [one for one in all_of_it if warm <= one.seconds <= seconds]
        for what in COUNTED:
            scale = _SCALES.get(what, 1)
            found_trend = trend([(one.seconds, getattr(one, what) * scale) for one in watched])
            grows = found_trend.grows(FREE[what] * scale)
            if grows:
                grown.append(f"{_TITLES[what]} of the {name}")
            rest = all_of_it[-1] if all_of_it[-1].seconds > seconds else None
            rows.append(_row(name, what, found_trend, "" if rest is None else f"{getattr(rest, what) * scale:.4g}"))
    head = ["", "", "at the begin", "at the end", "slope each hour", "load gone"]
    cpu = found["services_cpu_seconds"] | {"client": found["cpu_seconds"]}
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Linux {platform.release()}"
    asked = ", ".join(f"{name} {rate:g}" for name, rate in RATES.items())
    did = ", ".join(f"{name} {counts[name]}" for name in RATES)
    rest_of_counts = {name: number for name, number in counts.items() if name not in RATES}
    text = (
        f"# {seconds / 60:g} minutes at half load\n\nMade by `{command}` on {machine} (which other work used as well), "
        f"as root. A scorer with {SLOTS} slots and one math worker, a critic with the demo's model, and one client. "
        f"Calls a second, at random times: {asked}. The waiting programs sleep {WAITS[0]:g} to {WAITS[1]:g} s; by them "
        "and the working ones the slots were in use for "
        f"{found['slot_seconds'] / (SLOTS * seconds):.0%} of the time. `passing` are clients that connect, ask for one "
        f"item and go.\n\nAnswered: {did}. Not as it should be: {unlike}. Of all calls: {rest_of_counts}. Processor "
        f"time: {', '.join(f'{name} {spent:.0f} s' for name, spent in cpu.items())}, together "
        f"{sum(cpu.values()) / seconds:.0%} of one core.\n\nEach line is of a process with all below it, so that "
        "running programs count, but for `resident`, which is of the service's own process (RSS); memory of all is "
        "without files (their share changes with whoever else has loaded them). Begin and end are means of the first "
        "and last tenth "
        f"of the time after {warm / 60:g} minutes of warm-up; the slope is by least squares through the means of "
        f"minutes, plus or minus one standard error.\n\n{table(head, rows)}\n"
        f"Growth beyond doubt (two standard errors) of more than {FREE['memory_bytes'] / 1e6:g} MB an hour, or of more "
        f"than one of the others: {', '.join(grown) or 'none'}.\n\n![holdings over time]({plot})\n"
    )
    for line in found["unlike"]:
        text += f"\n    {line}\n"
    return text, not grown and not unlike


def _row(name: str, what: str, one: Trend, rest: str) -> list[object]:
    return [name, _TITLES[what], f"{one.begin:.4g}", f"{one.end:.4g}", f"{one.slope:+.2f} ± {one.error:.2f}", rest]


def drawn(samples: Mapping[str, Sequence[Holdings]], plot: Path) -> None:
    """Draws what each held over time."""
    figure, axes = plt.subplots(len(COUNTED), 1, sharex=True, figsize=(8, 8))
    for axis, what in zip(axes, COUNTED, strict=True):
        for name, all_of_it in samples.items():
            values = [getattr(one, what) * _SCALES.get(what, 1) for one in all_of_it]
            axis.plot([one.seconds / 60 for one in all_of_it], values, label=name, linewidth=0.8)
        axis.set_ylabel(_TITLES[what])
        axis.set_ylim(bottom=0)
    axes[0].legend()
    axes[-1].set_xlabel("minutes")
    figure.tight_layout()
    figure.savefig(plot)
    plt.close(figure)
