"""Training from Monte-Carlo labelled steps (arXiv 2412.18279, section 3.2)."""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState

from critic.checkpoint import Critic, digest, is_checkpoint
from critic.encode import Encoder
from critic.training import calibrate, held_out, lora, output, report, states
from critic.training.data import DataError, read
from critic.training.examples import Example, encode
from critic.training.optimize import TrainProgress, batches, optimize, pass_tokens
from critic.training.quality import Quality
from critic.training.report import TrainReport
from critic.training.settings import TrainSettings
from critic.training.split import hold_out
from critic.training.states import States

_SURE = 0.01
"""A new head starts at the mean label, but no nearer to 0 or 1 than this, where the sigmoid is flat."""
_FREE = {"data", "held_out_data", "base", "output", "resume", "save_every", "baselines", "max_tokens_per_pass"}
"""Settings that may differ when a run is resumed; what is at the first three is compared in their place."""


def train(settings: TrainSettings, *, on_progress: Callable[[TrainProgress], None] | None = None) -> TrainReport:
    """Trains a critic and writes it to `settings.output / "checkpoint"`, in place of an older one.

    Leaves torch's random state as it was. Under `accelerate launch` with several processes every process returns the
    report; the main one alone writes the results and calls `on_progress`, with the updates of the critic and then, if
    it is asked for, with those of the one trained on outcomes.

    Raises:
        DataError: The data cannot be used.
        CheckpointError: `base` cannot be read.
        OutputError: `output` cannot be written to, its `checkpoint` is something else than a critic, or what is there
            to resume is of another run.
        TrainingError: The loss or its gradient stopped being finite; no checkpoint was written.
    """
    begin = time.monotonic()
    output.check(settings.output, resume=settings.resume)
    checkpoint = settings.output / output.CHECKPOINT
    with torch.random.fork_rng():
        accelerator = _accelerator(settings)
        material, critic = _read(settings)
        if accelerator.is_main_process:
            output.prepare(settings.output, resume=settings.resume)
        accelerator.wait_for_everyone()
        run = _Run(settings, accelerator, _identity(settings, material), on_progress)
        calibration = run.calibrate(critic, material.examples)
        updates = run.fit(critic, material.examples, "critic")
        if accelerator.is_main_process:
            critic.facts = {**_facts(settings, critic, updates, material.examples), **calibration}
            with output.writing(checkpoint, settings):
                critic.save(checkpoint)
        accelerator.wait_for_everyone()
        measured = run.measure(critic, material.unseen)
        del critic  # memory for one is enough
        result = TrainReport(
            checkpoint=checkpoint,
            identity=digest(checkpoint),
            updates=updates,
            solutions=len(material.examples),
            boundaries=sum(example.labelled for example in material.examples),
            too_long=material.too_long,
            held_out=held_out.quality(material.unseen, measured),
            constant=held_out.quality(material.unseen, _constant(material)),
            outcome_only=_outcome_only(run, material) if settings.baselines else None,
            seconds=time.monotonic() - begin,
        )
    if accelerator.is_main_process:
        with output.writing(settings.output, settings):
            report.write(result, settings.output)
        states.remove(settings.output / states.FOLDER)
    return result


@dataclass(frozen=True)
class _Material:
    """What is trained and measured on."""

    examples: list[Example]
    unseen: list[Example]
    too_long: int


@dataclass(frozen=True)
class _Run:
    """What the critics of a run have in common."""

    settings: TrainSettings
    accelerator: Accelerator
    identity: dict[str, Any]
    on_progress: Callable[[TrainProgress], None] | None

    def fit(self, critic: Critic, examples: list[Example], stage: str) -> int:
        """Trains a critic and returns the number of updates. Every one of a run is trained alike."""
        torch.manual_seed(self.settings.seed)
        if self.settings.lora.rank:
            lora.adapt(critic.model, self.settings.lora)
        # Processes have the same weights, but drop different ones out.
        torch.manual_seed(self.settings.seed + self.accelerator.process_index)
        kept = States(
            self.settings.output / states.FOLDER, stage, self.identity, self.settings.save_every, self.settings.resume
        )
        updates = batches(examples, self.settings)
        progress = optimize(critic.model, updates, self.settings, self.accelerator, kept)
        if self.accelerator.is_main_process:
            metrics = output.Metrics(self.settings.output / output.METRICS[stage])
            for update in progress:
                with output.writing(self.settings.output, self.settings):
                    metrics.add(update)
                if self.on_progress is not None:
                    self.on_progress(update)
            metrics.close()
        else:
            for _ in progress:
                pass
        if self.settings.lora.rank:
            lora.merge(critic.model)
        self.accelerator.free_memory()
        return len(updates)

    def calibrate(self, critic: Critic, examples: list[Example]) -> dict[str, Any]:
        """Fits the base's logits to the labels, if that is asked for, and says how."""
        if not self.settings.calibrate_base:
            return {}
        scale, offset = calibrate.calibrate(critic.model, examples, self.measure(critic, examples))
        return {"calibration": {"scale": scale, "offset": offset}}

    def measure(self, critic: Critic, examples: Sequence[Example]) -> list[list[float]]:
        """The critic's values of these."""
        return held_out.values_of(critic.model, examples, pass_tokens(self.settings, self.accelerator.device))


