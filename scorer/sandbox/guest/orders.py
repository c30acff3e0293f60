"""What the service tells a slot's processes: JSON of its own making."""

import json
from typing import Any

SETTLED = b'{"settled": true}'
"""Asks a template to say the same when it has cleaned up behind its last run."""

# What json.loads does beside this, each run would pay for: it guesses the encoding and looks for spaces around.
_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


def read(text: bytes) -> dict[str, Any]:
    """The object that `json.dumps` wrote, in UTF-8."""
    found: dict[str, Any] = _scan(text.decode(), 0)[0]
    return found
