"""The critic of a family: its base, trained on Monte-Carlo values of the policy that every training begins with."""

import subprocess
import sys
from pathlib import Path
from random import Random

from bench.reproduce.families import Family
from bench.reproduce.results import collected
from bench.reproduce.variants import TOKENS
from trainer.demo.tasks import family as tasks

QUESTIONS, SOLUTIONS, KEEP, COMPLETIONS = 160, 8, 3, 8
"""Of the data: questions, solutions sampled for each, those that are kept, completions from each of their steps."""
EPOCHS, BATCH, LEARNING_RATE, HEAD_LEARNING_RATE = 4, 16, 1e-4, 3e-3
"""Of the training: the base sees where a line is wrong, and loses that at higher rates."""
SECONDS = 6 * 3600.0
CRITIC_SEED = 77
"""Of the questions; no training has this one."""


def make(family: Family, policy: Path, folder: Path) -> Path:
    """Makes the base, collects data and trains, unless the critic is there, and returns its checkpoint."""
    checkpoint = folder / "trained" / "checkpoint"
    if (folder / "trained" / "report.json").exists():
        return checkpoint
    folder.mkdir(parents=True, exist_ok=True)
    family.base(policy, folder / "base")
    questions = folder / "questions.jsonl"
    problems = family.problems(QUESTIONS, "train", Random(f"{family.name} {CRITIC_SEED}"))
    tasks.write_tasks(questions, problems, prefix="critic")
    _call(
        "collect", "--tasks.file", questions, "--policy.path", policy, "--policy.device", "cpu",
        "--policy.max-prompt-tokens", 128, "--policy.max-response-tokens", TOKENS, "--solutions", SOLUTIONS,
        "--keep", KEEP, "--completions", COMPLETIONS, "--output", folder / "data",
    )  # fmt: skip
    _call(
        "train", "--data", folder / "data", "--base", folder / "base", "--calibrate-base", "--output",
        folder / "trained", "--epochs", EPOCHS, "--learning-rate", LEARNING_RATE, "--head-learning-rate",
        HEAD_LEARNING_RATE, "--batch-solutions", BATCH, "--device", "cpu",
    )  # fmt: skip
    return checkpoint


def rollouts(folder: Path) -> int:
    """Answers that the critic in a folder was trained on: solutions and completions."""
    return collected(folder / "data")


def _call(command: str, *arguments: object) -> None:
    subprocess.run(
        [sys.executable, "-m", "codaserve.cli.main", "critic", command, *map(str, arguments)],
        check=True,
        timeout=SECONDS,
        stdin=subprocess.DEVNULL,
    )
