"""Steps, evaluations and checkpoints of a run, whatever its objective."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from accelerate import Accelerator

from trainer import chance, checkpoint
from trainer.checkpoint import Saved
from trainer.errors import DivergedError, PeerLostError, RunStoppedError, SaveError
from trainer.evaluate import run_evaluation
from trainer.folder import checkpoints
from trainer.gather import Gatherer
from trainer.groups import Group
from trainer.peers import Peers
from trainer.report.reports import EvaluationReport, StepReport, TrainReport
from trainer.report.telling import telling_stops
from trainer.result import save_policy
from trainer.rollout.engine import Sampling
from trainer.settings import TrainerSettings
from trainer.sharding import Collected, is_finite
from trainer.state import RunState
from trainer.tasks import Question
from trainer.timing import Stopwatch


class Told(Protocol):
    """What is told of a run."""

    def on_evaluation(self, report: EvaluationReport) -> None:
        """After each evaluation."""

    def on_event(self, text: str) -> None:
        """Something that a person should know."""

    def sync(self) -> None:
        """Puts on disk what was told, before a checkpoint that counts on it."""


@dataclass
class Runner:
    """What a run keeps."""

    settings: TrainerSettings
    accelerator: Accelerator
    peers: Peers
    model: Any
    """Prepared by accelerate, as its optimizer is."""
    optimizer: Any
    tokenizer: Any
    state: RunState
    fingerprints: Mapping[str, str]
    """Of what is trained and evaluated on."""
    held_out: Sequence[Question]
    told: Told
    evaluations: list[EvaluationReport] = field(default_factory=list, init=False)

    def load(self, saved: Saved | None) -> None:
        """Puts back what a checkpoint has, and says where the run goes on.

        Raises:
            checkpoint.ResumeError: It cannot be read.
        """
        if saved is not None:
            keep = self.settings.checkpoint.keep
            options: dict[str, Any] = {"keep": keep, "model": self.model, "optimizer": self.optimizer}
            self.peers.agree(lambda: checkpoint.load(saved, self.accelerator, peers=self.peers, **options))
            half = ", between its two updates" if self.state.half else ""
            self.told.on_event(f"resumed from {saved.folder}, after step {self.state.step}{half}")
        elif self.settings.resume:
            self.told.on_event("no checkpoint yet, the run begins again")

    def run(
        self, steps: int, step: Callable[[], StepReport | None], gatherer: Gatherer, *, evaluate_before: bool = True
    ) -> TrainReport:
        """Makes all steps that are left, evaluates, and saves what is to be kept; tells why, if that fails.

        Args:
            steps: Of the whole run.
            step: Makes one, moves the state on and tells of it.
            gatherer: Answers the held-out questions.
            evaluate_before: Whether they are answered before the first step as well.

        Raises:
            RunStoppedError: What the steps raise; `checkpoint` says what the run goes on from.
            SaveError: The disk is full or fails; the checkpoints before are untouched.
        """
        if self.state.step >= steps:
            self.told.on_event(f"the run is at step {self.state.step} already, of {steps} asked for")
        with telling_stops(self.told.on_event):
            last = self._steps_or_saved(steps, step, gatherer, evaluate_before=evaluate_before)
            collected = Collected.of(self.model, self.optimizer, main=self.peers.main)
            save = partial(save_policy, self.settings, self.accelerator, self.model, self.tokenizer, collected)
            return TrainReport(self.state.step, str(self.peers.first(save)), self.evaluations, last)

    def _steps_or_saved(
        self, steps: int, step: Callable[[], StepReport | None], gatherer: Gatherer, *, evaluate_before: bool
    ) -> StepReport | None:
        """As `_steps`; what can be saved of a run that stops is saved."""
        try:
            return self._steps(steps, step, gatherer, evaluate_before=evaluate_before)
        except (DivergedError, PeerLostError) as error:
            error.checkpoint = self._newest()
            raise
        except RunStoppedError as error:
            try:
                error.checkpoint = self._save()
            except (SaveError, DivergedError, PeerLostError) as unsaved:  # why the run stopped matters more
                error.unsaved = str(unsaved)
                error.checkpoint = self._newest()
            raise

    def _steps(
        self, steps: int, step: Callable[[], StepReport | None], gatherer: Gatherer, *, evaluate_before: bool
    ) -> StepReport | None:
        """The report of the last step, if any was made."""
        last = None
        if evaluate_before or self.state.step:
            self._evaluate_if_due(steps, gatherer)
        while self.state.step < steps:
            last = step()
            self._evaluate_if_due(steps, gatherer)
            if self.state.step % self.settings.checkpoint.every == 0 or self.state.step == steps:
                self._save()
        return last

    def _evaluate_if_due(self, steps: int, gatherer: Gatherer) -> None:
        step, every = self.state.step, self.settings.evaluate.every
        due = step in (0, steps) or (every > 0 and step % every == 0)
        if not self.held_out or not due or self.state.evaluated == step or self.state.half is not None:
            return
        samples = self.settings.evaluate.samples
        answer = partial(self._answer, gatherer)
        report = run_evaluation(answer, gatherer.retries, step=step, steps=steps, samples=samples)
        self.state.evaluated = step
        if report is None:
            self.told.on_event(f"evaluation after step {step}: no answer got a verdict")
            return
        self.evaluations.append(report)
        self.peers.first(partial(self.told.on_evaluation, report))

    def _answer(self, gatherer: Gatherer) -> list[Group]:
        """Every evaluation draws from the same chance, so that two of one policy are equal."""
        evaluate = self.settings.evaluate
        sampling = Sampling(
            chance.derive(self.settings.seed, "rollouts", "evaluation"),
            self.settings.rollout.max_response_tokens,
            evaluate.temperature,
        )
        return gatherer.gather(
            self.held_out,
            evaluate.samples,
            sampling,
            f"evaluation-{self.state.step}",
            Stopwatch(),
            version=self.state.updates,
            value=False,
        )

    def _save(self) -> Path:
        self.peers.agree(self._refuse_diverged)
        states = self.peers.gather(chance.capture())
        collected = Collected.of(self.model, self.optimizer, main=self.peers.main)

        def save() -> Path:
            self.told.sync()
            return checkpoint.save(
                checkpoints(self.settings.output_dir),
                self.accelerator,
                self.model,
                self.tokenizer,
                state=self.state,
                settings=self.settings,
                questions=dict(self.fingerprints),
                keep=self.settings.checkpoint.keep,
                others=states[1:],
                collected=collected,
            )

        return self.peers.first(save)

    def _newest(self) -> Path | None:
        return checkpoint.newest(checkpoints(self.settings.output_dir))

    def _refuse_diverged(self) -> None:
        if not is_finite(self.model):
            raise DivergedError("the training diverged: weights are not finite; lower optimizer.learning_rate")
