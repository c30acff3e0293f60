"""A run as the service sees it: what goes in, what comes out."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scorer.sandbox.artifact import Artifact
from scorer.sandbox.files import Files
from scorer.sandbox.guest import frames
from scorer.sandbox.guest.limits import Limits


class Limit(StrEnum):
    """Why a run was ended before its time."""

    CPU = "cpu"
    WALL = "wall"
    MEMORY = "memory"
    OUTPUT = "output"
    CHANNEL = "channel"
    PROCESSES = "processes"
    FILES = "files"
    TOGETHER = "together"  # not of a run, but of all runs of an item
    ABORTED = "aborted"


@dataclass(frozen=True)
class Request:
    """What to run.

    Attributes:
        payload: JSON for `scorer.sandbox.guest.programs.run`; for `answers.run` if there is a script; for `execute.run`
            if `executes`.
        stdin: Standard input; None is an empty one.
        limits: What the run may use.
        script: JSON for `scorer.sandbox.guest.tester.run`, which judges the program from a process of its own; such
            a program has no standard input.
        executes: Whether the payload says what to execute in place of a Python program:
            {"kind": "execute", "argv": [...], "environment": {...}, "file": name or null, "files": `Files.layout`}.
        artifact: The file that is executed, or that is put into the scratch folder first. It stays the caller's, and
            must not be closed before the run is over.
        collect: Name of a file in the scratch folder that is handed back when the run ended with status 0.
        files: Further files that are put into the scratch folder first; the caller's, as the artifact is.
    """

    payload: bytes
    stdin: bytes | None
    limits: Limits
    script: bytes | None = None
    executes: bool = False
    artifact: Artifact | None = None
    collect: str | None = None
    files: Files | None = None


@dataclass(frozen=True)
class Result:
    """What came of a run.

    Attributes:
        exit: Exit status of the program; negative, the signal that ended it; 0 if it was there when a script ended.
        limit: The limit for which it was ended, if any.
        stdout: Standard output.
        stderr: Standard error.
        channel: Frames, unread.
        wall_seconds: Elapsed time.
        cpu_seconds: Processor time of the whole tree.
        peak_memory_bytes: Largest resident memory of one of its processes.
        waited_seconds: How long, at least, a program that took longer than `watch.TOLD_SECONDS`, or its elapsed time,
            was ready to go on but had no processor for other reasons than its own threads and processes; 0 for others
            and where that cannot be told.
        artifact: The collected file, which the caller has to close; None if there is none, it is no plain file or
            larger than `file_bytes`.
        repeated: Whether this is a second attempt because the machine slowed the first too much; see `code.runner`.
    """

    exit: int
    limit: Limit | None
    stdout: bytes
    stderr: bytes
    channel: bytes
    wall_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int
    waited_seconds: float = 0.0
    artifact: Artifact | None = None
    repeated: bool = False

    def frames(self) -> Iterator[tuple[Any, ...]]:
        """What the run claims, see `scorer.sandbox.guest.frames`."""
        return frames.read(self.channel)
