r"""Unicode characters that mean mathematics, written as the LaTeX or ASCII that the lexer knows."""

import re
import unicodedata

_SPACES = "\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_NOTHING = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\ufe0e\ufe0f\ufeff"
_LETTERS = "αβγδεζηθικλμνξρστυφχψωΓΔΘΛΞΠΣΦΨΩϕϵϑ"
_LETTER_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau upsilon phi chi psi omega"
    " Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega phi epsilon theta"
)
_GREEK = dict(zip(_LETTERS, _LETTER_NAMES.split(), strict=True))
_FRACTION_SIGNS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒"
_FRACTION_VALUES = "1/2 1/3 2/3 1/4 3/4 1/5 2/5 3/5 4/5 1/6 5/6 1/7 1/8 3/8 5/8 7/8 1/9 1/10"
_FRACTIONS = dict(zip(_FRACTION_SIGNS, _FRACTION_VALUES.split(), strict=True))
_TABLE = str.maketrans(
    {
        **dict.fromkeys("−–—﹣－‐‑⁻₋", "-"),
        **dict.fromkeys("＋₊", "+"),
        **dict.fromkeys(_SPACES, " "),
        **dict.fromkeys(_NOTHING, ""),
        **{character: f"\\{name} " for character, name in _GREEK.items()},
        **{character: r"\frac{{{}}}{{{}}}".format(*value.split("/")) for character, value in _FRACTIONS.items()},
        **dict.fromkeys("×✕✖⨯", r"\times "),
        **dict.fromkeys("·⋅∙•∗", r"\cdot "),
        **dict.fromkeys("÷∕⁄／", "/"),
        **dict.fromkeys("∣｜", "|"),
        **dict.fromkeys("′’‘ʹ´＇", "'"),
        **dict.fromkeys("≤≦⩽", r"\le "),
        **dict.fromkeys("≥≧⩾", r"\ge "),
        **dict.fromkeys("∅⌀∅", r"\emptyset "),
        **dict.fromkeys("⟨〈", r"\langle "),
        **dict.fromkeys("⟩〉", r"\rangle "),
        **dict.fromkeys("∶：", ":"),
        **dict.fromkeys("，、", ","),
        "；": ";", "。": ".", "″": "''", "‖": r"\|",
        "π": r"\pi ", "𝜋": r"\pi ", "∞": r"\infty ", "√": r"\sqrt ", "∛": r"\sqrt[3]", "∜": r"\sqrt[4]",
        "≠": r"\ne ", "±": r"\pm ", "∓": r"\mp ", "≈": r"\approx ", "≡": r"\equiv ",
        "∪": r"\cup ", "∩": r"\cap ", "∖": r"\setminus ", "∈": r"\in ", "∉": r"\notin ",
        "⊂": r"\subset ", "⊆": r"\subseteq ", "∧": r"\land ", "∨": r"\lor ",
        "ℝ": r"\mathbb{R}", "ℤ": r"\mathbb{Z}", "ℚ": r"\mathbb{Q}", "ℕ": r"\mathbb{N}", "ℂ": r"\mathbb{C}",
        "ℯ": "e", "ⅇ": "e", "ⅈ": "i",
        "°": r"^{\circ}", "º": r"^{\circ}", "˚": r"^{\circ}", "℃": r"^{\circ}C", "℉": r"^{\circ}F",
        "µ": r"\mu ", "Ω": r"\Omega ", "∠": r"\angle ", "△": r"\triangle ",
        "…": "...", "⋯": "...", "∑": r"\sum ", "∏": r"\prod ", "∫": r"\int ", "→": r"\to ",
        "⌊": r"\lfloor ", "⌋": r"\rfloor ", "⌈": r"\lceil ", "⌉": r"\rceil ",
    }
)  # fmt: skip
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱ"
_SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉₊₋ₙₖᵢⱼₘ"
_BAR = "\u0305"
_BARRED = re.compile(f"(?:[0-9]{_BAR})+")
_RAISED = re.compile(f"[{_SUPERSCRIPTS}]+")
_LOWERED = re.compile(f"[{_SUBSCRIPTS}]+")
_FROM_SUPERSCRIPT = str.maketrans(_SUPERSCRIPTS, "0123456789+-()ni")
_FROM_SUBSCRIPT = str.maketrans(_SUBSCRIPTS, "0123456789+-nkijm")
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")


def to_ascii(text: str) -> str:
    r"""`√2 ≤ x²` becomes `\sqrt 2 \le  x^{2}`; what has no such meaning stays, in its compatibility form."""
    if text.isascii():
        return text
    text = _BARRED.sub(lambda match: r"\overline{" + match[0].replace(_BAR, "") + "}", text)
    text = _RAISED.sub(lambda match: "^{" + match[0].translate(_FROM_SUPERSCRIPT) + "}", text)
    text = _LOWERED.sub(lambda match: "_{" + match[0].translate(_FROM_SUBSCRIPT) + "}", text)
    return western_digits(unicodedata.normalize("NFKC", text.translate(_TABLE)))


def western_digits(text: str) -> str:
    """Decimal digits of every script as 0 to 9."""
    return _FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)
