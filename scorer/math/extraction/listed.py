"""Values that stand in the lines of a Markdown list at the end, under a line that says what they are."""

import re

from scorer.math.extraction.places import Found
from scorer.math.extraction.runs import whole

_ITEM = re.compile(r"\s{0,8}(?:[-*•]|\d{1,2}[.)])\s+(\S.*)")
_HEAD = re.compile(
    r".*\b(?:solutions?|roots?|zeros|values?|numbers|points|pairs|triples)\b[^.:]*:[\s*]*", re.IGNORECASE
)
_MOST_ITEMS = 30


def listed(text: str) -> Found | None:
    """The members of the list as one list; None when there is no such list, or not every line of it is a value."""
    end = len(text.rstrip())
    items: list[str] = []
    for _ in range(_MOST_ITEMS):
        start = text.rfind("\n", 0, end) + 1
        line = text[start:end]
        item = _ITEM.fullmatch(line)
        if item is None or not whole(item[1]):
            break
        items.insert(0, item[1].strip().rstrip(".,;"))
        end = max(0, start - 1)
    else:
        return None
    head = text[text.rstrip()[:end].rstrip().rfind("\n") + 1 : end].strip()
    if len(items) < 2 or not _HEAD.fullmatch(head):
        return None
    return Found(", ".join(item.strip("$") for item in items), end, len(text.rstrip()))
