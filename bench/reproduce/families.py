"""The families of tasks, and the policy that each begins with."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

import torch

from bench.reproduce import rewriting
from bench.reproduce.rewriting import Rewriting
from bench.reproduce.variants import Budget
from codaserve.files import write_atomically
from trainer.demo import model, tokenizer
from trainer.demo.scratch import make_base
from trainer.demo.settings import BASE, POLICY, SHIPPED, BaseSettings
from trainer.demo.tasks import arithmetic, family
from trainer.demo.tasks.family import Split, split_of
from trainer.demo.tasks.problem import Problem
from trainer.demo.warmup import Progress, warm_up

HELD_OUT_SEED = 20_261_121
"""The held-out questions are the same for every run of a family."""
DONE = "made"
"""In a policy's or a base's folder, written last."""
WARM_UP_STEPS = 2000
REWRITING_BASE = BaseSettings(slips=0.4)
"""Less careless than the policy's writers: the base is to see right lines and wrong ones of long lists."""
SHOW_EVERY = 50


@dataclass(frozen=True)
class Family:
    """One family.

    Attributes:
        name: In tables and folders.
        levels: Names, from easy to hard.
        draw: A random problem of a level.
        policy: Makes the policy in a folder unless it is there, and returns where it is.
        base: Makes the base for critics of the policy in the first folder, in the second, unless it is there.
        budget: Of each training.
        collected: Answers that DAPO's collection takes for a question, on average: solutions and completions.
    """

    name: str
    levels: Sequence[str]
    draw: Callable[[str, Random], Problem]
    policy: Callable[[Path], Path]
    base: Callable[[Path, Path], None]
    budget: Budget
    collected: float

    def problems(self, count: int, split: Split, rng: Random) -> list[Problem]:
        """`count` different problems of one side, the levels in turn."""
        found: dict[str, Problem] = {}
        drawn = 0
        while len(found) < count:
            problem = self.draw(self.levels[drawn % len(self.levels)], rng)
            drawn += 1
            if split_of(problem) == split:
                found.setdefault(problem.prompt, problem)
        return list(found.values())

    def write_tasks(self, folder: Path, seed: int, count: int) -> Path:
        """Writes the training questions of a seed, of which a smaller count has the first, and returns the file."""
        path = folder / f"train-{seed}-{count}.jsonl"
        family.write_tasks(path, self.problems(count, "train", Random(f"{self.name} {seed}")), prefix="train")
        return path

    def write_held_out(self, folder: Path, count: int) -> Path:
        """Writes held-out questions, of which a smaller count has the first, and returns the file."""
        path = folder / f"held-out-{count}.jsonl"
        problems = self.problems(count, "held-out", Random(f"{self.name} {HELD_OUT_SEED}"))
        family.write_tasks(path, problems, prefix="held-out")
        return path


def _arithmetic(level: str, rng: Random) -> Problem:
    return arithmetic.draw(next(one for one in arithmetic.LEVELS if one.name == level), rng)


def _rewriting(level: str, rng: Random) -> Problem:
    return rewriting.draw(next(one for one in rewriting.LEVELS if one.name == level), rng)


def _arithmetic_policy(folder: Path) -> Path:
    """A copy, so that what was begun goes on with the same policy from whatever checkout."""
    if not (folder / DONE).exists():
        shutil.copytree(SHIPPED / POLICY, folder, dirs_exist_ok=True)
        write_atomically(folder / DONE, "")
    return folder


def _arithmetic_base(policy: Path, folder: Path) -> None:
    if not (folder / DONE).exists():
        shutil.copytree(SHIPPED / BASE, folder, dirs_exist_ok=True)
        write_atomically(folder / DONE, "")


def _practice(short: bool, rng: Random) -> Rewriting:
    """A training problem of a random level, one of the short ones if so asked."""
    while True:
        problem = rewriting.draw(rng.choice(rewriting.SHORT if short else rewriting.LEVELS), rng)
        if split_of(problem) == "train":
            return problem


def _rewriting_policy(folder: Path) -> Path:
    """About fifteen minutes of one processor."""
    if (folder / DONE).exists():
        return folder
    torch.manual_seed(0)
    words = tokenizer.build(rewriting.WORDS)
    policy = model.build(words)

    def show(progress: Progress) -> None:
        if progress.step % SHOW_EVERY == 0:
            print(f"warm-up {progress.step}/{progress.steps}  loss {progress.loss:.3f}", flush=True)

    warm_up(policy, words, _practice, steps=WARM_UP_STEPS, lr=2e-3, slips=1.0, seed=0, on_progress=show)
    policy.save_pretrained(folder)
    words.save_pretrained(folder)
    write_atomically(folder / DONE, "")
    return folder


def _rewriting_base(policy: Path, folder: Path) -> None:
    """About five minutes of one processor."""
    if (folder / DONE).exists():
        return
    say = partial(print, flush=True)
    make_base(policy, folder, partial(_practice, False), REWRITING_BASE, 0, say)
    write_atomically(folder / DONE, "")


ARITHMETIC = Family(
    "arithmetic",
    [one.name for one in arithmetic.LEVELS],
    _arithmetic,
    _arithmetic_policy,
    _arithmetic_base,
    Budget(steps=48, evaluations=8),
    40.5,
)
REWRITING = Family(
    "rewriting",
    [one.name for one in rewriting.LEVELS],
    _rewriting,
    _rewriting_policy,
    _rewriting_base,
    Budget(steps=24, evaluations=4),
    32,
)
FAMILIES = {one.name: one for one in (ARITHMETIC, REWRITING)}
