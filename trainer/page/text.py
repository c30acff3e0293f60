"""Text in HTML."""

import html
import re
from collections.abc import Iterable, Sequence

from trainer.page.interval import Interval

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text: object) -> str:
    """The text with characters replaced that HTML or UTF-8 cannot hold."""
    return _CONTROL.sub("\ufffd", str(text))


def escape(text: object) -> str:
    """Whatever a policy wrote, as text that is nothing but text."""
    return html.escape(clean(text))


def figure(value: float | None, digits: int = 3) -> str:
    """A number for people; a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}" if abs(value) < 1e6 else f"{value:.3g}"


def percent(interval: Interval | None, *, signed: bool = False) -> str:
    """A share with its interval, in percent."""
    if interval is None:
        return "–"
    sign = "+" if signed else ""
    text = f"{100 * interval.value:{sign}.1f}"
    if interval.low is None or interval.high is None:
        return text
    return f"{text} [{100 * interval.low:{sign}.1f}, {100 * interval.high:{sign}.1f}]"


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, hidden_caption: bool = False) -> str:
    """A table whose first column names its rows. Cells and heads are HTML already, the caption is text."""
    columns = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>\n' for row in rows
    )
    kind = ' class="quiet"' if hidden_caption else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption{kind}>{escape(caption)}</caption><thead><tr>{columns}</tr></thead><tbody>\n{body}</tbody></table></div>\n"
    )
