"""The languages that programs may be in: one entry each in one table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LanguageEntry:
    """A language as tasks and responses name it.

    Attributes:
        name: As `CodeTask.language` takes it.
        fences: Names after the opening of a fenced code block that mean this language, lower case.
    """

    name: str
    fences: frozenset[str]


_ENTRIES = (LanguageEntry("python", frozenset({"python", "python3", "py", "py3"})),)

LANGUAGES = {entry.name: entry for entry in _ENTRIES}
