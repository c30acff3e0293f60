"""Finds the program in a response, a language model's free text.

In this order: the last fenced code block of the language; else the last fenced block without a language; else the whole
text, unless it has blocks of the language and they are empty. Fences are those of CommonMark
(https://spec.commonmark.org/0.31.2/#fenced-code-blocks), except that an opening one may be indented at will, as blocks
inside lists are, and a closing one by up to three columns more; a block that is never closed ends with the text.
"""

import re
from dataclasses import dataclass

from scorer.code.languages import LanguageEntry

_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<marks>`{3,}|~{3,})(?P<info>[^\n]*)$")


@dataclass(frozen=True)
class Program:
    """A program and the name of the rule that found it: "fence", "fence_untagged" or "whole"."""

    source: str
    rule: str


def extract_program(response: str, language: LanguageEntry) -> Program | None:
    """The program in a response, None when there is nothing but white space or empty blocks of the language."""
    blocks = _fenced_blocks(response)
    for rule, names in (("fence", language.fences), ("fence_untagged", frozenset({""}))):
        for name, content in reversed(blocks):
            if name in names and content.strip():
                return Program(content, rule)
    if any(name in language.fences for name, _ in blocks):
        return None
    return Program(response, "whole") if response.strip() else None


def _fenced_blocks(text: str) -> list[tuple[str, str]]:
    """Language name, lower case, and content of each fenced block."""
    blocks: list[tuple[str, str]] = []
    opening: re.Match[str] | None = None
    content: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        fence = _FENCE.match(line)
        if opening is None:
            if fence is not None and not (fence["marks"][0] == "`" and "`" in fence["info"]):
                opening, content = fence, []
        elif fence is not None and _closes(opening, fence):
            blocks.append((_language_name(opening["info"]), "".join(content)))
            opening = None
        else:
            content.append(_without_indent(line, len(opening["indent"])) + "\n")
    if opening is not None:
        blocks.append((_language_name(opening["info"]), "".join(content)))
    return blocks


def _closes(opening: re.Match[str], fence: re.Match[str]) -> bool:
    marks = opening["marks"]
    return (
        not fence["info"].strip()
        and fence["marks"][0] == marks[0]
        and len(fence["marks"]) >= len(marks)
        and _columns(fence["indent"]) <= _columns(opening["indent"]) + 3  # further in, it belongs to the program
    )


def _columns(indent: str) -> int:
    return len(indent.expandtabs(4))


def _language_name(info: str) -> str:
    words = info.strip().strip("{}").split()
    return words[0].lstrip(".").split(",")[0].lower() if words else ""


def _without_indent(line: str, width: int) -> str:
    present = len(line) - len(line.lstrip(" \t"))
    return line[min(width, present) :]
