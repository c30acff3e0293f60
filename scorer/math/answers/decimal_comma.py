"""Decimals with a comma, `1000,99`: beside the same decimal with a point, where it can hardly be two numbers."""

import re

from scorer.math.judgement import Judgement, Options, Outcome

_COMMA = re.compile(r"([-+]?)(\d{1,40}),(\d{1,40})")
_POINT = re.compile(r"([-+]?)(\d{0,40})\.(\d{1,40})")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2},\d{3}")


def decimal_comma(gold_text: str, answer_text: str, options: Options) -> Judgement | None:
    """Accepts a decimal with a comma for the same one with a point, and the reverse; says nothing about others."""
    del options
    gold, answer = gold_text.strip(" $"), answer_text.strip(" $")
    for comma, point in ((gold, answer), (answer, gold)):
        digits = _digits(_COMMA, comma)
        if digits is not None and digits == _digits(_POINT, point):
            return Judgement(Outcome.EQUAL, "decimal_comma", ".".join(digits), ".".join(digits))
    return None


def _digits(written: re.Pattern[str], text: str) -> tuple[str, str] | None:
    """Sign with whole part, and fraction. One digit behind a comma is another number, but after `0,`."""
    match = written.fullmatch(text)
    if match is None or _THOUSANDS.fullmatch(text):
        return None
    sign, whole, fraction = match[1].strip("+"), match[2].lstrip("0") or "0", match[3]
    if written is _COMMA and len(fraction) < 2 and whole != "0":
        return None
    return sign + whole, fraction
