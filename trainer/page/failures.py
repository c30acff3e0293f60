"""What went wrong in the runs: why they stopped, rollouts without a verdict or step credit, and what was sent again."""

from collections import Counter
from collections.abc import Iterator, Sequence

from trainer.page.read import Record, Run, mapping, number
from trainer.page.text import escape, table

CODES = 50
"""Of the table, stops first, then the most frequent."""
STOP = "the run stopped"


def counts(run: Run) -> Counter[tuple[str, str]]:
    """How often each thing happened, by what it was and its code."""
    found: Counter[tuple[str, str]] = Counter((STOP, reason) for reason in run.stops)
    for record in run.steps:
        for batch in _batches(record):
            _count(found, "rollout without a verdict", mapping(batch, "unscored"))
            _count(found, "response without step credit", mapping(batch, "critic_missing"))
            if groups := int(number(batch, "groups_without_update") or 0):
                found["group without an update", "fewer than two verdicts"] += groups
        _count(found, "sent again", mapping(record, "retries"))
    for record in run.evaluations:
        _count(found, "held-out answer without a verdict", mapping(record, "unscored"))
        _count(found, "sent again", mapping(record, "retries"))
    return found


def lost(run: Run) -> int:
    """Rollouts of the training without a verdict."""
    return sum(count for (what, _), count in counts(run).items() if what == "rollout without a verdict")


def retries(run: Run) -> int:
    """Requests that were sent again."""
    return sum(count for (what, _), count in counts(run).items() if what == "sent again")


def rollouts(run: Run) -> int:
    """Responses that were sampled for training."""
    return sum(int(number(batch, "rollouts") or 0) for record in run.steps for batch in _batches(record))


def failure_table(runs: Sequence[Run]) -> str:
    """Counts by kind and code, a column for each run."""
    found = [counts(run) for run in runs]
    keys = sorted({key for of in found for key in of}, key=lambda key: (key[0] != STOP, -sum(of[key] for of in found)))
    if not keys:
        return '<p class="good">Nothing failed, and nothing was sent again.</p>\n'
    head = ["what", "code, service or reason", *(escape(run.name) for run in runs)]
    rows = [
        [escape(what), f"<code>{escape(code)}</code>", *(str(of[what, code]) for of in found)] for what, code in keys
    ]
    return table("Failures and retries, counted over the whole run", head, rows[:CODES])


def events(run: Run) -> str:
    """The newest lines of events.log, folded."""
    if not run.events:
        return ""
    lines = escape("\n".join(line[:500] for line in reversed(run.events)))
    title = f"{run.name}: {len(run.events)} newest events"
    return f'<details><summary>{escape(title)}</summary><pre class="events" tabindex="0">{lines}</pre></details>\n'


def _batches(record: Record) -> Iterator[Record]:
    for name in ("batch", "focused"):
        if batch := mapping(record, name):
            yield batch


def _count(found: Counter[tuple[str, str]], what: str, codes: Record) -> None:
    for code in codes:
        if count := int(number(codes, code) or 0):
            found[what, str(code)[:80]] += count
