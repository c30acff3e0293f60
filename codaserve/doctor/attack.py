"""What an attack is: a record of what is tried, with what, and which ends mean that it was held."""

from dataclasses import dataclass, field
from typing import Literal

from codaserve.v1 import scorer_pb2 as pb

Reasons = frozenset["pb.Reason"]

FORBIDDEN: Reasons = frozenset({pb.REASON_FORBIDDEN_OPERATION})
CRASH: Reasons = frozenset({pb.REASON_RUNTIME_ERROR, pb.REASON_FORBIDDEN_OPERATION})
TIME: Reasons = frozenset({pb.REASON_TIME_LIMIT})
MEMORY: Reasons = frozenset({pb.REASON_MEMORY_LIMIT})
OUTPUT: Reasons = frozenset({pb.REASON_OUTPUT_LIMIT})
WRONG: Reasons = frozenset(
    {
        pb.REASON_WRONG_ANSWER,
        pb.REASON_COMPILE_ERROR,
        pb.REASON_RUNTIME_ERROR,
        pb.REASON_TIME_LIMIT,
        pb.REASON_MEMORY_LIMIT,
        pb.REASON_OUTPUT_LIMIT,
        pb.REASON_FORBIDDEN_OPERATION,
        pb.REASON_ASSERTION_FAILED,
        pb.REASON_MISSING_ENTRY_POINT,
        pb.REASON_INVALID_VALUE,
    }
)
"""Every way of not passing."""
SHORT = pb.RunLimits(cpu_seconds=1, wall_seconds=12)
"""For what would compute for ever: a busy machine must not end it first."""
BRIEF = pb.RunLimits(cpu_seconds=1, wall_seconds=3)
"""For what would wait for ever."""

TOKEN = "@TOKEN@"
"""In a source: stands for a text that is new in each execution of an attack."""
EXPECTED = "@EXPECTED@"
"""In tests: stands for a text that is new in each execution and that a program cannot know; begins with `expected-`."""
HOST, PORT, LISTENER, LISTENER_PATH = "@HOST@", "@PORT@", "@LISTENER@", "@LISTENER_PATH@"
"""In a source: the scorer's host and port, the port of the listeners that doctor opens, the name of its sockets."""

Tests = Literal["stdio", "calls", "script", "checked", "literal"]


@dataclass(frozen=True)
class Attack:
    """One attempt, and what must come of it.

    A program may say itself what it met: a first line `HELD ...` or `BREACH ...` on standard output.
    """

    group: str
    """The kind of attack."""
    name: str
    """Unique within the group."""
    tries: str
    """What is attempted, in words."""
    source: str
    """The program."""
    language: str = "python"
    """Which of Info.languages it is in."""
    ends: Reasons = FORBIDDEN
    """Reasons of a verdict that also mean that the attack was held, beside the program's own word."""
    layers: tuple[str, ...] = ()
    """What should hold it, the likeliest first; the first in force is named where nothing more exact is known."""
    profile: "pb.Profile" = pb.PROFILE_CALC
    """What the program may start; skipped where the server does not offer it."""
    limits: pb.RunLimits = field(default_factory=pb.RunLimits)
    """Limits of the run."""
    tests: Tests = "stdio"
    """How the program is judged; what is expected is EXPECTED."""
    then: str | None = None
    """A second program that looks for what the first left; both run several times over all slots."""
    together: bool = False
    """Whether the second runs while the first does."""
    needs_listener: bool = False
    """Only where the scorer is on this host, since doctor listens for what arrives."""
    script: str | None = None
    """An assert script in place of the one that `tests` names."""

    honest: bool = False
    """No attack but a program that must be judged correct: it adds the two numbers that it is given."""

    @property
    def title(self) -> str:
        """Group and name, by which `--only` finds it."""
        return f"{self.group}: {self.name}"
