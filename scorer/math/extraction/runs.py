"""Mathematics in plain sentences, where no delimiter says where it begins and ends."""

import re

from scorer.math.extraction.places import Found

MAX_CHARS = 2_000
"""A longer sentence is looked at from its end only this far."""
MAX_RUN_CHARS = 400
"""Longer mathematics without delimiters is no answer."""

_TOKEN = re.compile(r"\S+")
_COMMAND = re.compile(r"\\(?:begin|end)\{[a-zA-Z*]+\}|\\[a-zA-Z]+")
_TEXT = re.compile(r"\\(?:text|mbox|textbf|textit|mathrm)\{[^{}]*\}")
_LETTERS = re.compile(r"[^\W\d_⁰¹²³⁴-⁹₀-₉½⅓⅔¼¾]+")
_FUNCTIONS = re.compile(
    r"(?:arc)?(?:sin|cos|tan)|cot|sec|csc|log|exp|sqrt|max|min|gcd|lcm|mod|inf|infinity", re.IGNORECASE
)
_DOLLARS = re.compile(r"\A(?:US|CA|AU|NZ|HK|C|A|S)\$(?=\d)")
_NUMBER_WITH_UNIT = re.compile(r"[-+$€£]*[\d.,/]*\d[\^²³]?[A-Za-zµ°]{1,4}[²³]?")
_SIGNS = frozenset("0123456789=<>≤≥≠≈±√π∞+*/^\\_|%½⅓⅔¼¾²³")
_SOLID = re.compile(r"\d|[=<>≤≥≠√π∞½⅓⅔¼¾]|\\[a-zA-Z]|[a-zA-Z]\s*[-+*/^]|[-+*/^]\s*[a-zA-Z]")
_SHORT_WORD = re.compile(r"a[mnst]|be|by|do|go|he|i[fnst]|me|my|no|o[fhknr]|so|to|u[ps]|we", re.IGNORECASE)
_OPERATORS = frozenset("-−–*+/=<>×·⋅÷±∈∪∩∖≈≡")
_JOINERS = frozenset(("or", "and", ":"))
_EDGES = ",.;:!?\"'`*"


def runs(sentence: str) -> list[Found]:
    """The longest stretches of words that are mathematics, in order: `x + 2` in "so we get x + 2."."""
    offset = max(0, len(sentence) - MAX_CHARS)
    found: list[Found] = []
    stretch: list[re.Match[str]] = []
    for token in [*_TOKEN.finditer(sentence, offset), None]:
        if token and (_mathematical(token[0]) or (stretch and _joiner(token, sentence))):
            stretch.append(token)
            if token[0][-1] not in ".;:!?" or token[0] == ":":
                continue
        if stretch and (run := _run(sentence, stretch)):
            found.append(run)
        stretch = []
    return found


def whole(line: str) -> bool:
    """Whether a line is nothing but mathematics."""
    line = line.strip()
    return 0 < len(line) <= MAX_CHARS and [run.text for run in runs(line)] == [line.strip(_EDGES).strip()]


def _joiner(token: re.Match[str], sentence: str) -> bool:
    """ "and", "or" or the colon of a ratio with mathematics behind it."""
    following = _TOKEN.search(sentence, token.end())
    return token[0] in _JOINERS and following is not None and _mathematical(following[0])


def _mathematical(token: str) -> bool:
    if token in _OPERATORS:
        return True
    token = token.strip(_EDGES)
    if token in ("", "a", "A", "I"):
        return False
    if token == "pi":
        return True
    token = _DOLLARS.sub("$", token)
    bare = _TEXT.sub(" ", token) if "{" in token else token
    token = token if bare.isspace() else bare  # words that join mathematics are part of it, words alone are none
    words = _LETTERS.findall(_COMMAND.sub(" ", token))
    if any(_SHORT_WORD.fullmatch(word) for word in words):
        return False
    if any(len(word) > 2 and not _FUNCTIONS.fullmatch(word) for word in words):
        return _NUMBER_WITH_UNIT.fullmatch(token) is not None or "\\text" in token
    if not words:
        return not _SIGNS.isdisjoint(token) or token in ("(", ")", "[", "]", "{", "}") or "\\" in token
    return len(token) == 1 or not _SIGNS.isdisjoint(token) or token.startswith(("(", "[", "$"))


def _run(sentence: str, stretch: list[re.Match[str]]) -> Found | None:
    """The stretch without punctuation, stray signs and brackets that are not its own; None when no value is in it."""
    while stretch and stretch[-1][0] in ("or", "and", *"-−–"):
        stretch.pop()
    if not stretch:
        return None
    start, end = stretch[0].start(), stretch[-1].end()
    before = None
    while before != (start, end):
        before = (start, end)
        start += len(sentence[start:end]) - len(sentence[start:end].lstrip(_EDGES.replace(".", "") + " "))
        end = start + len(sentence[start:end].rstrip(_EDGES + " "))
        text = sentence[start:end]
        opened, closed = sum(map(text.count, "([{")), sum(map(text.count, ")]}"))  # together: [1, 2) is an interval
        if closed > opened and text[-1] in ")]}":
            end -= 1
        elif opened > closed and text[0] in "([{":
            start += 1
    if (
        len(text) > MAX_RUN_CHARS
        or not _SOLID.search(text)
        or text.endswith(("=", "+", "<", ">"))
        or text.startswith(("/", "*", "^"))
        or "\\boxed" in text
        or "\\fbox" in text
    ):
        return None  # too long, a part, or empty boxes
    return Found(text, start, end)
