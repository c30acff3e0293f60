"""What is compared: GRPO, and then one part of the methods more at a time, with as many rollouts each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.reproduce.runs import Program

QUESTIONS, GROUP, TOKENS = 24, 8, 160
SAMPLES = 2
"""Responses to each question of those."""
TRAINABLE = "norm"
RATES, LAMBDAS, BETAS = (1e-2, 2e-2, 4e-2), (0.15, 0.3, 0.6), (0.02, 0.1, 0.5)
"""What is tried with other seeds: learning rates, for step credit, for DAPO."""
SOLUTIONS, KEEP, COMPLETIONS = 4, 2, 4
"""DAPO: solutions sampled for each question, those that are kept, completions from each of their states."""
CRITIC_EPOCHS, CRITIC_RATE, CRITIC_HEAD_RATE, CRITIC_BATCH = 4, 1e-4, 3e-3, 16
"""DAPO: of the family's critic, on what was collected."""
PAIRS, PAIR_EPOCHS, OFFLINE_RATE = 128, 6, 2e-2
"""DAPO: pairs of an optimizer step, passes over the triples, learning rate."""


@dataclass(frozen=True)
class Budget:
    """What each training of a family has.

    Attributes:
        steps: Of GRPO. A step with a focused batch has twice the rollouts, so that there are half as many.
        evaluations: From the first step to the last, at equal numbers of rollouts.
    """

    steps: int
    evaluations: int

    @property
    def questions(self) -> int:
        """In the batches of all steps of GRPO."""
        return self.steps * QUESTIONS

    @property
    def rollouts(self) -> int:
        """Of the training."""
        return self.questions * GROUP


@dataclass(frozen=True)
class Variant:
    """One way of training.

    Attributes:
        name: In tables and folders.
        focused: Whether there is a focused batch.
        settings: What differs from the others.
        lambda_: Share of the critic's step credit.
        rate: Learning rate.
        iterations: Of DAPO, which is offline; 0 for the others.
        beta: Of DAPO.
    """

    name: str
    focused: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    lambda_: float = 0.0
    rate: float = 0.0
    iterations: int = 0
    beta: float = 0.0

    @property
    def folder(self) -> str:
        """Name and learning rate as the name of a folder."""
        return re.sub(r"[^a-z0-9.]+", "-", f"{self.name} rate {self.rate:g}".lower()).strip("-")

    @property
    def program(self) -> Program:
        """That trains it."""
        return "dapo" if self.iterations else "train"

    @property
    def needs_critic(self) -> bool:
        """Whether it asks one."""
        return self.lambda_ > 0 or self.iterations > 0

    @property
    def model(self) -> str:
        """Where that leaves the trained policy, below its output."""
        return f"iteration-{self.iterations:02}/actor/model" if self.iterations else "model"


GRPO = Variant("GRPO", settings={"objective": {"kind": "grpo"}})
WEIGHTING = Variant("+ weighting", settings={"objective": {"kind": "codapo"}, "codapo": {"sampling": False}})
SAMPLING = Variant("+ sampling", focused=True, settings={"objective": {"kind": "codapo"}})
STEP_CREDIT, OFFLINE, ITERATED = "+ steps", "DAPO, 1 iteration", "DAPO, 2 iterations"


def steps(lambda_: float, rate: float) -> Variant:
    """All of CoDaPO and step credit."""
    settings = {"objective": {"kind": "codapo", "lambda": lambda_}}
    return Variant(f"{STEP_CREDIT}, lambda {lambda_:g}", True, settings, lambda_, rate)


def offline(beta: float, iterations: int) -> Variant:
    """DAPO. The rollouts are divided among the iterations."""
    name = OFFLINE if iterations == 1 else ITERATED
    return Variant(f"{name}, beta {beta:g}", rate=OFFLINE_RATE, iterations=iterations, beta=beta)


def configuration(
    variant: Variant,
    budget: Budget,
    seed: int,
    policy: Path,
    tasks: tuple[Path, Path],
    critic: Path | None,
    output: Path,
) -> dict[str, Any]:
    """The configuration of the variant's program.

    Args:
        variant: Of the training.
        budget: Of an online one; that of DAPO is the number of questions in its file.
        seed: Of the questions' order and of sampling.
        policy: Folder of the policy to begin with.
        tasks: Files of the training and the held-out questions.
        critic: Checkpoint, for those that need one: DAPO goes on training it.
        output: Folder of the run.
    """
    if variant.iterations:
        assert critic is not None
        return _offline(variant, seed, policy, tasks, critic, output)
    count = budget.steps // 2 if variant.focused else budget.steps
    common: dict[str, Any] = {
        "output_dir": str(output),
        "seed": seed,
        "steps": count,
        "model": {"path": str(policy), "device": "cpu", "trainable": TRAINABLE},
        "tasks": {"file": str(tasks[0])},
        "evaluate": {"file": str(tasks[1]), "samples": SAMPLES, "every": count // budget.evaluations},
        "rollout": {
            "questions": QUESTIONS,
            "group_size": GROUP,
            "max_prompt_tokens": 128,
            "max_response_tokens": TOKENS,
        },
        "optimizer": {"learning_rate": variant.rate, "warmup_steps": 2, "schedule": "cosine"},
        "checkpoint": {"every": max(1, count // 4), "keep": 1},
        "tracking": {"trackers": []},
        "critic": {"checkpoint": str(critic), "arguments": ["--threads", "1"]} if critic else {"enabled": False},
    }
    return common | dict(variant.settings)


def _offline(
    variant: Variant, seed: int, policy: Path, tasks: tuple[Path, Path], critic: Path, output: Path
) -> dict[str, Any]:
    return {
        "output": str(output),
        "iterations": variant.iterations,
        "seed": seed,
        "model": {"path": str(policy), "device": "cpu", "trainable": TRAINABLE},
        "tasks": {"file": str(tasks[0])},
        "evaluate": {"file": str(tasks[1]), "samples": SAMPLES},
        "answers": {"max_prompt_tokens": 128, "max_response_tokens": TOKENS},
        "collect": {"solutions": SOLUTIONS, "keep": KEEP, "completions": COMPLETIONS},
        "critic": {
            "base": str(critic),
            "epochs": CRITIC_EPOCHS,
            "calibrate_base": True,
            "learning_rate": CRITIC_RATE,
            "head_learning_rate": CRITIC_HEAD_RATE,
            "batch_solutions": CRITIC_BATCH,
            "held_out_share": 0.1,
            "save_every": 10,
        },
        "pairs": {"beta": variant.beta, "batch_pairs": PAIRS, "epochs": PAIR_EPOCHS},
        "optimizer": {"learning_rate": variant.rate, "warmup_steps": 2, "schedule": "cosine"},
        "checkpoint": {"every": 10, "keep": 1},
        "tracking": {"trackers": []},
        "critic_service": {"arguments": ["--threads", "1"]},
    }
