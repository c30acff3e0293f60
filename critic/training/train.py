"""Training from Monte-Carlo labelled steps (arXiv 2412.18279, section 3.2)."""

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from accelerate import Accelerator

from codaserve.files import write_atomically
from critic.checkpoint import CheckpointError, Critic, check_replaceable, digest, is_checkpoint
from critic.encode import Encoder
from critic.engine.transformers import TransformersEngine
from critic.model import ValueModel
from critic.passes import passes
from critic.training.data import DataError, LabelledSolution, read
from critic.training.examples import Example, encode
from critic.training.optimize import TrainProgress, batches, optimize, pass_tokens
from critic.training.quality import Quality, measure
from critic.training.settings import TrainSettings
from critic.training.split import hold_out
from critic.tree import plant

_SURE = 0.01
"""A new head starts at the mean label, but no nearer to 0 or 1 than this, where the sigmoid is flat."""


class OutputError(CheckpointError):
    """The results cannot be written where they should be; found out before the training."""


@dataclass(frozen=True)
class TrainReport:
    """What came out. Also written to `report.json`."""

    checkpoint: Path
    """The new critic's folder."""
    identity: str
    """The new critic's identity."""
    updates: int
    """Optimizer steps."""
    solutions: int
    """Solutions trained on."""
    boundaries: int
    """Labelled boundaries trained on, in one epoch."""
    too_long: int
    """Solutions left out because they exceed `max_tokens`."""
    held_out: Quality | None
    """The new critic on the held-out prompts. None when nothing was held out."""
    constant: Quality | None
    """The mean of the training labels as the value of every state, on the same states: what has to be beaten."""
    seconds: float
    """From beginning to end."""


def train(settings: TrainSettings, *, on_progress: Callable[[TrainProgress], None] | None = None) -> TrainReport:
    """Trains a critic and writes it to `settings.output / "checkpoint"`, in place of an older one.

    Leaves torch's random state as it was. Under `accelerate launch` with several processes every process returns the
    report; the main one alone writes files and calls `on_progress`.

    Raises:
        DataError: The data cannot be used.
        CheckpointError: `base` cannot be read.
        OutputError: `output` cannot be written to, or its `checkpoint` is something else than a critic.
        TrainingError: The loss or its gradient stopped being finite; no checkpoint was written.
    """
    begin = time.monotonic()
    checkpoint = _checked_target(settings.output)
    with torch.random.fork_rng():
        torch.manual_seed(settings.seed)
        accelerator = _accelerator(settings)
        solutions, held_out = hold_out(read(settings.data), settings.held_out_share, settings.seed)
        mean = _mean_label(solutions)
        critic = _start(settings.base, mean)
        encoder = Encoder(critic.tokenizer, critic.separator)
        examples, too_long = encode(encoder, solutions, settings.max_tokens)
        unseen, too_long_unseen = encode(encoder, held_out, settings.max_tokens)
        if not examples:
            raise DataError(f"{settings.data}: nothing left to train on; raise max_tokens or lower held_out_share")
        updates = batches(examples, settings)
        _make(settings.output)
        _follow(critic.model, updates, settings, accelerator, on_progress)
        if accelerator.is_main_process:
            critic.facts = _facts(settings, critic.identity, len(updates), examples)
            critic.save(checkpoint)
        accelerator.wait_for_everyone()
        values = _evaluate(critic.model, unseen, pass_tokens(settings, accelerator.device))
    report = TrainReport(
        checkpoint=checkpoint,
        identity=digest(checkpoint),
        updates=len(updates),
        solutions=len(examples),
        boundaries=sum(example.labelled for example in examples),
        too_long=too_long + too_long_unseen,
        held_out=_quality(unseen, values),
        constant=_quality(unseen, [[mean] * len(row) for row in values]),
        seconds=time.monotonic() - begin,
    )
    if accelerator.is_main_process:
        content = {**asdict(report), "checkpoint": str(checkpoint)}
        write_atomically(settings.output / "report.json", json.dumps(content, indent=2) + "\n")
    return report