def _read(settings: TrainSettings) -> tuple[_Material, Critic]:
    solutions = read(settings.data, settings.data_kind)
    if settings.held_out_data is None:
        solutions, unseen = hold_out(solutions, settings.held_out_share, settings.seed)
    else:
        unseen = read(settings.held_out_data, settings.data_kind)
        if shared := {solution.prompt for solution in unseen} & {solution.prompt for solution in solutions}:
            raise DataError(f"{settings.held_out_data}: {len(shared)} of its prompts are in the training data, too")
    critic = _start(settings.base, [value for solution in solutions for value in solution.values if value is not None])
    encoder = Encoder(critic.tokenizer, critic.separator)
    examples, too_long = encode(encoder, solutions, settings.max_tokens)
    unseen_examples, too_long_unseen = encode(encoder, unseen, settings.max_tokens)
    if not examples:
        raise DataError(f"{settings.data}: nothing left to train on; raise max_tokens or lower held_out_share")
    if settings.baselines and all(example.outcome is None for example in examples):
        raise DataError(f"{settings.data}: no solution has an outcome, 0 or 1 as its last value, for the baseline")
    return _Material(examples, unseen_examples, too_long + too_long_unseen), critic


def _accelerator(settings: TrainSettings) -> Accelerator:
    cpu = settings.device == "cpu" or not torch.cuda.is_available()
    half = settings.precision == "bfloat16" or (settings.precision == "auto" and not cpu)
    # A process may train again in another precision, which accelerate refuses as long as it remembers the first.
    AcceleratorState._reset_state()
    return Accelerator(cpu=cpu, mixed_precision="bf16" if half else "no")


def _start(base: Path, labels: Sequence[float]) -> Critic:
    if is_checkpoint(base):
        return Critic.load(base)
    mean = sum(labels) / len(labels) if labels else 0.5
    return Critic.from_language_model(base, mean=min(max(mean, _SURE), 1 - _SURE))


def _constant(material: _Material) -> list[list[float]]:
    mean = held_out.mean_target(material.examples)
    return [[mean] * len(example.targets) for example in material.unseen]


def _outcome_only(run: _Run, material: _Material) -> Quality | None:
    examples = [example.with_outcome() for example in material.examples if example.outcome is not None]
    critic = _start(run.settings.base, [target for example in examples for target in example.targets])
    run.calibrate(critic, examples)
    run.fit(critic, examples, "outcome_only")
    return held_out.quality(material.unseen, run.measure(critic, material.unseen))


def _identity(settings: TrainSettings, material: _Material) -> dict[str, Any]:
    """What a run is: another one cannot go on from its states."""
    content = [(example.sequence.tokens, example.sequence.boundaries, example.targets) for example in material.examples]
    return {
        **settings.model_dump(mode="json", exclude=_FREE),
        "base": digest(settings.base) if settings.save_every or settings.resume else "",
        "data": hashlib.sha256(repr(content).encode()).hexdigest()[:16],
    }


def _facts(settings: TrainSettings, critic: Critic, updates: int, examples: list[Example]) -> dict[str, object]:
    started_from = critic.identity or settings.base.name
    return {
        "started_from": started_from,
        "lineage": [*critic.facts.get("lineage", ()), started_from],
        "updates": updates,
        "solutions": len(examples),
        "boundaries": sum(example.labelled for example in examples),
        "settings": settings.model_dump(mode="json", exclude={"data", "held_out_data", "base", "output"}),
    }
