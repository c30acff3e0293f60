r"""What the parser of expressions does not read, rewritten as what it does.

Plain notation (`7*sin(pi*x/5)+1`, `sqrt(3)/3`, `x**2`) becomes LaTeX, `1e5` a power of ten, and degrees inside
a function become radians.
"""

import re
from fractions import Fraction

_FUNCTIONS = "sin|cos|tan|cot|sec|csc|arcsin|arccos|arctan|sinh|cosh|tanh|ln|log|exp|max|min|gcd|lcm|det"
_GREEK = "pi|theta|alpha|beta|gamma|lambda|phi|omega|infty"
NAMES = frozenset([*_FUNCTIONS.split("|"), *_GREEK.split("|"), "sqrt", "cbrt", "abs"])
"""Words that are mathematics, not text."""
_NAMES = re.compile(rf"(?<![a-zA-Z\\])({_FUNCTIONS}|{_GREEK})(?![a-zA-Z{{])")
_CALL = re.compile(r"(?<![a-zA-Z])(?:\\)?(sqrt|cbrt|abs)\s*\(")
_TEXT = re.compile(r"\\(?:text|mathrm|operatorname)\s*\{")
_WRITTEN_OUT = 300
_SCIENTIFIC = re.compile(
    r"(?<![A-Za-z0-9_.\\])(\d+(?:\.\d*)?|\.\d+)[eE]([-+]?)(\d{1,9})(?![A-Za-z0-9_]|\.\d|\s*\)\s*_)"
)
_BASE = re.compile(r"\((\d+)\)_\{?(\d+)\}?")
_DEGREES = re.compile(r"(\d+(?:\.\d+)?)\s*\^\{\\circ\}")
_TRIGONOMETRY = re.compile(r"\\(?:arc)?(?:sin|cos|tan|cot|sec|csc)(?![a-z])")


def to_latex(text: str) -> str:
    """Writes plain functions, Greek names and powers as LaTeX; LaTeX stays as it is."""
    text = powers_of_ten(text)
    text = re.sub(r"(?<!\*)\*\*(?!\*)", "^", text)
    text = _calls(text)
    if not _TEXT.search(text):
        text = _NAMES.sub(r"\\\1 ", text)
    if _TRIGONOMETRY.search(text):
        text = _DEGREES.sub(r"(\\frac{\1\\pi}{180})", text)
    text = re.sub(r"\\(?:mathrm|text)\{i\}", " i ", text)
    text = re.sub(r"\^\s*\(([^()]*)\)", r"^{\1}", text)
    return _BASE.sub(r"\1_{\2}", text)  # the parser reads (10)_{2} as a falling factorial


def powers_of_ten(text: str) -> str:
    r"""Scientific notation without a letter: `1e5` is `100000` and `2.5e-3` is `(2.5\cdot 10^{-3})`."""
    return _SCIENTIFIC.sub(_product, text)


def _product(match: re.Match[str]) -> str:
    exponent = int(match[2] + match[3])
    if 0 <= exponent <= _WRITTEN_OUT:
        value = Fraction(f"0{match[1]}") * 10**exponent
        if value.denominator == 1:
            return str(value.numerator)
    return rf"({match[1]}\cdot 10^{{{exponent}}})"


def _calls(text: str) -> str:
    for _ in range(32):
        match = _CALL.search(text)
        if match is None:
            return text
        end = _closing(text, match.end())
        if end < 0:
            return text
        inner = text[match.end() : end]
        opening, closing = {"sqrt": (r"\sqrt{", "}"), "cbrt": (r"\sqrt[3]{", "}"), "abs": ("|", "|")}[match[1]]
        text = text[: match.start()] + opening + inner + closing + text[end + 1 :]
    return text


def _closing(text: str, start: int) -> int:
    depth = 1
    for position in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position
    return -1
