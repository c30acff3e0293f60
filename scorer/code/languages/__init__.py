"""The languages that programs may be in: one entry each in one table, and what finds, tries and runs their tools."""

from scorer.code.languages.entry import LanguageEntry
from scorer.code.languages.table import LANGUAGES

__all__ = ["LANGUAGES", "LanguageEntry"]
