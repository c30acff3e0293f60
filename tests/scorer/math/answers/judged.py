"""Comparing answers that are written out, for the tests of this folder."""

from scorer.math.answers.compare import compare
from scorer.math.judgement import Options
from scorer.math.syntax.parse import parse


def judged(gold: str, answer: str, options: Options | None = None) -> str:
    """What is said of an answer: "equal", "different" or "unknown"."""
    return compare(parse(gold), parse(answer), options or Options()).outcome.value


def pairs(table: str) -> list[tuple[str, str]]:
    """A gold answer and an answer for each line of a table, with ` | ` between them."""
    lines = (line.rsplit(" | ", 1) for line in table.strip().splitlines())
    return [(gold, answer) for gold, answer in lines]
