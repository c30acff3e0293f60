"""`codaserve train` with objective.kind dapo: from collected data to a trained policy."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from accelerate import Accelerator

from codaserve.settings import ConfigurationError
from trainer import chance, checkpoint
from trainer.assemble import current_policy, make_accelerator, make_optimizer
from trainer.checkpoint import ResumeError, Saved
from trainer.dapo.actor import Actor, pair_batch
from trainer.dapo.batches import batches
from trainer.dapo.log import OfflineLog, OfflineTrackers
from trainer.dapo.passes import Passes, packs
from trainer.dapo.prepare import describe, prepare
from trainer.dapo.reports import OfflineObserver, PairsReport
from trainer.dapo.source import Source, check_reference, open_source
from trainer.dapo.store import Triples, digest
from trainer.errors import DivergedError, RunStoppedError, SaveError
from trainer.evaluate import run_evaluation
from trainer.folder import checkpoints, claimed
from trainer.gather import Gatherer
from trainer.groups import Group
from trainer.report.reports import EvaluationReport, TrainReport
from trainer.report.trackers import check_installed
from trainer.result import save_policy
from trainer.rollout.build import rollout_engine
from trainer.rollout.engine import Sampling
from trainer.schedule import learning_rate
from trainer.services import connect
from trainer.settings import TrainerSettings
from trainer.state import RunState
from trainer.tasks import Question, fingerprint, load_questions
from trainer.timing import Stopwatch

FOLDER = "triples"
"""Of the triples, in output_dir."""


def train(
    settings: TrainerSettings, *, observers: Sequence[OfflineObserver] = (), evaluate_before: bool = True
) -> TrainReport:
    """Makes the triples and trains a policy on them; returns when all epochs are done.

    Args:
        settings: Everything about the run; objective.kind is dapo.
        observers: Told of each part of the triples, step, evaluation and event, besides the files in output_dir.
        evaluate_before: Whether the held-out questions, if there are any, are answered before the first step as well.

    Raises:
        codaserve.settings.ConfigurationError: Settings, data, model or output_dir cannot be used.
        codaserve.embedded.EmbeddedServiceError: A scorer or critic of the run's own did not start.
        RunStoppedError: A service is away, or too few answers got a verdict; `checkpoint` says what the run goes on
            from.
        DivergedError: Loss, gradient or weights are not finite; no checkpoint of that was written.
        SaveError: The disk is full or fails; the checkpoints before are untouched.
    """
    accelerator = make_accelerator(settings)
    if accelerator.num_processes > 1:
        raise ConfigurationError("objective.kind dapo trains in one process, and this was launched with several")
    with claimed(settings) as saved:
        chance.seed_everything(settings.seed)
        check_installed(settings.tracking)
        assert settings.dapo.data is not None
        source = open_source(settings.dapo.data)
        check_reference(source, settings.model.path)
        model, tokenizer = current_policy(settings, saved)
        held_out = _held_out(settings, tokenizer)
        state = saved.state if saved else RunState()
        with (
            closing(OfflineLog(settings.output_dir, saved.state if saved else None)) as log,
            closing(OfflineTrackers(accelerator, settings, step=state.step)) as trackers,
        ):
            everybody: list[OfflineObserver] = [log, trackers, *observers]
            run = _Run(settings, accelerator, model, tokenizer, source, held_out, state, log, everybody)
            return run.go(saved, evaluate_before=evaluate_before)


def _held_out(settings: TrainerSettings, tokenizer: Any) -> list[Question]:
    if not settings.evaluate.given:
        return []
    limit = settings.rollout.max_prompt_tokens
    return load_questions(settings.evaluate, settings.tasks, tokenizer, max_prompt_tokens=limit)[0]


class _Run:
    """The loop over steps, evaluations and checkpoints, and what comes before."""

    def __init__(
        self,
        settings: TrainerSettings,
        accelerator: Accelerator,
        model: Any,
        tokenizer: Any,
        source: Source,
        held_out: Sequence[Question],
        state: RunState,
        log: OfflineLog,
        observers: Sequence[OfflineObserver],
    ) -> None:
        self.settings = settings
        self.accelerator = accelerator
        packed = packs(model)
        self.model, optimizer = accelerator.prepare(model, make_optimizer(model, settings))
        self.tokenizer = tokenizer
        self.passes = Passes(
            accelerator, self.model, packed=packed, temperature=source.temperature,
            max_tokens=settings.objective.micro_batch_tokens,
        )  # fmt: skip
        self.actor = Actor(accelerator, self.model, optimizer, settings, self.passes)
        self.source = source
        self.folder = settings.output_dir / FOLDER
        self.held_out = held_out
        self.state = state
        self.log = log
        self.observers = observers
        self.evaluations: list[EvaluationReport] = []
        self.data = ""

    def go(self, saved: Saved | None, *, evaluate_before: bool) -> TrainReport:
        prepare(self.folder, self.source, self.settings, saved, self.passes.without_gradient, self.observers)
        triples = Triples(self.folder)
        self._check(saved)
        if saved is None:
            self.log.triples(triples.counts)
        self._tell(f"triples: {describe(triples.counts)}")
        plan = self._plan(triples)
        if saved is not None:
            checkpoint.load(saved, self.accelerator, keep=self.settings.checkpoint.keep)
            self._tell(f"resumed from {saved.folder}, after step {self.state.step}")
        elif self.settings.resume:
            self._tell("no checkpoint yet, the training begins again")
        scoring = self.settings.scorer if self.held_out else None
        with (
            connect(scoring, None, self.settings.output_dir, self._tell) as services,
            closing(rollout_engine(self.settings, self.accelerator, self.model, self.tokenizer, self._tell)) as engine,
        ):
            gatherer = Gatherer(engine, services, self.settings.scorer.max_unscored_share)
            try:
                if evaluate_before or self.state.step:
                    self._evaluate_if_due(gatherer, len(plan))
                while self.state.step < len(plan):
                    self._step(triples, plan)
                    self._evaluate_if_due(gatherer, len(plan))
                    if self.state.step % self.settings.checkpoint.every == 0 or self.state.step == len(plan):
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
        return TrainReport(self.state.step, str(model), self.evaluations)

    def _check(self, saved: Saved | None) -> None:
        """Refuses to go on with other settings, triples or questions; notes which they are."""
        self.data = digest(self.folder)
        if saved is None:
            return
        if saved.questions.get("triples") != self.data:
            raise ResumeError(f"--resume continues the same run, but the triples in {self.folder} have changed")
        checkpoint.check(saved, self.settings, {"held-out": fingerprint(self.held_out)})

    def _plan(self, triples: Triples) -> list[list[int]]:
        """The states of each step."""
        dapo = self.settings.dapo
        pairs = triples.pairs
        usable = list(range(len(pairs)))
        if dapo.weighting:
            usable = [index for index, value in enumerate(triples.question_values) if value is not None]
            if len(usable) < len(pairs):
                self._tell(f"left out {len(pairs) - len(usable)} states of questions without a value to weight them by")
        plan = batches(
            [pairs[index] for index in usable], batch_pairs=dapo.batch_pairs, epochs=dapo.epochs,
            seed=self.settings.seed,
        )  # fmt: skip
        if not plan:
            raise ConfigurationError(
                f"dapo.threshold: leaves nothing to train on: {describe(triples.counts)}; lower it"
            )
        return [[usable[place] for place in step] for step in plan]

    def _step(self, triples: Triples, plan: Sequence[Sequence[int]]) -> None:
        step = self.state.step + 1
        rate = learning_rate(self.settings.optimizer, step, len(plan))
        batch = pair_batch(triples.take(plan[step - 1]), self.settings)
        report = self.actor.update(batch, step=step, steps=len(plan), rate=rate)
        self.state.step = step
        self._on_pairs(report)

    def _evaluate_if_due(self, gatherer: Gatherer, steps: int) -> None:
        step, every = self.state.step, self.settings.evaluate.every
        due = step in (0, steps) or (every > 0 and step % every == 0)
        if not self.held_out or not due or self.state.evaluated == step:
            return
        samples = self.settings.evaluate.samples
        retries = gatherer.services.retries
        report = run_evaluation(lambda: self._answer(gatherer), retries, step=step, steps=steps, samples=samples)
        self.state.evaluated = step
        if report is None:
            self._tell(f"evaluation after step {step}: no answer got a verdict")
            return
        self.evaluations.append(report)
        for observer in self.observers:
            observer.on_evaluation(report)

    def _answer(self, gatherer: Gatherer) -> list[Group]:
        """Every evaluation draws from the same chance, so that two of one policy are equal."""
        evaluate, step = self.settings.evaluate, self.state.step
        sampling = Sampling(
            chance.derive(self.settings.seed, "rollouts", "evaluation"),
            self.settings.rollout.max_response_tokens,
            evaluate.temperature,
        )
        return gatherer.gather(
            self.held_out, evaluate.samples, sampling, f"evaluation-{step}", Stopwatch(), version=step, value=False
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
            questions={"triples": self.data, "held-out": fingerprint(self.held_out)},
            keep=self.settings.checkpoint.keep,
        )

    def _tell(self, text: str) -> None:
        for observer in self.observers:
            observer.on_event(text)

    def _on_pairs(self, report: PairsReport) -> None:
        for observer in self.observers:
            observer.on_pairs(report)