def _checked_target(output: Path) -> Path:
    checkpoint = output / "checkpoint"
    if output.exists() and not output.is_dir():
        raise OutputError(f"{output}: is a file; choose a folder")
    try:
        check_replaceable(checkpoint)
    except CheckpointError as error:
        raise OutputError(str(error)) from error
    except OSError as error:
        raise OutputError(f"{output}: cannot be written to: {error}") from error
    return checkpoint


def _make(output: Path) -> None:
    try:
        output.mkdir(parents=True, exist_ok=True)
        # Tried, since permissions alone do not tell: a file system may be read-only.
        with tempfile.TemporaryFile(dir=output):
            pass
    except OSError as error:
        raise OutputError(f"{output}: cannot be written to: {error}") from error


def _accelerator(settings: TrainSettings) -> Accelerator:
    cpu = settings.device == "cpu" or not torch.cuda.is_available()
    half = settings.precision == "bfloat16" or (settings.precision == "auto" and not cpu)
    return Accelerator(cpu=cpu, mixed_precision="bf16" if half else "no")


def _mean_label(solutions: Sequence[LabelledSolution]) -> float:
    labels = [value for solution in solutions for value in solution.values if value is not None]
    return sum(labels) / len(labels) if labels else 0.5


def _start(base: Path, mean: float) -> Critic:
    if is_checkpoint(base):
        return Critic.load(base)
    return Critic.from_language_model(base, mean=min(max(mean, _SURE), 1 - _SURE))


def _follow(
    model: ValueModel,
    updates: Sequence[list[Example]],
    settings: TrainSettings,
    accelerator: Accelerator,
    on_progress: Callable[[TrainProgress], None] | None,
) -> None:
    """Runs the updates; the main process writes each to metrics.jsonl as it is made."""
    if not accelerator.is_main_process:
        for _ in optimize(model, updates, settings, accelerator):
            pass
        return
    with (settings.output / "metrics.jsonl").open("w", encoding="utf-8", buffering=1) as metrics:
        for progress in optimize(model, updates, settings, accelerator):
            metrics.write(json.dumps(asdict(progress)) + "\n")
            if on_progress is not None:
                on_progress(progress)


def _facts(settings: TrainSettings, started_from: str, updates: int, examples: list[Example]) -> dict[str, object]:
    return {
        "started_from": started_from or settings.base.name,
        "updates": updates,
        "solutions": len(examples),
        "boundaries": sum(example.labelled for example in examples),
        "settings": settings.model_dump(mode="json", exclude={"data", "base", "output"}),
    }


def _evaluate(model: ValueModel, examples: Sequence[Example], max_tokens: int) -> list[list[float]]:
    engine = TransformersEngine(model.eval())
    values: list[list[float]] = [[] for _ in examples]
    for trees in passes([example.sequence for example in examples], max_tokens):
        results = engine.values([plant([examples[index].sequence for index in tree]) for tree in trees])
        for tree, rows in zip(trees, results, strict=True):
            for index, row in zip(tree, rows, strict=True):
                values[index] = row
    return values


def _quality(examples: Sequence[Example], values: Sequence[Sequence[float]]) -> Quality | None:
    pairs = [
        (value, target)
        for example, row in zip(examples, values, strict=True)
        for value, target in zip(row, example.targets, strict=True)
        if target == target
    ]
    # A final state shows its answer; ranking those is verification, which is not what a value is for.
    ranked = [
        (value, example.outcome)
        for example, row in zip(examples, values, strict=True)
        if example.outcome is not None
        for value in row[:-1]
    ]
    if not pairs:
        return None
    return measure(
        [value for value, _ in pairs],
        [target for _, target in pairs],
        [value for value, _ in ranked],
        [outcome for _, outcome in ranked],
    )
