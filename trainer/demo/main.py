"""`codaserve demo`: a small policy is trained on this machine against a live scorer and critic, and the gain shown."""

import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import torch
from rich.console import Console
from transformers.utils import logging as transformers_logging

from codaserve import ScorerClient, ScoringFailure, ServiceError
from codaserve.embedded import EmbeddedService, EmbeddedServiceError
from codaserve.settings import load
from critic.checkpoint import CheckpointError
from critic.training.errors import TrainingError
from trainer.demo import scratch
from trainer.demo.demonstration import DemoError, demonstrate
from trainer.demo.display import gain_table
from trainer.demo.settings import DemoSettings
from trainer.errors import RunStoppedError

RESULTS, REPORT = "results.json", "report.html"
MOST_THREADS = 4
FAILURES = (
    DemoError, CheckpointError, TrainingError, RunStoppedError,
    EmbeddedServiceError, ServiceError, ScoringFailure, OSError,
)  # fmt: skip
"""What a person can do something about; anything else is a fault of the program and keeps its traceback."""


def run(argv: Sequence[str]) -> int:
    """Runs `codaserve demo` and returns its exit status: 0 if it went through to its end, 130 when interrupted."""
    settings = load(DemoSettings, argv, prog="codaserve demo")
    console = Console(stderr=False)
    transformers_logging.disable_progress_bar()
    began = time.monotonic()

    def say(text: str) -> None:
        console.print(f"[{time.monotonic() - began:5.0f} s] {text}", soft_wrap=True, highlight=False, markup=False)

    try:
        with _terminable(), _threads(settings.threads):
            settings.output.mkdir(parents=True, exist_ok=True)
            return _from_scratch(settings, say) if settings.from_scratch else _demo(settings, console, say)
    except KeyboardInterrupt:
        say("interrupted; the services are stopped")
        return 130
    except FAILURES as error:
        print(f"codaserve demo: {error}", file=sys.stderr)
        return 1


def _demo(settings: DemoSettings, console: Console, say: Callable[[str], None]) -> int:
    results = demonstrate(settings, console, say)
    console.print(gain_table(results.levels))
    gain = results.levels[0].gain
    verdict = "clear of the noise" if results.clear else "NOT clear of the noise"
    say(f"gain {100 * gain.value:+.1f} points, 95% interval {100 * gain.low:+.1f} to {100 * gain.high:+.1f}: {verdict}")
    say(f"report in {settings.output / REPORT}, numbers in {settings.output / RESULTS}")
    return 0


def _from_scratch(settings: DemoSettings, say: Callable[[str], None]) -> int:
    with ExitStack() as stack:
        log = settings.output / "scorer.log"
        service = stack.enter_context(EmbeddedService.start("scorer", log=log))
        scorer = stack.enter_context(ScorerClient(service.address))
        scratch.make(settings, scorer, say)
    say(f"try them: codaserve demo --assets {settings.assets_folder}")
    return 0


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM ends the run as Ctrl-C does, so that the services are stopped."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count or min(before, MOST_THREADS))
    try:
        yield
    finally:
        torch.set_num_threads(before)
