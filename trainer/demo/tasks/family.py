"""Draws problems of all levels, training and held-out apart, and writes them as task files."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Literal

from codaserve.files import write_atomically
from trainer.demo.tasks import arithmetic, functions
from trainer.demo.tasks.problem import Checkable, Problem

Split = Literal["train", "held-out"]
LEVELS = (*(level.name for level in arithmetic.LEVELS), functions.LEVEL)
SHORT_LEVELS = (*LEVELS[:2], functions.LEVEL)


def split_of(problem: Problem) -> Split:
    """The side a problem is on: one tenth of all prompts, chosen by their digest, is held out.

    It depends on the prompt alone, so no problem can ever be on both sides, whatever the seed.
    """
    return "held-out" if hashlib.sha256(problem.prompt.encode()).digest()[0] % 10 == 0 else "train"


def draw(level: str, split: Split, rng: Random) -> Checkable:
    """A random problem of a level and side.

    Raises:
        KeyError: There is no such level.
    """
    by_name = {candidate.name: candidate for candidate in arithmetic.LEVELS}
    while True:
        problem: Checkable = functions.draw(rng) if level == functions.LEVEL else arithmetic.draw(by_name[level], rng)
        if split_of(problem) == split:
            return problem


def distinct(level: str, split: Split, count: int, rng: Random) -> list[Checkable]:
    """`count` problems with different prompts.

    Raises:
        ValueError: The level has too few of them.
    """
    found: dict[str, Checkable] = {}
    for _ in range(20 * count):
        problem = draw(level, split, rng)
        found.setdefault(problem.prompt, problem)
        if len(found) == count:
            return list(found.values())
    raise ValueError(f"level {level} has fewer than {count} {split} problems: ask for fewer")


def spread(count: int, split: Split, rng: Random) -> list[Checkable]:
    """Up to `count` problems with different prompts, the levels in turn; fewer where one was drawn twice."""
    drawn = (draw(LEVELS[index % len(LEVELS)], split, rng) for index in range(count))
    return list({problem.prompt: problem for problem in drawn}.values())


def practice(short: bool, rng: Random) -> Checkable:
    """A training problem of a random level, one of the short ones if so asked."""
    return draw(rng.choice(SHORT_LEVELS if short else LEVELS), "train", rng)


def write_tasks(path: Path, problems: Iterable[Problem], *, prefix: str) -> None:
    """Writes a task file of the trainer, one problem a line, atomically."""
    lines = [
        json.dumps({"id": f"{prefix}-{index}", "level": problem.level, "prompt": problem.prompt, **problem.checks()})
        for index, problem in enumerate(problems)
    ]
    write_atomically(path, "\n".join(lines) + "\n")
