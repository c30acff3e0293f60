"""Configuration of the comparison of mathematical answers."""

import os

from pydantic import Field

from codaserve.settings import Section


class MathSettings(Section):
    """How mathematical answers are compared, and what a comparison may cost."""

    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=256)
    """Processes that compare answers symbolically. Default: one for each processor."""
    seconds: float = Field(5.0, gt=0, le=600)
    """Elapsed time that one answer's symbolic comparison with all of its golds may take, seconds; past it the verdict
    is undecided and the process is replaced."""
    memory_bytes: int = Field(2**30, ge=2**20, le=2**40)
    """Memory that a comparison may take on top of an idle process, bytes; past it the verdict is undecided."""
    max_answer_chars: int = Field(2000, ge=1, le=10_000)
    """Characters of an extracted answer, and of a gold answer, that are compared otherwise than as text."""
    max_golds: int = Field(64, ge=1, le=1024)
    """Gold answers of one task."""
