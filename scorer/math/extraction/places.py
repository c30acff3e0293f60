"""What a search for the answer finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """An answer and where it stands."""

    text: str
    """Never empty."""
    start: int
    end: int
    """Behind its last character, so that what the response says next can be looked at."""
