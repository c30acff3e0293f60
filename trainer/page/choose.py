"""Which of the given folders are those of runs."""

import json
from collections.abc import Sequence
from pathlib import Path

from codaserve.configuration import ConfigurationError
from trainer.page.read import METRICS, named_errors

MOST_RUNS = 200


def choose(folders: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """The folders of runs, and of everything else that it is left out and why: runs/* has more in it than runs.

    Raises:
        ConfigurationError: None is the folder of a run, one is given twice or cannot be read, or there are too many.
    """
    reasons = {folder: _why_not(folder) for folder in folders}
    runs = [folder for folder in folders if not reasons[folder]]
    others = [f"{folder}: {reason}" for folder, reason in reasons.items() if reason]
    if not runs:
        raise ConfigurationError("\n".join(others))
    if len(runs) > MOST_RUNS:
        raise ConfigurationError(f"{len(runs)} runs are more than a page can show; give at most {MOST_RUNS}")
    resolved = [folder.resolve() for folder in runs]
    if len(set(resolved)) < len(resolved):
        twice = next(folder for place, folder in enumerate(runs) if resolved[place] in resolved[:place])
        raise ConfigurationError(f"{twice}: the same run is given twice")
    return runs, [f"left out {other}" for other in others]


def _why_not(folder: Path) -> str:
    """Why it is not the folder of a run; empty for that of one, in whatever state."""
    with named_errors(folder):
        if not folder.exists():
            return "does not exist"
        if not folder.is_dir():
            return "is not a folder"
        if not (folder / METRICS).is_file():
            return f"no {METRICS} there, so this is not the folder of a run"
        if not _has_kinds(folder / METRICS):
            return f"its {METRICS} is not that of a run, but of a critic's training or something else"
    return ""


def _has_kinds(metrics: Path) -> bool:
    """Whether the first line that can be read says what kind it is, as all lines of runs do; a run that has just begun
    has no line."""
    with metrics.open("rb") as file:
        for line in file:
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(record, dict):
                return "kind" in record
    return True
