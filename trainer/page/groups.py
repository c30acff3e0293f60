"""Which runs differ by their seed alone."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainer.page.interval import Interval, difference, mean_interval
from trainer.page.read import Record, Run, mapping, number

FREE = (
    *("seed", "output_dir", "resume", "scorer", "checkpoint", "tracking"),
    *("critic.addresses", "critic.arguments", "critic.access"),
)
"""Settings that do not make another experiment of a run."""
SHOWN = 2
"""Settings that a label names."""
TELLING = ("objective", "codapo", "optimizer", "rollout", "model", "critic")
"""Sections that a label names first."""
LONGEST = 28
"""Characters of a setting in a label, its end."""
VAGUE = ("enabled", "every", "file", "kind", "path", "limit", "samples", "split")
"""Names of settings that say nothing without their section."""


@dataclass
class RunGroup:
    """Runs of equal settings but for the seed, one of each seed."""

    label: str
    runs: list[Run]
    differing: dict[str, str]
    """Settings in which the groups of the page differ, with this one's values."""
    repeated: list[Run] = field(default_factory=list)
    """More runs of the same seeds. Their results are no independent ones, so they count in no mean."""

    def over_seeds(self, pick: Callable[[Run], float | None]) -> Interval | None:
        """The mean over the runs that have the number, with its interval where there are several."""
        values = [value for run in self.runs if (value := pick(run)) is not None]
        return mean_interval(values) if values else None

    @property
    def gain(self) -> Interval | None:
        """Held-out accuracy at the end less that at the beginning; over seeds where there are several."""
        pairs = [pair for run in self.runs if (pair := before_and_after(run)) is not None]
        if len(pairs) == 1:
            return difference(*pairs[0])
        return mean_interval([after.value - before.value for before, after in pairs]) if pairs else None


def before_and_after(run: Run) -> tuple[Interval, Interval] | None:
    """Held-out accuracy of the first evaluation and of the last, if there are two."""
    found = [estimate for record in run.evaluations if (estimate := held_out(record)) is not None]
    return (found[0], found[-1]) if len(found) > 1 else None


def held_out(record: Record, *path: str) -> Interval | None:
    """An estimate of an evaluation: mean@k, or what the path names."""
    at = path or ("mean_at_k",)
    value = number(record, *at, "value")
    return None if value is None else Interval(value, number(record, *at, "low"), number(record, *at, "high"))


def group_runs(runs: Sequence[Run]) -> list[RunGroup]:
    """Groups in the order of their first runs. A run whose settings are not known is a group of its own."""
    flat = {id(run): _comparable(run.settings) for run in runs}
    keys: dict[str, list[Run]] = {}
    for run in runs:
        key = json.dumps(flat[id(run)], sort_keys=True) if run.settings else f"unknown {id(run)}"
        keys.setdefault(key, []).append(run)
    groups = list(keys.values())
    firsts = [flat[id(group[0])] for group in groups if group[0].settings]
    names = sorted({name for settings in firsts for name in settings})
    differing = [name for name in names if len({settings.get(name) for settings in firsts}) > 1]
    made = []
    for place, group in enumerate(groups):
        settings = flat[id(group[0])]
        values = {name: settings.get(name, "not set") for name in differing} if group[0].settings else {}
        counted = _one_of_each_seed(group)
        repeated = [run for run in group if not any(run is one for one in counted)]
        label = _label(place, counted, values, alone=len(groups) == 1)
        made.append(RunGroup(label, counted, values, repeated))
    return made


def _one_of_each_seed(runs: Sequence[Run]) -> list[Run]:
    """Of each seed the run that got furthest, the first one of equals."""
    seeds: dict[str, list[Run]] = {}
    for run in runs:
        seeds.setdefault(json.dumps(run.seed), []).append(run)
    return [max(same, key=lambda run: (run.done, len(run.evaluations))) for same in seeds.values()]


def repetitions(groups: Sequence[RunGroup]) -> list[str]:
    """Which runs count in no mean, and why."""
    return [
        f"{run.name}: settings and seed are those of {one.name}, which got as far or further; only that one counts"
        for group in groups
        for run in group.repeated
        for one in group.runs
        if json.dumps(one.seed) == json.dumps(run.seed)
    ]


def _label(place: int, runs: Sequence[Run], values: dict[str, str], *, alone: bool) -> str:
    if alone:
        return runs[0].name if len(runs) == 1 else f"{len(runs)} seeds"
    telling = sorted(values, key=lambda name: (name != "objective.kind", _telling(name.partition(".")[0])))
    parts = [f"{_short(name, values)} {values[name][-LONGEST:]}" for name in telling[:SHOWN]] or [runs[0].name]
    more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return f"{_letters(place)}: {', '.join(parts)}{more}"


def _short(name: str, values: dict[str, str]) -> str:
    """The last word of a setting's name where that tells it from the others."""
    last = name.rpartition(".")[2]
    alike = [other for other in values if other.rpartition(".")[2] == last]
    return last if len(alike) == 1 and last not in VAGUE else name


def _telling(section: str) -> int:
    return TELLING.index(section) if section in TELLING else len(TELLING)


def _letters(place: int) -> str:
    """A to Z, then AA, AB and so on."""
    return (_letters(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def _comparable(settings: Record) -> dict[str, str]:
    """Settings by their whole names; files beside the run's folder by their place from there."""
    flat: dict[str, str] = {}
    folder = settings.get("output_dir")
    parent = Path(folder).parent if isinstance(folder, str) else None

    def visit(value: Any, name: str) -> None:
        if any(name == free or name.startswith(f"{free}.") for free in FREE):
            return
        if isinstance(value, dict):
            for key in value:
                visit(value[key], f"{name}.{key}" if name else str(key))
        elif isinstance(value, str):
            flat[name] = _beside(value, parent)
        else:
            flat[name] = json.dumps(value, sort_keys=True)

    visit(mapping(settings), "")
    return flat


def _beside(text: str, parent: Path | None) -> str:
    """Each seed of an experiment may have written its questions beside its run; text that is no path stays as it is."""
    if parent is None or "/" not in text or not Path(text).is_relative_to(parent):
        return text
    return str(Path(text).relative_to(parent))
