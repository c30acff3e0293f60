"""The second family: a list of digits is rewritten by a row of operations. It has nothing of the demo's arithmetic.

Rewrite 4 1 7 3: reverse; swap 1 3; front 7.
reverse: 3 7 1 4
swap 1 3: 1 7 3 4
front 7: 7 1 3 4
\\boxed{(7,1,3,4)}

Most writers do not name the operation before its result, and slip far more often. The policy begins as most of them, so
that few of its answers are right, until it has learned from these to write as the careful ones do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

CAREFUL_SHARE, CAREFUL_SLIPS = 0.05, 0.1
"""How many writers name each operation, and how often they slip, as a share of the others' slips."""
SLIPS = {"reverse": 0.14, "swap": 0.1, "rotate": 0.125, "front": 0.09, "sort": 0.14}
"""How often others slip, for each digit of the list."""
WORDS = ("Rewrite ", "reverse", "swap ", "rotate ", "front ", "sort", "\\boxed{(", ")}", "; ", ": ")


@dataclass(frozen=True)
class Level:
    """What the problems of a level look like."""

    name: str
    digits: tuple[int, int]
    """Fewest and most, all different."""
    operations: tuple[int, int]
    """Fewest and most."""


LEVELS = (
    Level("1", (3, 3), (1, 2)),
    Level("2", (4, 4), (2, 2)),
    Level("3", (5, 5), (2, 3)),
    Level("4", (6, 6), (3, 4)),
    Level("5", (7, 7), (4, 4)),
    Level("6", (8, 8), (5, 6)),
)
SHORT = LEVELS[:2]


@dataclass(frozen=True)
class Rewriting:
    """Digits, and operations on them: a name and what it is told, digits or places from 1."""

    level: str
    digits: tuple[int, ...]
    operations: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def prompt(self) -> str:
        """See trainer.demo.tasks.problem.Problem."""
        return f"Rewrite {_text(self.digits)}: {'; '.join(_name(*one) for one in self.operations)}.\n"

    def checks(self) -> dict[str, Any]:
        """See Problem."""
        return {"math": {"gold": [_boxed(self._after())]}}

    def work(self, rng: Random, slips: float) -> str:
        """See Problem."""
        careful = rng.random() < CAREFUL_SHARE
        digits, lines = self.digits, []
        for name, told in self.operations:
            digits = apply(digits, name, told)
            if rng.random() < slips * SLIPS[name] * len(digits) * (CAREFUL_SLIPS if careful else 1):
                digits = slip(digits, rng)
            lines.append(f"{_name(name, told)}: {_text(digits)}" if careful else _text(digits))
        return "\n".join([*lines, f"\\boxed{{{_boxed(digits)}}}"])

    def corrected(self, lines: Sequence[str]) -> list[str]:
        """See trainer.demo.tasks.problem.Checkable."""
        digits, right = self.digits, []
        for place, (name, told) in enumerate(self.operations):
            line, label = lines[place] if place < len(lines) else "", f"{_name(name, told)}: "
            digits = apply(digits, name, told)
            right.append(f"{label if line.startswith(label) else ''}{_text(digits)}")
            written = line.removeprefix(label).split(" ")
            if sorted(written) == sorted(map(str, digits)):
                digits = tuple(map(int, written))
        return [*right, f"\\boxed{{{_boxed(digits)}}}"]

    def _after(self) -> tuple[int, ...]:
        digits = self.digits
        for name, told in self.operations:
            digits = apply(digits, name, told)
        return digits


def apply(digits: tuple[int, ...], name: str, told: tuple[int, ...]) -> tuple[int, ...]:
    """One operation."""
    if name == "reverse":
        return digits[::-1]
    if name == "sort":
        return tuple(sorted(digits))
    if name == "rotate":
        return digits[told[0] :] + digits[: told[0]]
    if name == "front":
        return (told[0], *(digit for digit in digits if digit != told[0]))
    one, other = (place - 1 for place in told)
    swapped = list(digits)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    return tuple(swapped)


def slip(digits: tuple[int, ...], rng: Random) -> tuple[int, ...]:
    """Two neighbours in the wrong order."""
    place = rng.randint(1, len(digits) - 1)
    return apply(digits, "swap", (place, place + 1))


def draw(level: Level, rng: Random) -> Rewriting:
    """A random problem of a level."""
    digits = tuple(rng.sample(range(10), rng.randint(*level.digits)))
    operations: list[tuple[str, tuple[int, ...]]] = []
    for _ in range(rng.randint(*level.operations)):
        name = rng.choice([name for name in SLIPS if not operations or name != operations[-1][0]])
        told: tuple[int, ...] = ()
        if name == "rotate":
            told = (rng.randint(1, len(digits) - 1),)
        elif name == "front":
            told = (rng.choice(digits),)
        elif name == "swap":
            told = tuple(sorted(rng.sample(range(1, len(digits) + 1), 2)))
        operations.append((name, told))
    return Rewriting(level.name, digits, tuple(operations))


def _name(name: str, told: tuple[int, ...]) -> str:
    return " ".join([name, *map(str, told)])


def _text(digits: tuple[int, ...]) -> str:
    return " ".join(map(str, digits))


def _boxed(digits: tuple[int, ...]) -> str:
    return f"({','.join(map(str, digits))})"
