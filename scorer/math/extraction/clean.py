r"""Takes away what is no part of what a response says: annotations, invisible characters, tokens of chats, programs."""

import re

_ANNOTATION = re.compile(r"<<[^<>\n]{0,200}(?:>>|\Z)")
"""Calculator annotations of GSM8K: `<<16-3=13>>`."""
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_TOKEN = re.compile(r"<\|[A-Za-z_]{1,30}\|>|</?s>|<｜[^\n<>｜]{1,30}｜>")
_REMARK = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_COMMENT = re.compile(
    r"(?:^[^\S\n]*|(?<=\})[^\S\n]{0,3}|(?<=[^\d\s\\$])[^\S\n]{1,3})%[^\S\n]{0,5}(?:\$|\\\(|\\\[)?\\(?:boxed|fbox)[^\n]*",
    re.MULTILINE,
)
"""Of LaTeX: a percent sign that stands behind no number, and then a box."""
_GLUED_WORD = re.compile(r"([\d)}])(or|and)(?=\\?[A-Za-z](?:\([a-z]\))?\s?=)")
"""`x=1orx=2`"""
_SHORT_CHARS = 200
"""A longer response is no bare answer, and is not searched for glued words, for the sake of speed."""
_BROKEN_LIST = re.compile(
    r"\n(?:(?<=[\d)}\]$],\n)[^\S\n]{0,40}(?=[-+\d\\$(\[{](?:[^\nA-Za-z]|\\[a-z]{1,12}){0,60}$)"
    r"|(?<=[^\\]\[\n)[^\S\n]{0,40}(?=[-+\d\\$(\[{\"])|(?<=[\d)}\]$\"]\n)[^\S\n]{0,40}(?=\]))",
    re.MULTILINE,
)
"""The end of a line in a list of values that is printed over several lines."""
_LOST_BACKSLASH = re.compile("\x08oxed(?=\\{)|(?<![\\\\A-Za-z])boxed(?=\\{)")
_FENCE = re.compile(r"^[^\S\n]*(?:```|~~~)[^\S\n]*([A-Za-z+#]*)[^\n`]*$", re.MULTILINE)
_NO_PROGRAMS = frozenset({"", "latex", "tex", "math", "text", "txt", "plaintext", "json", "markdown", "md", "output"})
_STATEMENT = re.compile(
    r"\b(?:import|from)\s+[a-z_.]+|\bdef\s+\w+\s*\(|\bprint\s*\(|\breturn\b|#include|\bwhile\b[^\n]*:\s*$"
    r"|\bfor\s+\w+\s+in\b|\w\s*[-+*]=\s*\w|\bconsole\.log\b|\bSystem\.out\b",
    re.MULTILINE,
)


def clean(response: str) -> str:
    """The response as a person reads it, with `\\boxed` whole again where its backslash was lost to an escape."""
    response = response.replace("\r\n", "\n").replace("\r", "\n")
    if not response.isascii():
        response = _INVISIBLE.sub("", response)
    if "<" in response:
        if "<!--" in response:
            response = _REMARK.sub(lambda remark: "" if remark[0].endswith("-->") else remark[0], response)
        response = _TOKEN.sub("", _ANNOTATION.sub("", response))
    if response.count("oxed{") != response.count("\\boxed{"):
        response = _LOST_BACKSLASH.sub(r"\\boxed", response)
    if "%" in response and "box" in response:
        response = _COMMENT.sub("", response)
    if ",\n" in response or "[\n" in response:
        response = _BROKEN_LIST.sub(" ", response)
    if len(response) <= _SHORT_CHARS and "=" in response:
        response = _GLUED_WORD.sub(r"\1 \2 ", response)
    return without_programs(response) if "```" in response or "~~~" in response else response


def without_programs(response: str) -> str:
    """The response without its fenced program text, which computes an answer but does not say one."""
    kept: list[str] = []
    position = 0
    fences = iter(_FENCE.finditer(response))
    for opening in fences:
        closing = next(fences, None)
        end = closing.start() if closing else len(response)
        body = response[opening.end() : end]
        kept.append(response[position : opening.start()])
        if opening[1].lower() in _NO_PROGRAMS and not _STATEMENT.search(body):
            kept.append(body)
        position = closing.end() if closing else len(response)
    kept.append(response[position:])
    return "".join(kept)
