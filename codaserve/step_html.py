"""Steps of a response as HTML, coloured by value or by advantage: for the critic's page and the report of runs."""

from collections.abc import Sequence
from html import escape

STEP_STYLE = """
:root { --paint: 86%; --loss: #a00; --win: #070; }
@media (prefers-color-scheme: dark) { :root { --paint: 22%; --loss: #ff8a80; --win: #7ddc8a; } }
.step { display: grid; grid-template-columns: 9.5em 1fr; gap: .8em; border-left: .5em solid var(--bar); }
.step pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; font: 14px/1.5 ui-monospace, monospace;
  unicode-bidi: isolate; }
.step:hover { outline: 1px solid #888; } .step .numbers { text-align: right; font-variant-numeric: tabular-nums; }
.step.worst .numbers::before { content: "\\25BC "; color: var(--loss); }
.step.best .numbers::before { content: "\\25B2 "; color: var(--win); }
body:has(#by-advantage:checked) .step { background: var(--advantage); }
body:has(#by-value:checked) .step { background: var(--value); }
"""
"""Wants `STEP_CHOICE` somewhere on the page."""

STEP_CHOICE = """
<input type="radio" name="by" id="by-value" checked><label for="by-value">colour by value</label>
<input type="radio" name="by" id="by-advantage"><label for="by-advantage">colour by advantage</label>
"""


def step_html(text: str, value: float, advantage: float, all_advantages: Sequence[float]) -> str:
    """One step with its numbers.

    Args:
        text: What was written in it.
        value: At its end.
        advantage: How much it changed the value.
        all_advantages: Of the response: its largest loss and its largest gain are marked.
    """
    mark = " worst" if advantage == min(all_advantages) < 0 else " best" if advantage == max(all_advantages) > 0 else ""
    style = f"--value: {_colour(value)}; --advantage: {_colour((advantage + 1) / 2)}; --bar: {_colour(value, '55%')}"
    numbers = f"{value:.3f} ({advantage:+.3f})"
    body = escape(text.removesuffix("\n"))
    return f'<div class="step{mark}" style="{style}"><pre class="numbers">{numbers}</pre><pre>{body}</pre></div>\n'


def _colour(share: float, lightness: str = "var(--paint)") -> str:
    """From red at 0 by yellow to green at 1."""
    return f"hsl({120 * min(max(share, 0.0), 1.0):.0f} 75% {lightness})"
