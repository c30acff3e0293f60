"""A training run from its settings to its report."""

from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from accelerate import Accelerator

from trainer import chance, checkpoint
from trainer.assemble import current_policy, make_accelerator, make_optimizer
from trainer.checkpoint import Saved
from trainer.errors import DivergedError, RunStoppedError, SaveError
from trainer.evaluate import run_evaluation
from trainer.folder import checkpoints, claimed, record
from trainer.gather import Gatherer
from trainer.groups import Group
from trainer.reference import load_reference
from trainer.report.metrics import MetricsLog
from trainer.report.reports import EvaluationReport, Observer, StepReport, TrainReport
from trainer.report.trackers import Trackers, check_installed
from trainer.result import save_policy
from trainer.rewards.marking import Marking
from trainer.rollout.build import rollout_engine
from trainer.rollout.engine import Sampling
from trainer.services import Services, connect
from trainer.settings import TrainerSettings
from trainer.state import RunState
from trainer.step import Stepper
from trainer.tasks import Question, fingerprint, load_questions
from trainer.timing import Stopwatch
from trainer.update import Updater

__all__ = ["Observer", "train"]


def train(settings: TrainerSettings, *, observers: Sequence[Observer] = ()) -> TrainReport:
    """Trains a policy; returns when all steps are done.

    Args:
        settings: Everything about the run.
        observers: Told of each step, evaluation and event, besides the files in output_dir.

    Raises:
        codaserve.settings.ConfigurationError: Settings, questions, model or output_dir cannot be used.
        codaserve.embedded.EmbeddedServiceError: A scorer, critic or rollout server of the run's own did not start.
        RunStoppedError: The scorer is away or too few rollouts got a verdict; a checkpoint was written, or `unsaved`
            says why not.
        DivergedError: Loss, gradient or weights are not finite; no checkpoint of that was written.
        SaveError: The disk is full or fails; the checkpoints before are untouched.
    """
    with claimed(settings) as saved:
        chance.seed_everything(settings.seed)
        check_installed(settings.tracking)
        accelerator = make_accelerator(settings)
        model, tokenizer = current_policy(settings, saved)
        limit = settings.rollout.max_prompt_tokens
        tasks = [reward.name for reward in settings.rewards if reward.kind == "task"]
        questions, dropped = load_questions(
            settings.tasks, settings.tasks, tokenizer, max_prompt_tokens=limit, rewards=tasks
        )
        held_out: list[Question] = []
        dropped_held_out = 0
        if settings.evaluate.given:
            held_out, dropped_held_out = load_questions(
                settings.evaluate, settings.tasks, tokenizer, max_prompt_tokens=limit
            )
        if saved:
            checkpoint.check(saved, settings, _fingerprints(questions, held_out))
        state = saved.state if saved else RunState()
        with (
            closing(MetricsLog(settings.output_dir, step=state.step, evaluated=state.evaluated)) as log,
            closing(Trackers(accelerator, settings, step=state.step)) as trackers,
        ):
            telling = _Telling([log, trackers, *observers])
            valuing = settings.critic if settings.uses_critic else None
            others = {reward.name: reward.addresses for reward in settings.rewards if reward.addresses}
            with connect(settings.scorer, valuing, settings.output_dir, telling.on_event, others) as services:
                run = _Run(settings, accelerator, model, tokenizer, services, questions, held_out, state, log, telling)
                record(settings)
                if dropped or dropped_held_out:
                    telling.on_event(
                        f"left out {dropped} training and {dropped_held_out} held-out questions: prompts of more than "
                        f"{limit} tokens"
                    )
                with closing(run.engine):
                    return run.go(saved)


def _fingerprints(questions: Sequence[Question], held_out: Sequence[Question]) -> dict[str, str]:
    return {"training": fingerprint(questions), "held-out": fingerprint(held_out)}


