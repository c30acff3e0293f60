"""The top of the page: whether it worked, and the runs in a table."""

from collections.abc import Callable, Sequence

from trainer.page.failures import lost, retries, rollouts
from trainer.page.groups import RunGroup, before_and_after
from trainer.page.interval import Interval
from trainer.page.read import Run, number
from trainer.page.text import escape, figure, percent, table

SHARE = 10
"""The first and the last of so many parts of a run are compared."""


def verdicts(groups: Sequence[RunGroup]) -> str:
    """A card for each group: the gain on held-out questions and whether it is clear of the noise."""
    return f'<div class="cards">{"".join(_card(group) for group in groups)}</div>\n'


def _card(group: RunGroup) -> str:
    gain = group.gain
    last = group.over_seeds(lambda run: after.value if (after := _after(run)) else None)
    if gain is None:
        return _reward_card(group)
    kind = {"up": "good", "down": "bad", "open": "unclear"}[gain.verdict]
    words = {"up": "better, clear of the noise", "down": "WORSE, clear of the noise", "open": "no clear change"}
    verdict = words[gain.verdict] if gain.low is not None else "one number each, no interval"
    before = group.over_seeds(lambda run: pair[0].value if (pair := before_and_after(run)) else None)
    return (
        f'<article class="card {kind}"><h3>{escape(group.label)}</h3>'
        f'<p class="big">{100 * gain.value:+.1f} <small>points</small></p>'
        f'<p class="verdict">{_sign(kind)} {verdict}</p>'
        f"<p>held-out accuracy {_share(before)} → {_share(last)}; 95% interval of the gain "
        f"{_ends(gain)}{_over(group)}</p>{_state(group)}</article>"
    )


def _reward_card(group: RunGroup) -> str:
    begin, end = group.over_seeds(lambda run: reward(run, 0)), group.over_seeds(lambda run: reward(run, -1))
    if begin is None or end is None:
        number_shown, words = "–", "nothing to judge by yet"
    else:
        number_shown = f"{end.value - begin.value:+.3f}"
        words = f"training reward {begin.value:.3f} → {end.value:.3f}, first and last tenth of the steps; no second evaluation"  # noqa: E501
    return (
        f'<article class="card unclear"><h3>{escape(group.label)}</h3><p class="big">{number_shown}</p>'
        f"<p>{words}</p>{_state(group)}</article>"
    )


def _sign(kind: str) -> str:
    return {"good": "▲", "bad": "▼", "unclear": "◆"}[kind]


def _share(interval: Interval | None) -> str:
    return "–" if interval is None else f"{100 * interval.value:.1f}%"


def _ends(gain: Interval) -> str:
    return "not known" if gain.low is None or gain.high is None else f"{100 * gain.low:+.1f} to {100 * gain.high:+.1f}"


def _over(group: RunGroup) -> str:
    return f", Student's t over {len(group.runs)} seeds" if len(group.runs) > 1 else ", over questions"


def _state(group: RunGroup) -> str:
    open_runs = [run for run in group.runs if run.done < run.planned or not run.steps or run.stopped]
    if not open_runs:
        return ""
    run = open_runs[0]
    which = "" if len(group.runs) == 1 else f"{len(open_runs)} of {len(group.runs)} runs, the first "
    why = f", stopped: {escape(run.stops[-1])}" if run.stopped else ""
    return f'<p class="warning">unfinished: {which}at step {run.done} of {run.planned or "?"}{why}</p>'


def reward(run: Run, place: int) -> float | None:
    """Mean training reward of the first tenth of the steps (place 0) or of the last (place -1)."""
    values = [value for record in run.steps if (value := number(record, "batch", "reward")) is not None]
    count = -(-len(values) // SHARE)
    part = values[:count] if place == 0 else values[len(values) - count :]
    return sum(part) / len(part) if part else None


def _before(run: Run) -> Interval | None:
    pair = before_and_after(run)
    return pair[0] if pair else None


def _after(run: Run) -> Interval | None:
    pair = before_and_after(run)
    return pair[1] if pair else None


def run_table(groups: Sequence[RunGroup]) -> str:
    """A row for each run, and a row for the mean of each group of several."""
    rows = []
    for group in groups:
        rows += [_row(escape(run.name), group, run) for run in [*group.runs, *group.repeated]]
        if len(group.runs) > 1:
            rows.append(_mean_row(group))
    head = ["run", "settings", "seed", "steps", "held-out before", "after", "gain", "reward, last tenth", "rollouts"]
    head += ["hours", "no verdict", "sent again"]
    return table("Runs; accuracy in percent with 95% intervals", head, rows)


def _row(name: str, group: RunGroup, run: Run) -> list[str]:
    pair = before_and_after(run)
    gain = RunGroup("", [run], {}).gain
    seed = "–" if run.seed is None else escape(run.seed)
    steps = f"{run.done}" if run.done >= run.planned and run.steps else f"{run.done} of {run.planned or '?'}"
    cells = [percent(pair[0]), percent(pair[1]), percent(gain, signed=True)] if pair else ["–"] * 3
    return [
        *(name, escape(group.label), seed, steps, *cells, figure(reward(run, -1)), f"{rollouts(run):,}"),
        *(figure(_hours(run), 2), f"{lost(run):,}", f"{retries(run):,}"),
    ]


def _mean_row(group: RunGroup) -> list[str]:
    def mean(pick: Callable[[Run], Interval | None]) -> str:
        return percent(group.over_seeds(lambda run: found.value if (found := pick(run)) else None))

    last = group.over_seeds(lambda run: reward(run, -1))
    return [
        *("<em>mean</em>", escape(group.label), f"{len(group.runs)} seeds", "", mean(_before), mean(_after)),
        *(percent(group.gain, signed=True), "–" if last is None else figure(last.value), "", "", "", ""),
    ]


def _hours(run: Run) -> float | None:
    seconds = [number(record, *(("seconds",) if run.offline else ("timings", "total"))) for record in run.steps]
    seconds += [number(record, "seconds") for record in run.evaluations]
    return sum(value or 0.0 for value in seconds) / 3600 if run.steps else None


def settings_table(groups: Sequence[RunGroup]) -> str:
    """The settings in which groups differ; nothing where there is one group."""
    names = list(dict.fromkeys(name for group in groups for name in group.differing))
    if not names:
        return ""
    rows = [
        [f"<code>{escape(name)}</code>", *(escape(g.differing.get(name, "?")[:120]) for g in groups)] for name in names
    ]
    head = ["setting", *(escape(group.label) for group in groups)]
    return f"<details><summary>Settings that differ</summary>{table('Settings that differ', head, rows, hidden_caption=True)}</details>\n"  # noqa: E501


def problems(runs: Sequence[Run], not_counted: Sequence[str]) -> str:
    """What is not counted, and what could not be read."""
    items = [f"<li>{escape(what)}</li>" for what in not_counted]
    items += [f"<li>{escape(run.name)}: {escape(problem)}</li>" for run in runs for problem in run.problems]
    items += [f"<li>{escape(run.name)}: no step is recorded yet</li>" for run in runs if not run.steps]
    return f'<ul class="warning">{"".join(items)}</ul>\n' if items else ""
