"""What is compared: GRPO, and then one part of the methods more at a time, with as many rollouts each."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

QUESTIONS, GROUP, TOKENS = 24, 8, 160
STEPS = 48
"""Of GRPO. A step with a focused batch has twice the rollouts, so that there are half as many."""
EVALUATIONS = 8
"""Between the first step and the last, at equal numbers of rollouts."""
TRAINABLE = "norm"
LEARNING_RATE = 2e-2
"""The demo's, for all: found on its questions with other seeds."""


@dataclass(frozen=True)
class Variant:
    """One way of training.

    Attributes:
        name: In tables and folders.
        focused: Whether there is a focused batch.
        settings: What differs from the others.
        lambda_: Share of the critic's step credit.
    """

    name: str
    focused: bool
    settings: Mapping[str, Any]
    lambda_: float = 0.0


GRPO = Variant("GRPO", False, {"objective": {"kind": "grpo"}})
WEIGHTING = Variant("+ weighting", False, {"objective": {"kind": "codapo"}, "codapo": {"sampling": False}})
SAMPLING = Variant("+ sampling", True, {"objective": {"kind": "codapo"}})


def steps(lambda_: float) -> Variant:
    """All of CoDaPO and step credit."""
    name = f"+ steps, lambda {lambda_:g}"
    return Variant(name, True, {"objective": {"kind": "codapo", "lambda": lambda_}}, lambda_)


def rollouts() -> int:
    """Of each training."""
    return STEPS * QUESTIONS * GROUP


def configuration(
    variant: Variant, seed: int, policy: Path, tasks: tuple[Path, Path], critic: Path | None, output: Path
) -> dict[str, Any]:
    """The trainer's configuration.

    Args:
        variant: Of the training.
        seed: Of the questions' order and of sampling.
        policy: Folder of the policy to begin with.
        tasks: Files of the training and the held-out questions.
        critic: Checkpoint, for step credit.
        output: Folder of the run.
    """
    count = STEPS // 2 if variant.focused else STEPS
    common: dict[str, Any] = {
        "output_dir": str(output),
        "seed": seed,
        "steps": count,
        "model": {"path": str(policy), "device": "cpu", "trainable": TRAINABLE},
        "tasks": {"file": str(tasks[0])},
        "evaluate": {"file": str(tasks[1]), "samples": 2, "every": count // EVALUATIONS},
        "rollout": {
            "questions": QUESTIONS,
            "group_size": GROUP,
            "max_prompt_tokens": 128,
            "max_response_tokens": TOKENS,
        },
        "optimizer": {"learning_rate": LEARNING_RATE, "warmup_steps": 2, "schedule": "cosine"},
        "checkpoint": {"every": max(1, count // 4), "keep": 1},
        "critic": {"checkpoint": str(critic)} if variant.lambda_ > 0 else {"enabled": False},
    }
    return common | dict(variant.settings)
