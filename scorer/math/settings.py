"""Configuration of the comparison of mathematical answers."""

import os

from pydantic import Field

from codaserve.settings import Section


class MathSettings(Section):
    """How mathematical answers are compared, and what a comparison may cost."""

    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=256)
    """Processes that compare answers at one time. Default: one for each processor."""
    cpu_seconds: float = Field(2.0, gt=0, le=300)
    """Processor time that comparing one answer with all of its golds may take, seconds; past it the verdict is
    undecided and the process is replaced."""
    wall_seconds: float = Field(20.0, gt=0, le=3600)
    """Elapsed time that it may take, seconds; past it the machine is overloaded and the item fails."""
    memory_bytes: int = Field(512 * 2**20, ge=2**20, le=2**40)
    """Memory that a comparison may take on top of an idle process, bytes; past it the verdict is undecided."""
    cache_bytes: int = Field(64 * 2**20, ge=0, le=2**40)
    """Memory for verdicts, so that an item that comes again is not compared again; 0 keeps none."""
    max_answer_chars: int = Field(2000, ge=1, le=10_000)
    """Characters of an extracted answer, and of a gold answer, that are compared otherwise than as text."""
    max_golds: int = Field(64, ge=1, le=1024)
    """Gold answers of one task."""
