"""The whole page, section by section."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from codaserve.files import write_atomically
from codaserve.step_html import STEP_CHOICE
from trainer.page import failures, summary, times
from trainer.page.choose import choose
from trainer.page.groups import RunGroup, group_runs, held_out, repetitions
from trainer.page.levels import level_changes, level_curves
from trainer.page.lines import COLOURS, Line, at, evaluation_line, line_plot, step_line
from trainer.page.map import question_map
from trainer.page.read import Run, read_details, read_run
from trainer.page.responses import responses
from trainer.page.style import STYLE
from trainer.page.text import escape

DETAILED = 6
"""Groups whose maps, responses and times are shown, of the first run each: a page for people has an end."""


def write_page(folders: Sequence[Path], target: Path) -> list[str]:
    """Writes the page of some runs, atomically.

    Args:
        folders: output_dir of each run; what is not that of a run is left out.
        target: The HTML file.

    Returns:
        What is not counted of what was given, and why, in words.

    Raises:
        ConfigurationError: None is the folder of a run, one is given twice or cannot be read, or there are too many.
        OSError: The file cannot be written.
    """
    chosen, left_out = choose(folders)
    names = _names([folder.resolve() for folder in chosen])
    runs = [read_run(folder, name) for folder, name in zip(chosen, names, strict=True)]
    groups = group_runs(runs)
    not_counted = left_out + repetitions(groups)
    write_atomically(target, page(runs, groups, not_counted))
    return not_counted


def _names(folders: Sequence[Path]) -> list[str]:
    """As much of the ends of the paths as it takes to tell them apart."""
    for length in range(2, max(len(folder.parts) for folder in folders) + 1):
        names = ["/".join(folder.parts[-length:]) for folder in folders]
        if len(set(names)) == len(names):
            return names
    return [str(folder) for folder in folders]


def page(runs: Sequence[Run], groups: Sequence[RunGroup], not_counted: Sequence[str] = ()) -> str:
    """The HTML of runs that were read.

    Args:
        runs: At least one.
        groups: Theirs.
        not_counted: What is not counted, and why, in words.

    Raises:
        ConfigurationError: What is shown of single runs cannot be read.
    """
    for group in groups[:DETAILED]:
        read_details(group.runs[0])
    title = f"Report of {runs[0].name}" if len(runs) == 1 else f"Report of {len(runs)} runs"
    sections = list(_sections(runs, groups, not_counted))
    links = "".join(f'<li><a href="#{name}">{escape(heading)}</a></li>' for name, heading, _ in sections)
    bodies = "".join(_section(name, heading, body) for name, heading, body in sections)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{escape(title)}</title><link rel="icon" href="data:,">
<style>{STYLE}</style></head><body>
<a class="skip" href="#summary">to the summary</a>
<header><h1>{escape(title)}</h1><nav aria-label="sections"><ul>{links}</ul></nav></header>
<main>
{bodies}</main></body></html>
"""


def _section(name: str, heading: str, body: str) -> str:
    return (
        f'<section id="{name}" aria-labelledby="{name}-h"><h2 id="{name}-h">{escape(heading)}</h2>\n{body}</section>\n'
    )


