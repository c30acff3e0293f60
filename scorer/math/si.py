"""Symbols of units that are told apart by their case: `mW` is no `MW`, and `N` no unknown behind a number."""

import re

_PREFIXES = {"G": "giga", "M": "mega", "k": "kilo", "d": "deci", "c": "centi", "m": "milli", "μ": "micro", "n": "nano"}
_NAMES = {
    "N": ("newton", "kM"),
    "J": ("joule", "kMGm"),
    "Pa": ("pascal", "kMG"),
    "V": ("volt", "kMmμ"),
    "W": ("watt", "kMGmμ"),
    "Hz": ("hertz", "kMG"),
    "A": ("ampere", "kmμn"),
    "K": ("kelvin", "m"),
    "T": ("tesla", "mμ"),
    "C": ("coulomb", "mμn"),
    "F": ("farad", "mμn"),
    "H": ("henry", "mμ"),
    "Wb": ("weber", "m"),
    "Ω": ("ohm", "kMm"),
    "eV": ("electronvolt", "kMG"),
    "mol": ("mole", "mμ"),
    "m": ("meter", "Mμn"),
    "s": ("second", "Mμn"),
    "g": ("gram", "Mμ"),
    "L": ("liter", "dcμ"),
    "Wh": ("watthour", "kM"),
    "cal": ("calorie", "k"),
    "ly": ("lightyear", ""),
    "atm": ("atmosphere", ""),
    "AU": ("astronomicalunit", ""),
    "rpm": ("rpm", ""),
    "cd": ("candela", ""),
}
SYMBOLS = {
    prefix + symbol: _PREFIXES.get(prefix, "") + name
    for symbol, (name, prefixes) in _NAMES.items()
    for prefix in ("", *prefixes)
    if prefix or symbol not in "msg"
}
"""The name of each unit by its symbol."""

_WORD = re.compile(r"[A-Za-zΩμ]+")
_JOINED = re.compile(r"(?<=μ)\s+(?=[A-Za-z])|(?<=\b[kM])\s+(?=Ω)")
_PLAIN = frozenset(["m", "s", "g", "l", "h", "min", "mm", "cm", "km", "mg", "kg", "ml", "ms"])
"""Symbols that are known as words already."""


def named(text: str) -> str:
    """A text of nothing but symbols of units with their names instead; any other as it is."""
    text = text.replace(r"\Omega", "Ω").replace(r"\mu", "μ")
    text = _JOINED.sub("", text)
    return _WORD.sub(lambda match: SYMBOLS.get(match[0], match[0]), text) if are_symbols(text) else text


def are_symbols(text: str) -> bool:
    """Whether all words of a text are symbols of units."""
    words = _WORD.findall(text)
    return bool(words) and all(word in SYMBOLS or word in _PLAIN for word in words)
