"""Makes the policy, the base for critics and the critic from nothing: `codaserve demo --from-scratch`."""

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import torch
from transformers import AutoModelForCausalLM

from codaserve import ScorerClient
from codaserve.files import write_atomically
from codaserve.tokenizer import load_tokenizer
from critic.checkpoint import Critic
from critic.training import data
from critic.training.optimize import TrainProgress
from critic.training.train import train
from trainer.demo import model as policy_model
from trainer.demo import tokenizer as policy_tokenizer
from trainer.demo.base import Reader, teach
from trainer.demo.labels import Labeller
from trainer.demo.refresh import train_settings
from trainer.demo.settings import BASE, CRITIC, POLICY, BaseSettings, DemoSettings
from trainer.demo.tasks import family
from trainer.demo.tasks.problem import Checkable
from trainer.demo.warmup import Progress, warm_up

RECIPE = "training.json"
"""In the policy's and the base's folder: what it was made with. Written last, so that a folder with it is whole."""
SHOW_EVERY = 50
"""Steps of the warm-up between two lines."""


def make(settings: DemoSettings, scorer: ScorerClient, say: Callable[[str], None]) -> None:
    """Writes `policy`, `base` and `critic` below `settings.assets_folder`.

    A policy or base that an interrupted run with the same settings finished there is kept.

    Args:
        settings: `seed` decides everything that is drawn by chance.
        scorer: Judges the completions that the critic learns from.
        say: Told what is done.
    """
    began = time.monotonic()
    policy, base = settings.assets_folder / POLICY, settings.assets_folder / BASE
    recipe = {"seed": settings.seed, **settings.scratch.model_dump(exclude={"base", "critic"})}

    def keep_or_make(folder: Path, recipe: dict[str, Any], make: Callable[[], None]) -> None:
        text = json.dumps(recipe, indent=1) + "\n"
        if (folder / RECIPE).is_file() and (folder / RECIPE).read_text() == text:
            say(f"{folder} is there already, of the same settings; delete it to make it again")
            return
        make()
        write_atomically(folder / RECIPE, text)
        say(f"{folder} written after {time.monotonic() - began:.0f} s")

    keep_or_make(policy, recipe, lambda: _make_policy(settings, policy, say))
    recipe = {"policy": recipe, **settings.scratch.base.model_dump()}
    draw = partial(family.practice, False)
    keep_or_make(base, recipe, lambda: make_base(policy, base, draw, settings.scratch.base, settings.seed, say))
    boundaries = _make_critic(settings, policy, base, settings.assets_folder / CRITIC, scorer, say)
    say(f"critic of {boundaries} states written beside it; {time.monotonic() - began:.0f} s in all")


def _make_policy(settings: DemoSettings, folder: Path, say: Callable[[str], None]) -> None:
    torch.manual_seed(settings.seed)
    tokenizer = policy_tokenizer.build()
    model = policy_model.build(tokenizer)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    say(f"warming up a policy of {parameters / 1e6:.2f}M parameters on {settings.scratch.steps} batches")

    def show(progress: Progress) -> None:
        if progress.step % SHOW_EVERY == 0 or progress.step == progress.steps:
            say(f"warm-up {progress.step}/{progress.steps}  loss {progress.loss:.3f}  {progress.seconds:.0f} s")

    warm_up(
        model, tokenizer, family.practice, steps=settings.scratch.steps, lr=settings.scratch.learning_rate,
        slips=settings.scratch.slips, seed=settings.seed, on_progress=show,
    )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def make_base(
    policy: Path,
    folder: Path,
    draw: Callable[[Random], Checkable],
    chosen: BaseSettings,
    seed: int,
    say: Callable[[str], None],
) -> None:
    """Writes the base for critics of a policy.

    Args:
        policy: The policy's folder.
        folder: Takes the base.
        draw: A random problem, to be worked on for the base to learn from.
        chosen: How it is taught.
        seed: Of all that is drawn by chance.
        say: Told what is done.
    """
    torch.manual_seed(seed)
    tokenizer = load_tokenizer(policy)
    reader = Reader(AutoModelForCausalLM.from_pretrained(policy, dtype=torch.float32))
    parameters = sum(parameter.numel() for parameter in reader.base.parameters())
    say(f"teaching a base of {parameters / 1e6:.2f}M parameters on {chosen.steps} batches")

    def show(progress: Progress) -> None:
        if progress.step % SHOW_EVERY == 0 or progress.step == progress.steps:
            say(f"base {progress.step}/{progress.steps}  loss {progress.loss:.3f}  {progress.seconds:.0f} s")

    teach(
        reader, tokenizer, draw, steps=chosen.steps, lr=chosen.learning_rate,
        slips=chosen.slips, seed=seed, on_progress=show,
    )  # fmt: skip
    reader.critic(tokenizer).save(folder)


def _make_critic(
    settings: DemoSettings, policy: Path, base: Path, folder: Path, scorer: ScorerClient, say: Callable[[str], None]
) -> int:
    """Returns the number of labelled states that it was trained on."""
    model = AutoModelForCausalLM.from_pretrained(policy, dtype=torch.float32)
    labeller = Labeller(
        model, load_tokenizer(policy), scorer, max_response_tokens=settings.max_response_tokens, seed=settings.seed
    )
    chosen = settings.scratch.critic
    problems = family.spread(chosen.questions, "train", Random(f"critic {settings.seed}"))
    work = settings.output / "scratch"
    work.mkdir(parents=True, exist_ok=True)
    data.write(work / "labels.jsonl", labeller.label(problems, chosen, say))

    def show(progress: TrainProgress) -> None:
        if progress.update % SHOW_EVERY == 0 or progress.update == progress.updates:
            say(f"critic {progress.update}/{progress.updates}  loss {progress.loss:.3f}")

    report = train(
        train_settings(
            work / "labels.jsonl", base, work,
            epochs=chosen.epochs, learning_rate=chosen.learning_rate, seed=settings.seed,
        ),
        on_progress=show,
    )  # fmt: skip
    Critic.load(report.checkpoint, dtype=torch.bfloat16).save(folder)
    return report.boundaries
