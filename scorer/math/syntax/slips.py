"""Slips of the pen that leave no doubt what is meant: backslashes escaped twice, one at the end, a brace too many."""

import re

from scorer.math.syntax.tokens import COMMANDS, IGNORED, STYLES

_DOUBLE = re.compile(r"(?<!\\)\\\\([A-Za-z]{2,}|[{}%$])")
_OPENS = frozenset("+-*/=<>([{,;:^_&|")
_KNOWN = COMMANDS.keys() | IGNORED | STYLES
_RUN = re.compile(r"\\+")


def corrected(text: str) -> str:
    r"""The text with one backslash before each command, none at its end, and braces that match.

    In a text where all backslashes come in pairs, and a command follows one of them, each pair is one. Elsewhere two
    may end a row, and are one only at the beginning or behind a sign that no row ends with.
    """
    if "\\\\" in text:
        text = _unescaped(text)
    if text[-1:] == "\\" and text[-2:] != "\\\\":
        text = text[:-1].rstrip()
    end = text.rstrip("$")
    if end[-2:] == "}}" and "\\}" not in text and text.count("}") == text.count("{") + 1 - text.count("\\{"):
        text = end[:-1] + text[len(end) :]
    return text


def _unescaped(text: str) -> str:
    commands = [match for match in _DOUBLE.finditer(text) if match[1] in _KNOWN or not match[1].isalpha()]
    if not commands:
        return text
    if all(len(run) % 2 == 0 for run in _RUN.findall(text)):
        return text.replace("\\\\", "\\")
    if "\\begin" in text:
        return text
    parts: list[str] = []
    position = 0
    for match in commands:
        before = text[: match.start()].rstrip()[-1:]
        if not before or before in _OPENS:
            parts.append(text[position : match.start()])
            position = match.start() + 1
    return "".join([*parts, text[position:]])
