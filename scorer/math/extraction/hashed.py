"""Answers after `####`, as the references of GSM8K write them."""

import re

from scorer.math.extraction.places import Found

_LINE = re.compile(r"^[^\S\n]*####[^\S\n]*([^\n#][^\n]*)$", re.MULTILINE)
_MATHEMATICS = re.compile(r"[-+$\\(\[{.\d]")


def hashed(response: str) -> Found | None:
    """The last such line, if it is the last line of all or begins like mathematics: Markdown headings do not count."""
    if "####" not in response:
        return None
    last_line_at = response.rstrip().rfind("\n") + 1
    for match in reversed(list(_LINE.finditer(response))):
        value = match[1].strip()
        if value and (match.start() >= last_line_at or _MATHEMATICS.match(value)):
            return Found(value, match.start(), match.end())
    return None
