"""The demo from the first service to the last figure."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

import torch
from rich.console import Console
from transformers import AutoModelForCausalLM

from codaserve import CriticClient, ScorerClient
from codaserve.embedded import EmbeddedService
from codaserve.tokenizer import load_tokenizer
from trainer.demo.display import Display, refresh_line
from trainer.demo.refresh import refresh
from trainer.demo.results import Results, level_gains
from trainer.demo.settings import CRITIC, POLICY, DemoSettings
from trainer.demo.tasks import family
from trainer.demo.training import trainer_settings
from trainer.loop import train
from trainer.page.page import write_page

RUN = "run"
"""Folder of the training run in the output."""
TASKS = ("train.jsonl", "held-out.jsonl")
HELD_OUT_SEED = 20_260_607
"""The held-out questions are the same for every seed of the demo."""


class DemoError(Exception):
    """The demo cannot be run or did not come to its end; the text says why and what would help."""


def demonstrate(settings: DemoSettings, console: Console, say: Callable[[str], None]) -> Results:
    """Refreshes the critic, trains the policy, and writes results.json and report.html to `settings.output`.

    Args:
        settings: The demo's.
        console: Shows the training.
        say: Told what is done, part by part.

    Raises:
        DemoError: The assets are missing.
        EmbeddedServiceError: A service did not start.
        ServiceError: A service cannot be reached any more.
    """
    policy, critic_checkpoint = settings.assets_folder / POLICY, settings.assets_folder / CRITIC
    for folder in (policy, critic_checkpoint):
        if not (folder / "config.json").is_file():
            raise DemoError(f"{folder}: no model there; make one with codaserve demo --from-scratch")
    results = Results(seed=settings.seed)
    began = time.monotonic()
    output = settings.output
    # An earlier run's training is not continued: the demo shows a whole one.
    shutil.rmtree(output / RUN, ignore_errors=True)
    with ExitStack() as stack:
        with _timed(results, "services"):
            scorer_service = stack.enter_context(EmbeddedService.start("scorer", log=output / "scorer.log"))
            arguments = ["--checkpoint", str(critic_checkpoint), "--device", "cpu", "--threads", "1"]
            critic_service = stack.enter_context(EmbeddedService.start("critic", arguments, log=output / "critic.log"))
            scorer = stack.enter_context(ScorerClient(scorer_service.address))
            critic = stack.enter_context(CriticClient(critic_service.address, on_failure="raise"))
        say(f"scorer at {scorer_service.address}, critic at {critic_service.address}")
        with _timed(results, "refresh"):
            tokenizer = load_tokenizer(policy)
            model = AutoModelForCausalLM.from_pretrained(policy, dtype=torch.float32)
            results.refresh = refresh(
                model, tokenizer, scorer, critic,
                base=critic_checkpoint, folder=output / "refresh", settings=settings.refresh,
                max_response_tokens=settings.max_response_tokens, seed=settings.seed, on_progress=say,
            )  # fmt: skip
            del model
        say(refresh_line(results.refresh))
        _write_tasks(settings, output)
        display = Display(console, results, settings.steps)
        with _timed(results, "training"), display.training():
            train(
                trainer_settings(settings, policy, scorer_service.address, critic_service.address),
                observers=[display],
            )
    results.levels = level_gains(display.evaluations["before"], display.evaluations["after"])
    with _timed(results, "report"):
        write_page([output / RUN], output / "report.html")
    results.seconds["total"] = time.monotonic() - began
    results.write(output / "results.json")
    return results


def _write_tasks(settings: DemoSettings, output: Path) -> None:
    train_file, held_out_file = (output / name for name in TASKS)
    rng = Random(f"questions {settings.seed}")
    count = settings.steps * settings.questions
    problems = [family.draw(family.LEVELS[index % len(family.LEVELS)], "train", rng) for index in range(count)]
    family.write_tasks(train_file, problems, prefix="train")
    rng = Random(HELD_OUT_SEED)
    held_out = [
        problem for level in family.LEVELS for problem in family.distinct(level, "held-out", settings.held_out, rng)
    ]
    family.write_tasks(held_out_file, held_out, prefix="held-out")


@contextmanager
def _timed(results: Results, part: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    results.seconds[part] = time.monotonic() - began
