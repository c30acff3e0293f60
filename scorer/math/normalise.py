r"""One spelling for what is written in several ways. Nothing here may change a value.

The result is still LaTeX or plain text: delimiters, spacing, sizes, look-alike characters and wrapping are gone, so
that equal answers are often equal as text, and the readers of numbers and of expressions see few forms.
All patterns take linear time: the text may be hostile.
"""

import re
import unicodedata

from scorer.math.syntax.characters import western_digits

_CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("−–—﹣－‐‑", "-"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2009\u200a\u202f\u3000\t\r\n", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff", ""),
        "×": r"\times ",
        "·": r"\cdot ",
        "⋅": r"\cdot ",
        "÷": "/",
        "∕": "/",
        "⁄": "/",
        "π": r"\pi ",
        "∞": r"\infty ",
        "√": r"\sqrt ",
        "≤": r"\le ",
        "≥": r"\ge ",
        "≠": r"\ne ",
        "±": r"\pm ",
        "∪": r"\cup ",
        "∩": r"\cap ",
        "∈": r"\in ",
        "∅": r"\emptyset ",
        "ℝ": r"\mathbb{R}",
        "ℤ": r"\mathbb{Z}",
        "ℚ": r"\mathbb{Q}",
        "ℕ": r"\mathbb{N}",
        "ℂ": r"\mathbb{C}",
        "°": r"^{\circ}",
        "½": r"\frac{1}{2}",
        "⅓": r"\frac{1}{3}",
        "⅔": r"\frac{2}{3}",
        "¼": r"\frac{1}{4}",
        "¾": r"\frac{3}{4}",
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
        "′": "'",
    }
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")

_ROOT = re.compile(r"√\s*(\d+(?:\.\d+)?|[a-zA-Z])")  # before all: in LaTeX, \sqrt takes one digit only

_REPLACEMENTS: list[tuple[re.Pattern[str], str]] = [
    (re.compile(r"\\(?:displaystyle|textstyle|scriptstyle|limits|nolimits|noindent)(?![a-zA-Z])"), ""),
    (re.compile(r"\\(?:left|right|[bB]igg?[lrm]?)(?![a-zA-Z])\s?\.?"), ""),
    (re.compile(r"\\[dtc]frac(?![a-zA-Z])"), r"\\frac"),
    (re.compile(r"\\[dt]binom(?![a-zA-Z])"), r"\\binom"),
    (re.compile(r"\\(?:leq|leqslant)(?![a-zA-Z])"), r"\\le"),
    (re.compile(r"\\(?:geq|geqslant)(?![a-zA-Z])"), r"\\ge"),
    (re.compile(r"\\neq(?![a-zA-Z])"), r"\\ne"),
    (re.compile(r"\\varnothing(?![a-zA-Z])"), r"\\emptyset"),
    (re.compile(r"\{,\}|\\,(?=\d{3}(?!\d))|(?<=\d),\\!\s*(?=\d{3}(?!\d))"), ","),
    (re.compile(r"(?<![a-zA-Z\\])\\!|(?<!\\)\\!(?![a-zA-Z])"), ""),
    (re.compile(r"\\[!,;:>]|\\q?quad(?![a-zA-Z])|(?<!\\)~"), " "),
    (re.compile(r"(?<!\\)\\ "), " "),
    (re.compile(r"(?<!\\)\\(?=[$%#&])"), ""),
    (re.compile(r"\^\s*\\(?:circ|degree)(?![a-zA-Z])"), r"^{\\circ}"),
    (re.compile(r"\^\s*\{\s*\\(?:circ|degree)\s*\}"), r"^{\\circ}"),
    (re.compile(r"\\degree(?![a-zA-Z])"), r"^{\\circ}"),
    (re.compile(r"\\frac\s*(\d)\s*(\d)(?!\d)"), r"\\frac{\1}{\2}"),
    (re.compile(r"\\frac\s*(\d)\s*\{"), r"\\frac{\1}{"),
    (re.compile(r"\\sqrt\s*(\d)"), r"\\sqrt{\1}"),
    (re.compile(r"_\{\s*(\w)\s*\}"), r"_\1"),
    (re.compile(r"\^\{\s*(\w)\s*\}"), r"^\1"),
    (re.compile(r" {2,}"), " "),
]
_DELIMITERS = [("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]"), ("**", "**"), ("`", "`"), ('"', '"')]
_HASHES = re.compile(r"^####\s*(?=[^\s#])")
"""What the references of GSM8K begin their last line with."""
_WRAPPER = re.compile(
    r"\\(?:text(?:bf|it|rm|normal)?|math(?:bf|rm|it|sf)|mbox|underline|emph|boxed|fbox|bm|boldsymbol)\s*\{"
)
_PLAIN = re.compile(r"[A-Za-z0-9]+(?:[-+/.,][A-Za-z0-9]+)*|-[A-Za-z0-9]+(?:[/.,][A-Za-z0-9]+)*")
"""Nothing in it has another spelling."""
_VOWELS = frozenset("aeiouy")
_SHORTEST_WORD = 4
_MOST_ROUNDS = 8
"""What a replacement leaves may be replaced again; after so many rounds a text is as good as it gets."""
_LOOSE_SPACE = re.compile(r"\s*([-+*/^_=<>(){}\[\],;:|!&])\s*")
_LETTERS = re.compile(r"[A-Za-z]{2,}(?:[ '-][A-Za-z]+)*")
_LISTED = re.compile(r"(?<=\d)\s*,\s+(?=\d{3}(?!\d))")
"""A comma with a space behind it, which keeps `99, 876` a list and no number."""


