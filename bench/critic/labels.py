"""Solutions of the demo's policy with Monte-Carlo values at their steps, for training critics and for judging them."""

from functools import partial
from pathlib import Path
from random import Random

import torch
from transformers import AutoModelForCausalLM

from codaserve import ScorerClient
from codaserve.embedded import EmbeddedService
from codaserve.tokenizer import load_tokenizer
from critic.training import data
from trainer.demo.labels import Labeller
from trainer.demo.settings import POLICY, SHIPPED, LabelSettings
from trainer.demo.tasks import family
from trainer.demo.tasks.family import Split

QUESTIONS: dict[Split, int] = {"train": 160, "held-out": 28}
"""Of all levels in turn. The held-out questions are on a side of their own whatever the seed."""
COMPLETIONS: dict[Split, int] = {"train": 6, "held-out": 16}
"""From each step boundary."""
SOLUTIONS, KEEP = 8, 2
"""Sampled of each question, and labelled."""
_RESPONSE_TOKENS = 160
_SCORER_SECONDS = 600.0


def say(seed: int, split: Split, text: str) -> None:
    """Prints what is done."""
    print(f"seed {seed}, {split}: {text}", flush=True)


def make(folder: Path, seed: int) -> dict[Split, Path]:
    """Writes a file of labelled solutions for each side, or finds those of an earlier run.

    Args:
        folder: For the files.
        seed: Of the questions and of the sampling.

    Raises:
        EmbeddedServiceError: The scorer did not start.
        RunStoppedError: The scorer is away, or too many answers got no verdict.
    """
    files = {split: folder / f"{split}.jsonl" for split in QUESTIONS}
    missing = [split for split, file in files.items() if not file.exists()]
    if not missing:
        return files
    folder.mkdir(parents=True, exist_ok=True)
    policy = SHIPPED / POLICY
    model = AutoModelForCausalLM.from_pretrained(policy, dtype=torch.float32)
    with (
        EmbeddedService.start("scorer", log=folder / "scorer.log") as service,
        ScorerClient(service.address, timeout=_SCORER_SECONDS) as scorer,
    ):
        for split in missing:
            labeller = Labeller(
                model,
                load_tokenizer(policy),
                scorer,
                max_response_tokens=_RESPONSE_TOKENS,
                seed=2 * seed + (split == "train"),
            )
            problems = family.spread(QUESTIONS[split], split, Random(f"calibration {split} {seed}"))
            chosen = LabelSettings(
                questions=len(problems), solutions=SOLUTIONS, keep=KEEP, completions=COMPLETIONS[split],
                epochs=1, learning_rate=1,
            )  # fmt: skip
            data.write(files[split], labeller.label(problems, chosen, partial(say, seed, split)))
    return files
