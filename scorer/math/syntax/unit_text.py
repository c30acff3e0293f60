r"""Units in upright letters with signs between them, `\mathrm{m\,s^{-2}}`, as plain text: `\text{ m s^-2}`."""

import re

from scorer.math.si import named
from scorer.math.units import canonical_unit

_UPRIGHT = re.compile(
    r"\\(?:mathrm|textrm|text|operatorname|rm)\s*\{"
    r"((?:[A-Za-z0-9 ./()*-]|\^\s*(?:\{-?\d\}|-?\d)|\\[,;:! ]|~|\\(?:cdot|mu|Omega)(?![A-Za-z]))*+)\}"
)
_APART = re.compile(r"\\[,;:! ]|~|\\cdot|\*")
_RAISED = re.compile(r"\^\s*\{?(-?\d)\}?")
_BEHIND_NUMBER = re.compile(
    r"(?<=[\d}])(?:\s|~|\\[,;: ])+"
    r"((?:[kM]\s?)?\\Omega|\\mu\s*(?:\\(?:mathrm|text)\s*\{\s*[msgLCFAVW]\s*\}|[msgLCFAVW]))"
    r"(?=\s*(?:\$|\\\)|$))"
)


def plain_units(text: str) -> str:
    """The text with such units as words; anything else in upright letters stays."""
    text = _UPRIGHT.sub(_plain, text) if "{" in text else text
    return _BEHIND_NUMBER.sub(_with_greek, text) if "\\mu" in text or "\\Omega" in text else text


def _plain(match: re.Match[str]) -> str:
    content = match[1]
    if not ("\\" in content or "~" in content or "{" in content):
        return match[0]
    words = named(_RAISED.sub(r"^\1", _APART.sub(" ", content)).strip())
    return rf"\text{{ {words}}}" if words and canonical_unit(rf"\text{{ {words}}}") else match[0]


def _with_greek(match: re.Match[str]) -> str:
    unit = canonical_unit(f" {match[1]}")
    return rf"\text{{ {unit}}}" if unit else match[0]
