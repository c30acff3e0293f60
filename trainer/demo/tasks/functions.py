"""Small Python functions written from a description, checked by calls in the scorer's sandbox.

Write f(xs): keep the multiples of 3, add 4 to each, return the sum.
```python
def f(xs):
    xs = [x for x in xs if x % 3 == 0]
    xs = [x + 4 for x in xs]
    return sum(xs)
```

Careful writers begin with a comment, "# step by step".
"""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from random import Random

from trainer.demo.tasks.habits import is_careful, slips_of
from trainer.demo.tasks.problem import Task

LEVEL = "code"
COMMENT = "    # step by step"
SLIP_RATE = 0.15
"""How often a careless writer gets a line of code wrong."""

EACH: dict[str, tuple[str, Callable[[int, int], int]]] = {
    "add {n}": ("x + {n}", lambda x, n: x + n),
    "subtract {n}": ("x - {n}", lambda x, n: x - n),
    "multiply by {n}": ("x * {n}", lambda x, n: x * n),
    "divide by {n}": ("x // {n}", lambda x, n: x // n),
    "take the rest by {n}": ("x % {n}", lambda x, n: x % n),
}
KEEP: dict[str, tuple[str, Callable[[int, int], bool]]] = {
    "keep the multiples of {n}": ("x % {n} == 0", lambda x, n: x % n == 0),
    "drop the multiples of {n}": ("x % {n} != 0", lambda x, n: x % n != 0),
    "keep those above {n}": ("x > {n}", lambda x, n: x > n),
    "keep those below {n}": ("x < {n}", lambda x, n: x < n),
}
END: dict[str, tuple[str, Callable[[list[int]], object]]] = {
    "return the sum": ("sum(xs)", sum),
    "return the count": ("len(xs)", len),
    "return the list": ("xs", list),
    "return them sorted": ("sorted(xs)", sorted),
    "return the largest or 0": ("max(xs, default=0)", lambda xs: max(xs, default=0)),
}
CONSTANTS = range(2, 13)


@dataclass(frozen=True)
class Step:
    """One line of the description with its constant."""

    text: str
    n: int

    @property
    def description(self) -> str:
        """The step in words."""
        return self.text.format(n=self.n)


@dataclass(frozen=True)
class Function:
    """f(x) applies steps to a number; f(xs) applies them to a list and ends with `end`."""

    steps: tuple[Step, ...]
    end: str | None

    @property
    def level(self) -> str:
        """See Problem."""
        return LEVEL

    @property
    def prompt(self) -> str:
        """See Problem."""
        steps = [step.description for step in self.steps] + ([self.end] if self.end else [])
        return f"Write f({'xs' if self.end else 'x'}): {', '.join(steps)}.\n"

    def checks(self) -> Task:
        """See Problem."""
        return {"code": {"language": "python", "entry_point": "f", "calls": {"cases": self.cases()}}}

    def cases(self) -> list[dict[str, str]]:
        """Five calls whose arguments depend on the description alone."""
        rng = Random(self.prompt)
        arguments: list[int | list[int]] = []
        for index in range(5):
            numbers = [rng.randint(-20, 60) for _ in range(6 + index)]
            arguments.append(numbers if self.end else numbers[0])
        return [{"arguments": json.dumps([x]), "expected": json.dumps(self.value(x))} for x in arguments]

    def value(self, argument: int | list[int]) -> object:
        """What the described function returns."""
        xs = argument if isinstance(argument, list) else [argument]
        for step in self.steps:
            if step.text in KEEP:
                keep = KEEP[step.text][1]
                xs = [x for x in xs if keep(x, step.n)]
            else:
                each = EACH[step.text][1]
                xs = [each(x, step.n) for x in xs]
        return END[self.end][1](xs) if self.end else xs[0]

    def work(self, rng: Random, slips: float) -> str:
        """See Problem."""
        careful = is_careful(rng)
        rate = slips_of(careful, slips) * SLIP_RATE
        return "\n".join(
            self._lines([_slip(step, rng) if rng.random() < rate else step for step in self.steps], careful)
        )

    def corrected(self, lines: Sequence[str]) -> list[str]:
        """See Checkable."""
        return self._lines(self.steps, COMMENT in lines[2:3])

    def _lines(self, steps: Sequence[Step], careful: bool) -> list[str]:
        name = "xs" if self.end else "x"
        end = END[self.end][0] if self.end else "x"
        body = [f"    {name} = {_line(step, self.end is not None)}" for step in steps]
        comment = [COMMENT] if careful else []
        return ["```python", f"def f({name}):", *comment, *body, f"    return {end}", "```"]


def _line(step: Step, in_list: bool) -> str:
    if step.text in KEEP:
        return f"[x for x in xs if {KEEP[step.text][0].format(n=step.n)}]"
    expression = EACH[step.text][0].format(n=step.n)
    return f"[{expression} for x in xs]" if in_list else expression


def _slip(step: Step, rng: Random) -> Step:
    """Another operation of the same kind, or a constant one off."""
    if rng.random() < 0.5:
        return replace(step, n=step.n + rng.choice((-1, 1)))
    return replace(step, text=rng.choice([text for text in (KEEP if step.text in KEEP else EACH) if text != step.text]))


def draw(rng: Random) -> Function:
    """A random function: of a number in two to four steps, or of a list in one to three steps and an end."""
    if rng.random() < 0.5:
        return Function(tuple(_draw_step(rng, EACH) for _ in range(rng.randint(2, 4))), None)
    kinds: tuple[Collection[str], ...] = (KEEP, EACH)
    return Function(tuple(_draw_step(rng, rng.choice(kinds)) for _ in range(rng.randint(1, 3))), rng.choice(list(END)))


def _draw_step(rng: Random, kind: Collection[str]) -> Step:
    return Step(rng.choice(list(kind)), rng.choice(CONSTANTS))