class _Telling:
    """Passes everything on to several observers."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = observers

    def on_step(self, report: StepReport) -> None:
        for observer in self._observers:
            observer.on_step(report)

    def on_evaluation(self, report: EvaluationReport) -> None:
        for observer in self._observers:
            observer.on_evaluation(report)

    def on_event(self, text: str) -> None:
        for observer in self._observers:
            observer.on_event(text)


class _Run:
    """The loop over steps, evaluations and checkpoints."""

    def __init__(
        self,
        settings: TrainerSettings,
        accelerator: Accelerator,
        model: Any,
        tokenizer: Any,
        services: Services,
        questions: Sequence[Question],
        held_out: Sequence[Question],
        state: RunState,
        log: MetricsLog,
        telling: _Telling,
    ) -> None:
        self.settings = settings
        self.accelerator = accelerator
        self.model, optimizer = accelerator.prepare(model, make_optimizer(model, settings))
        self.tokenizer = tokenizer
        self.held_out = held_out
        self.questions = questions
        self.state = state
        self.log = log
        self.telling = telling
        self.engine = rollout_engine(settings, accelerator, self.model, tokenizer, telling.on_event)
        others = {name: partial(services.score_reward, name) for name in services.others}
        marking = Marking(settings.rewards, settings.objective.truncated, others)
        self.gatherer = Gatherer(self.engine, services, settings.scorer.max_unscored_share, marking)
        self.stepper = Stepper(
            settings,
            Updater(accelerator, self.model, optimizer, settings, load_reference(settings, accelerator, self.model)),
            self.gatherer,
            questions,
            telling.on_event,
        )
        self.evaluations: list[EvaluationReport] = []

    def go(self, saved: Saved | None) -> TrainReport:
        if saved is not None:
            checkpoint.load(saved, self.accelerator, keep=self.settings.checkpoint.keep)
            half = ", between its two updates" if self.state.half else ""
            self.telling.on_event(f"resumed from {saved.folder}, after step {self.state.step}{half}")
        elif self.settings.resume:
            self.telling.on_event("no checkpoint yet, the run begins again")
        if self.state.step >= self.settings.steps:
            self.telling.on_event(f"the run is at step {self.state.step} already, of {self.settings.steps} asked for")
        last = None
        try:
            self._evaluate_if_due()
            while self.state.step < self.settings.steps:
                last = self.stepper.run(self.state)
                self.telling.on_step(last)
                self._evaluate_if_due()
                if self.state.step % self.settings.checkpoint.every == 0 or self.state.step == self.settings.steps:
                    self._save()
        except DivergedError as error:
            error.checkpoint = checkpoint.newest(checkpoints(self.settings.output_dir))
            raise
        except RunStoppedError as error:
            try:
                error.checkpoint = self._save()
            except (SaveError, DivergedError) as unsaved:  # why the run stopped matters more
                error.unsaved = str(unsaved)
                error.checkpoint = checkpoint.newest(checkpoints(self.settings.output_dir))
            raise
        model = save_policy(self.settings, self.accelerator, self.model, self.tokenizer)
        return TrainReport(self.state.step, str(model), self.evaluations, last)

    def _evaluate_if_due(self) -> None:
        step, every = self.state.step, self.settings.evaluate.every
        due = step in (0, self.settings.steps) or (every > 0 and step % every == 0)
        if not self.held_out or not due or self.state.evaluated == step or self.state.half is not None:
            return
        samples, retries = self.settings.evaluate.samples, self.gatherer.services.retries
        report = run_evaluation(self._answer_held_out, retries, step=step, steps=self.settings.steps, samples=samples)
        self.state.evaluated = step
        if report is None:
            self.telling.on_event(f"evaluation after step {step}: no answer got a verdict")
            return
        self.evaluations.append(report)
        self.telling.on_evaluation(report)

    def _answer_held_out(self) -> list[Group]:
        """Every evaluation draws from the same chance, so that two of one policy are equal."""
        evaluate = self.settings.evaluate
        sampling = Sampling(
            chance.derive(self.settings.seed, "rollouts", "evaluation"),
            self.settings.rollout.max_response_tokens,
            evaluate.temperature,
        )
        return self.gatherer.gather(
            self.held_out,
            evaluate.samples,
            sampling,
            f"evaluation-{self.state.step}",
            Stopwatch(),
            version=self.state.updates,
            value=False,
        )

    def _save(self) -> Path:
        if not all(bool(parameter.isfinite().all()) for parameter in self.model.parameters()):
            raise DivergedError("the training diverged: weights are not finite; lower optimizer.learning_rate")
        self.log.sync()
        return checkpoint.save(
            checkpoints(self.settings.output_dir),
            self.accelerator,
            self.model,
            self.tokenizer,
            state=self.state,
            settings=self.settings,
            questions=_fingerprints(self.questions, self.held_out),
            keep=self.settings.checkpoint.keep,
        )