def normalise(text: str) -> str:
    r"""One spelling of an answer: `$\dfrac12$.` becomes `\frac{1}{2}`. Normalising twice is normalising once."""
    for _ in range(_MOST_ROUNDS):
        if _PLAIN.fullmatch(text):
            break
        before, text = text, _once(text)
        if text == before:
            break
    return text


def _once(text: str) -> str:
    if not text.isascii():
        text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+", lambda match: "^{" + match[0].translate(_SUPERSCRIPTS) + "}", text)
        text = _ROOT.sub(r"\\sqrt{\1}", text)
        text = re.sub("[₀₁₂₃₄₅₆₇₈₉]+", lambda match: "_{" + match[0].translate(_SUBSCRIPTS) + "}", text)
        text = western_digits(unicodedata.normalize("NFKC", text.translate(_CHARACTERS)))
    text = unwrap(_HASHES.sub("", re.sub(r"[\t\r\n]", " ", text).strip()))
    for pattern, replacement in _REPLACEMENTS:
        text = pattern.sub(replacement, text)
    return unwrap(text)


def unwrap(text: str) -> str:
    """Takes away what encloses the whole text: mathematics delimiters, emphasis, `\\text{...}`, redundant brackets."""
    previous = None
    while previous != text:
        previous = text
        text = text.strip().rstrip(".,;:").rstrip() if not text.rstrip().endswith("\\,") else text.strip()[:-2]
        for opening, closing in _DELIMITERS:
            inner = text[len(opening) : -len(closing)]
            if (
                len(text) > len(opening) + len(closing)
                and text.startswith(opening)
                and text.endswith(closing)
                and opening not in inner
                and closing not in inner
            ):
                text = inner
        wrapper = _WRAPPER.match(text)
        if wrapper and closing_brace(text, wrapper.end()) == len(text) - 1:
            text = text[wrapper.end() : -1]
    return _without_redundant_brackets(text)


def closing_brace(text: str, start: int) -> int:
    """Index of the brace that closes the one before `start`; -1 when there is none. Escaped braces do not count."""
    depth = 1
    position = start
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 2
            continue
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return position
        position += 1
    return -1


def _without_redundant_brackets(text: str) -> str:
    """`((x))` becomes `(x)`: one pair is kept, since (1,2) and (x) in a list are not the same as without."""
    opening = len(text) - len(text.lstrip("({"))
    closing = len(text) - len(text.rstrip(")}"))
    most = min(opening, closing)
    if most < 2:
        return text
    inner = text[most:-most]
    balanced = text[:most].translate(str.maketrans("({", ")}"))[::-1] == text[-most:]
    if not balanced or any(character in inner for character in "(){}"):
        return text
    return f"({inner})" if "(" in text[:most] else inner


def is_plain_word(word: str) -> bool:
    """Whether letters are surely a word, and no product of unknowns or a name with them: `area`, not `mgh`."""
    lower = word.lower()
    pronounceable = not _VOWELS.isdisjoint(lower) and not _VOWELS.issuperset(lower)
    written = word in (lower, word.upper(), word.capitalize())
    return len(word) >= _SHORTEST_WORD and written and pronounceable and sorted(lower) != list(lower)


def skeleton(text: str) -> str:
    r"""The text for comparison letter by letter: `normalise`, less loose spaces and the wrapping of words.

    Case is dropped only in what is plainly a word: `x` and `X` are two unknowns, `Monday` and `MONDAY` one word.
    """
    text = _LOOSE_SPACE.sub(r"\1", _LISTED.sub(";", unwrap(text)))
    words = re.sub(r"\\(?:text|mathrm|mbox)\s*\{([^{}]*)\}", r"\1", text).strip()
    if _LETTERS.fullmatch(words):
        words = re.sub(r"\s+", " ", words)
        return re.sub("[A-Za-z]+", lambda match: match[0].lower() if is_plain_word(match[0]) else match[0], words)
    return re.sub(r"(?<=[^a-zA-Z0-9]) | (?=[^a-zA-Z0-9])", "", text)
