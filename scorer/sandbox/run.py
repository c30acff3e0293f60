"""A run as the service sees it: what goes in, what comes out."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scorer.sandbox.guest import frames
from scorer.sandbox.guest.limits import Limits


class Limit(StrEnum):
    """Why a run was ended before its time."""

    CPU = "cpu"
    WALL = "wall"
    OUTPUT = "output"
    CHANNEL = "channel"
    ABORTED = "aborted"


@dataclass(frozen=True)
class Request:
    """What to run.

    Attributes:
        payload: JSON for `scorer.sandbox.guest.programs.run`, or for `answers.run` if there is a script.
        stdin: Standard input; None is an empty one.
        limits: What the run may use.
        script: JSON for `scorer.sandbox.guest.tester.run`, which judges the program from a process of its own; such
            a program has no standard input.
    """

    payload: bytes
    stdin: bytes | None
    limits: Limits
    script: bytes | None = None


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
    """

    exit: int
    limit: Limit | None
    stdout: bytes
    stderr: bytes
    channel: bytes
    wall_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int

    def frames(self) -> Iterator[tuple[Any, ...]]:
        """What the run claims, see `scorer.sandbox.guest.frames`."""
        return frames.read(self.channel)
