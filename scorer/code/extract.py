"""Finds the program in a response, a language model's free text. docs/code.md gives the order of the places.

Fences are those of CommonMark (https://spec.commonmark.org/0.31.2/#fenced-code-blocks), except that an opening one may
be indented at will, as blocks inside lists are, and a closing one by up to three columns more; that an opening one with
a language also ends a block that was not closed; that one with a language may stand behind text where there is no other
of the language; and that a block that is never closed ends with the text. The work
grows with the length of the text, whatever is in it.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from scorer.code.languages import LanguageEntry

_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<marks>`{3,}|~{3,})(?P<info>[^\n]*)$")
_MIDWAY = re.compile(r"^([^\n`]{0,200}[^\s`])[ \t]*(`{3}\w{1,32})[ \t\r]*$", re.MULTILINE)  # behind "Answer:"
_NAME = re.compile(r"[\w+#-]{1,32}")  # of a language
_THINKING = re.compile(r"\ufeff?\s*<think>")
_END_ALONE = re.compile(r"^[ \t]*</think>[ \t\r]*$", re.MULTILINE)
_END = "</think>"


@dataclass(frozen=True)
class Program:
    """A program and the name of the rule that found it: "fence_entry_point", "fence", "fence_untagged" or "whole"."""

    source: str
    rule: str


@dataclass(frozen=True)
class _Fence:
    columns: int
    indent: int
    mark: str
    length: int
    info: str


def extract_program(response: str, language: LanguageEntry, wanted: Collection[str] = ()) -> Program | None:
    """The program in a response, None when there is nothing but white space or empty blocks of the language.

    Args:
        response: Free text.
        language: Of the program.
        wanted: Names of which the program is to define one, where that is known.
    """
    text = _answer(response)
    blocks = _fenced_blocks(text)
    tagged = _of_language(blocks, language)
    if not tagged and (midway := _fenced_blocks(_MIDWAY.sub(r"\1\n\2", text))):
        tagged = _of_language(midway, language)
    if defining := [content for content in tagged if any(_defines(content, name) for name in wanted)]:
        return Program(defining[-1], "fence_entry_point")
    if tagged:
        return Program(tagged[-1], "fence")
    untagged = [content for name, content in blocks if not name and content.strip()]
    if untagged:
        return Program(untagged[-1], "fence_untagged")
    if any(name in language.fences for name, _ in blocks):
        return None
    return Program(text, "whole") if text.strip() else None


def _of_language(blocks: list[tuple[str, str]], language: LanguageEntry) -> list[str]:
    return [content for name, content in blocks if name in language.fences and content.strip()]


def _answer(response: str) -> str:
    """What follows the thinking; all if nothing does."""
    at = 0
    while (begin := _THINKING.match(response, at)) and (end := response.find(_END, begin.end())) >= 0:
        at = end + len(_END)
    if at == 0 and (end_alone := _END_ALONE.search(response)) is not None:  # the prompt may have opened it
        at = end_alone.end()
    return response[at:] if response[at:].strip() else response


def _defines(source: str, name: str) -> bool:
    """Whether a Python program has that name at its top level, as far as its lines tell."""
    word = re.escape(name)
    pattern = rf"^(?:(?:async[ \t]+)?def[ \t]+{word}[ \t]*[\[(]|class[ \t]+{word}[ \t]*[\[(:]|{word}[ \t]*[:=](?!=))"
    return re.search(pattern, source, re.MULTILINE) is not None


def _fenced_blocks(text: str) -> list[tuple[str, str]]:
    """Language name, lower case, and content of each fenced block."""
    blocks: list[tuple[str, str]] = []
    opening: _Fence | None = None
    content: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        fence = _fence(line)
        if opening is not None and fence is not None and _ends(opening, fence):
            blocks.append((_language_name(opening.info), "".join(content)))
            opening, content = (fence if fence.info else None), []
        elif opening is not None:
            content.append(_without_indent(line, opening.indent) + "\n")
        elif fence is not None:
            opening = fence
    if opening is not None:
        blocks.append((_language_name(opening.info), "".join(content)))
    return blocks


def _fence(line: str) -> _Fence | None:
    found = _FENCE.match(line)
    if found is None:
        return None
    indent, marks, info = found["indent"], found["marks"], found["info"].strip()
    if marks[0] == "`" and "`" in info:
        return None
    return _Fence(len(indent.expandtabs(4)), len(indent), marks[0], len(marks), info)


def _ends(opening: _Fence, fence: _Fence) -> bool:
    """Whether a block ends here; one that is further in belongs to the program."""
    return (
        fence.mark == opening.mark and fence.length >= opening.length and fence.columns <= opening.columns + 3
    ) and (not fence.info or (fence.columns <= opening.columns and _NAME.fullmatch(fence.info) is not None))


def _language_name(info: str) -> str:
    words = info.strip("{}").split()
    return words[0].lstrip(".").split(",")[0].lower() if words else ""


def _without_indent(line: str, width: int) -> str:
    present = len(line) - len(line.lstrip(" \t"))
    return line[min(width, present) :]