def _sections(
    runs: Sequence[Run], groups: Sequence[RunGroup], not_counted: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    shown = list(groups[:DETAILED])
    left = len(groups) - len(shown)
    more = f'<p class="note">Of {len(groups)} groups, the first {len(shown)} are shown here.</p>\n' if left else ""
    top = summary.verdicts(groups) + summary.problems(runs, not_counted)
    yield "summary", "Did it work?", top + summary.run_table(groups) + summary.settings_table(groups)
    levels = _plots([level_changes(group) for group in shown])
    yield "curves", "Accuracy and reward", _spread(groups) + _plots(_curves(groups)) + levels
    if any(run.offline for run in runs):
        yield "offline", "Offline training on pairs", _plots(_offline(groups))
    if not all(run.offline for run in runs):
        yield from _online(groups, [group for group in shown if not group.runs[0].offline], more)
    logs = "".join(failures.events(group.runs[0]) for group in shown)
    yield "failures", "Failures and retries", failures.failure_table(runs) + logs


def _online(groups: Sequence[RunGroup], shown: Sequence[RunGroup], more: str) -> Iterator[tuple[str, str, str]]:
    """What runs have that sample while they learn."""
    levels = _plots([level_curves(group) for group in shown])
    yield "dynamics", "The three dynamics", _plots(_dynamics(groups)) + levels + more
    maps = "".join(_of_run(group, question_map(group.runs[0])) for group in shown)
    yield "map", "Questions: difficulty and confidence", maps + more
    texts = "".join(_of_run(group, responses(group.runs[0])) for group in shown)
    yield "steps", "Step values of sampled responses", _STEPS_HEAD + texts + more
    spent = times.time_table(groups) + _plots([times.time_plot(group.runs[0]) for group in shown])
    yield "time", "Where the time went", spent + more


_STEPS_HEAD = (
    """<p class="note">Each step with the critic's value at its end (how likely the answer ends up right; of the
last step the verified outcome) and, in brackets, its advantage (how much the step changed that). Red is low or a loss,
green is high or a gain; &#9660; and &#9650; mark the largest loss and gain.</p>
"""
    + f'<div class="choice" role="group" aria-label="colour of the steps">{STEP_CHOICE}</div>\n'
)


def _plots(figures: Sequence[str]) -> str:
    return f'<div class="plots">{"".join(figures)}</div>\n'


def _of_run(group: RunGroup, body: str) -> str:
    first = group.runs[0].name
    of = group.label if group.label == first else f"{group.label}, run {first}"
    return f"<h3>{escape(of)}</h3>\n{body}"


def _spread(groups: Sequence[RunGroup]) -> str:
    text = "Lines of steps are smoothed (the newest step counts 0.3), dots are single steps."
    if any(len(group.runs) > 1 for group in groups):
        text += " Of several seeds the line is the mean, and the band its 95% interval by Student's t over the seeds."
    if len(groups) > COLOURS:
        text += f" The first {COLOURS} groups have colours, the others are grey."
    return f'<p class="note">{text}</p>\n'


def _curves(groups: Sequence[RunGroup]) -> list[str]:
    evaluated = [evaluation_line(group, group.label, held_out, place) for place, group in enumerate(groups)]
    return [
        line_plot("Held-out accuracy", "mean@k of each evaluation with its 95% interval", evaluated, marked=True),
        line_plot("Training reward", "mean reward of the first batch", _each(groups, "batch", "reward")),
        line_plot("Training accuracy", "share of right answers in the first batch", _each(groups, "batch", "accuracy")),
        line_plot("Reward of the focused batch", "of the questions drawn again", _each(groups, "focused", "reward")),
    ]


def _offline(groups: Sequence[RunGroup]) -> list[str]:
    learned = [(place, group) for place, group in enumerate(groups) if any(run.offline for run in group.runs)]
    losses = [step_line(group, group.label, at("loss"), place) for place, group in learned]
    lines = []
    for place, group in learned:
        for second, (key, name) in enumerate((("raised", "A > 0"), ("lowered", "A < 0"))):
            lines.append(step_line(group, f"{group.label}, {name}", at(key), place, dashed=bool(second)))
    return [
        line_plot("Loss", "before each optimizer step", losses, bounded=False),
        line_plot(
            "Distance from the reference",
            "mean log p - log p of the reference of steps with a positive advantage (full) and a negative one (dashed)",
            lines,
            bounded=False,
        ),
    ]


def _dynamics(groups: Sequence[RunGroup]) -> list[str]:
    return [
        line_plot(
            "Confidence inflation",
            "exp(mean log p) of right responses (full) and wrong ones (dashed); wrong ones should not grow sure",
            _both(groups, ("confidence_correct", "right"), ("confidence_incorrect", "wrong")),
            bounded=False,
        ),
        line_plot(
            "Advantage contraction",
            "mean positive (full) and negative (dashed) normalised advantage; towards 0 there is less to learn from",
            _both(groups, ("positive_advantage", "positive"), ("negative_advantage", "negative")),
            bounded=False,
        ),
    ]


def _each(groups: Sequence[RunGroup], *path: str) -> list[Line]:
    return [step_line(group, group.label, at(*path), place) for place, group in enumerate(groups)]


def _both(groups: Sequence[RunGroup], full: tuple[str, str], dashed: tuple[str, str]) -> list[Line]:
    """Two lines of each group, of one colour; with a single group of two colours."""
    lines = []
    for place, group in enumerate(groups):
        for second, (key, name) in enumerate((full, dashed)):
            colour = 2 + second if len(groups) == 1 else place
            label = name if len(groups) == 1 else f"{group.label}, {name}"
            lines.append(step_line(group, label, at("batch", key), colour, dashed=bool(second)))
    return lines
