"""Integer arithmetic from left to right, worked one operation a line and closed by the boxed result.

Compute ((17+25)*3-8)*2.
17+25=42
42*3=126
126-8=118
118*2=236
\\boxed{236}

Careful writers letter their lines: "a) 17+25=42", "b) 42*3=126", ...
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from trainer.demo.tasks.habits import is_careful, slips_of
from trainer.demo.tasks.problem import Task

LETTERS = "abcdefghi"

WHOLE = re.compile(r"-?[0-9]{1,9}")

LARGEST = 999
"""No value on the way is above this, and none is negative."""


@dataclass(frozen=True)
class Level:
    """What the expressions of a level look like."""

    name: str
    operations: tuple[int, int]
    """Fewest and most operations."""
    operand: int
    """Largest number that is added or subtracted."""
    factor: int
    """Largest factor; 1 for levels without multiplication."""
    largest: int
    """Largest value on the way."""


LEVELS = (
    Level("1", (2, 2), 9, 1, 19),
    Level("2", (2, 3), 30, 1, 60),
    Level("3", (3, 4), 50, 3, 99),
    Level("4", (4, 5), 99, 5, 300),
    Level("5", (5, 6), 99, 9, LARGEST),
    Level("6", (8, 9), 99, 9, LARGEST),
)


@dataclass(frozen=True)
class Arithmetic:
    """start, then each operation applied to the value so far."""

    level: str
    start: int
    operations: tuple[tuple[str, int], ...]

    @property
    def expression(self) -> str:
        """The expression with the brackets that make ordinary precedence go from left to right; valid Python."""
        text, bare_sum = str(self.start), False
        for sign, operand in self.operations:
            if sign == "*" and bare_sum:
                text, bare_sum = f"({text})", False
            text += f"{sign}{operand}"
            bare_sum = bare_sum or sign != "*"
        return text

    @property
    def prompt(self) -> str:
        """See Problem."""
        return f"Compute {self.expression}.\n"

    @property
    def value(self) -> int:
        """The answer."""
        value = self.start
        for sign, operand in self.operations:
            value = apply(value, sign, operand)
        return value

    def checks(self) -> Task:
        """See Problem."""
        return {"math": {"gold": [str(self.value)]}}

    def work(self, rng: Random, slips: float) -> str:
        """See Problem."""
        careful = is_careful(rng)
        value, lines = self.start, []
        for letter, (sign, operand) in zip(LETTERS, self.operations, strict=False):
            result = apply(value, sign, operand)
            if rng.random() < slips_of(careful, slips) * slip_rate(value, sign, operand):
                result = slip(result, rng)
            lines.append(f"{f'{letter}) ' if careful else ''}{value}{sign}{operand}={result}")
            value = result
        return "\n".join([*lines, f"\\boxed{{{value}}}"])

    def corrected(self, lines: Sequence[str]) -> list[str]:
        """See Checkable."""
        value, right = self.start, []
        for place, (letter, (sign, operand)) in enumerate(zip(LETTERS, self.operations, strict=False)):
            line = lines[place] if place < len(lines) else ""
            letters = f"{letter}) " if line.startswith(f"{letter}) ") else ""
            right.append(f"{letters}{value}{sign}{operand}={apply(value, sign, operand)}")
            written = line.rpartition("=")[2]
            value = int(written) if WHOLE.fullmatch(written) else apply(value, sign, operand)
        return [*right, f"\\boxed{{{value}}}"]


def apply(value: int, sign: str, operand: int) -> int:
    """One operation; sign is "+", "-" or "*"."""
    return value + operand if sign == "+" else value - operand if sign == "-" else value * operand


def slip_rate(value: int, sign: str, operand: int) -> float:
    """How often a careless writer gets an operation wrong: seldom in small sums, often where digits are carried."""
    carried = value % 10 * operand > 9 if sign == "*" else carries(value, sign, operand)
    size = max(value, abs(apply(value, sign, operand)))
    if size < 20:
        return 0.01
    if size < 100:
        return 0.18 if carried else 0.06
    return 0.35 if carried else 0.15


def carries(value: int, sign: str, operand: int) -> bool:
    """Whether the units of a sum carry, or those of a difference borrow."""
    if sign == "+":
        return value % 10 + operand % 10 > 9
    return value % 10 < operand % 10


def slip(result: int, rng: Random) -> int:
    """A wrong result near the right one: a unit off, or a carry forgotten."""
    near = (-1, 1, -10, 10) if result >= 10 else (-1, 1)
    return result + rng.choice(near)


def draw(level: Level, rng: Random) -> Arithmetic:
    """A random expression of a level."""
    count = rng.randint(*level.operations)
    start = rng.randint(1, level.operand)
    value, operations = start, list[tuple[str, int]]()
    while len(operations) < count:
        sign, operand = _draw_operation(level, rng)
        result = apply(value, sign, operand)
        if 0 <= result <= level.largest:
            operations.append((sign, operand))
            value = result
    return Arithmetic(level.name, start, tuple(operations))


def _draw_operation(level: Level, rng: Random) -> tuple[str, int]:
    if level.factor > 1 and rng.random() < 0.25:
        return "*", rng.randint(2, level.factor)
    return rng.choice("+-"), rng.randint(1, level.operand)
