r"""What calculations that are written in rows come to: `5` for `\begin{aligned} x &= 2 + 3 \\ &= 5 \end{aligned}`."""

import re

_ROWS = re.compile(
    r"\\begin\s?\{(align|aligned|alignedat|alignat|eqnarray|equation|gather|gathered|split|multline|flalign|displaymath|math)"
    r"(\*?)\}(?:\{\d{1,2}\})?(.*)\\end\s?\{\1\2\}[.,]?",
    re.DOTALL,
)
_BREAK = re.compile(r"\\\\(?:\[[^\[\]]{0,12}\])?")
_ARROW = re.compile(
    r"\A(?:\\(?:implies|Rightarrow|Longrightarrow|therefore|quad|qquad|iff|Leftrightarrow)(?![a-zA-Z])|⇒|∴|\s)+"
)
_RELATION = re.compile(
    r"(?:=|<|>|\\(?:approx|le|leq|ge|geq|lt|gt|equiv|ne|neq|in|leqslant|geqslant|simeq)(?![a-zA-Z]))"
)
_NAMED = re.compile(r"(\\?[a-zA-Z]+(?:_\w|_\{\w{1,4}\})?)\s*=([^=]+)")


def conclusion_of_rows(text: str) -> str:
    """The last row, or the last ones when each gives another name its value; other text as it is."""
    environment = _ROWS.fullmatch(text.strip())
    if environment is None or "\\begin" in environment[3]:
        return text
    rows = [_row(row) for row in _BREAK.split(environment[3])]
    rows = [row for row in rows if row]
    if not rows:
        return text
    named: dict[str, str] = {}
    for row in reversed(rows):
        assignment = _NAMED.fullmatch(row)
        if assignment is None or assignment[1] in named or any(name in assignment[2] for name in named):
            break
        named[assignment[1]] = row
    if len(named) > 1:
        return ", ".join(reversed(named.values()))
    last = rows[-1]
    if last.startswith("="):
        return last.rpartition("=")[2].strip()
    if relation := _RELATION.match(last):
        first = _RELATION.search(rows[0])
        return f"{rows[0][: first.start()].strip()} {last}" if first and relation.end() < len(last) else text
    return last


def _row(text: str) -> str:
    """Without marks of columns, and arrows in front of it."""
    return " ".join(_ARROW.sub("", text.replace("&", " ")).split()).rstrip(".,;").rstrip()
