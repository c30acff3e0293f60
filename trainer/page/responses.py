"""Responses with the value of each step."""

from collections.abc import Sequence

from codaserve.step_html import step_html
from trainer.page.read import Record, Run, number
from trainer.page.text import clean, escape, figure

OPEN = 2
"""Responses that are shown at once; the others are folded."""
STEPS = 400
"""Of one response."""


def responses(run: Run) -> str:
    """The newest first."""
    if not run.samples:
        return '<p class="none">no responses recorded</p>\n'
    return "".join(_response(record, place < OPEN) for place, record in enumerate(reversed(run.samples)))


def _response(record: Record, opened: bool) -> str:
    level = f", level {record['level']}" if record.get("level") is not None else ""
    verdict = "right" if record.get("correct") is True else "wrong"
    title = f"step {record['step']:.0f}: {str(record.get('id'))[:80]}{str(level)[:40]}, {verdict}"
    confidence = number(record, "confidence")
    first = number(record, "prompt_value")
    facts = [f"reward {figure(number(record, 'reward'))}", f"confidence {figure(confidence)}"]
    facts += [f"value before the first step {figure(first)}"] if first is not None else []
    facts += [f"no step credit: {record['no_steps']}"] if record.get("no_steps") else []
    cut = number(record, "cut")
    facts += [f"{cut:.0f} more characters are not kept"] if cut else []
    return (
        f'<details class="sample"{" open" if opened else ""}>'
        f'<summary><span class="{verdict}">{escape(title)}</span></summary>'
        f'<p class="note">{escape(", ".join(facts))}</p><pre class="prompt">{escape(record.get("prompt", ""))}</pre>\n'
        f"{_steps(record)}</details>\n"
    )


def _steps(record: Record) -> str:
    text = str(record.get("response", ""))
    steps = _usable(record, len(text))
    if not steps:
        return f'<pre class="response">{escape(text)}</pre>\n'
    advantages = [advantage for _, _, _, advantage in steps]
    shown = "".join(
        step_html(clean(text[begin:end]), value, advantage, advantages)
        for begin, end, value, advantage in steps[:STEPS]
    )
    return shown + (f'<p class="note">{len(steps) - STEPS} more steps</p>\n' if len(steps) > STEPS else "")


def _usable(record: Record, length: int) -> Sequence[tuple[int, int, float, float]]:
    """The steps, or nothing when one of them is damaged."""
    found = []
    steps = record.get("steps")
    for step in steps if isinstance(steps, list) else []:
        numbers = [number(step, name) for name in ("begin", "end", "value", "advantage")]
        if any(value is None for value in numbers):
            return []
        begin, end, value, advantage = (value or 0.0 for value in numbers)
        found.append((int(begin), min(int(end), length), value, advantage))
    return found
