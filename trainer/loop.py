"""A training run from its settings to its report."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from accelerate import Accelerator

from codaserve import tracing
from trainer import chance, checkpoint
from trainer.assemble import make_accelerator, peers_of, prepare
from trainer.checkpoint import Saved
from trainer.errors import DivergedError, PeerLostError, RunStoppedError, SaveError
from trainer.evaluate import run_evaluation
from trainer.folder import checkpoints, claimed, record
from trainer.gather import Gatherer
from trainer.groups import Group
from trainer.opening import Material, read_material
from trainer.peers import Peers
from trainer.reference import load_reference
from trainer.report.metrics import MetricsLog
from trainer.report.reports import EvaluationReport, Observer, StepReport, TrainReport
from trainer.report.telling import Telling
from trainer.report.trackers import Trackers, check_installed
from trainer.result import save_policy
from trainer.rewards.marking import Marking
from trainer.rollout.build import rollout_engine
from trainer.rollout.engine import Sampling
from trainer.services import Services
from trainer.settings import TrainerSettings
from trainer.sharding import Collected, of_this_process
from trainer.state import RunState
from trainer.step import Stepper
from trainer.timing import Stopwatch
from trainer.together import connect_all
from trainer.update import Updater

__all__ = ["Observer", "train"]


def train(settings: TrainerSettings, *, observers: Sequence[Observer] = ()) -> TrainReport:
    """Trains a policy; returns when all steps are done.

    Under `accelerate launch` or `torchrun` with several processes each calls this with the same settings and returns
    the same report, or raises the same error; the main one alone writes files and tells observers.

    Args:
        settings: Everything about the run.
        observers: Told of each step, evaluation and event, besides the files in output_dir.

    Raises:
        codaserve.settings.ConfigurationError: Settings, questions, model or output_dir cannot be used.
        codaserve.embedded.EmbeddedServiceError: A scorer, critic or rollout server of the run's own did not start.
        RunStoppedError: The scorer is away or too few rollouts got a verdict; a checkpoint was written, or `unsaved`
            says why not.
        PeerLostError: Another of the run's processes has ended; `checkpoint` is the newest one before, if any.
        DivergedError: Loss, gradient or weights are not finite; no checkpoint of that was written.
        SaveError: The disk is full or fails; the checkpoints before are untouched.
    """
    accelerator = make_accelerator(settings)
    peers = peers_of(accelerator, settings)
    with ExitStack() as stack:
        saved = peers.first(lambda: stack.enter_context(claimed(settings)))
        chance.seed_everything(settings.seed)
        peers.agree(lambda: check_installed(settings.tracking))
        peers.agree(lambda: tracing.configure("codaserve-trainer", settings.tracking.traces))
        material = peers.agree(lambda: read_material(settings, saved))
        state = saved.state if saved else RunState()
        told = peers.agree(lambda: _Told.open(stack, accelerator, settings, state, observers, main=peers.main))
        services = connect_all(stack, peers, settings, told.telling.on_event)
        run = peers.agree(lambda: _Run(settings, accelerator, peers, material, services, state, told))
        peers.first(lambda: record(settings))
        if material.dropped or material.dropped_held_out:
            told.telling.on_event(
                f"left out {material.dropped} training and {material.dropped_held_out} held-out questions: prompts of "
                f"more than {settings.rollout.max_prompt_tokens} tokens"
            )
        stack.enter_context(closing(run.engine))
        return run.go(saved)


@dataclass(frozen=True)
class _Told:
    """Where what happens is told: only in the main process there is a log."""

    telling: Telling
    log: MetricsLog | None = None

    @classmethod
    def open(
        cls,
        stack: ExitStack,
        accelerator: Accelerator,
        settings: TrainerSettings,
        state: RunState,
        observers: Sequence[Observer],
        *,
        main: bool,
    ) -> "_Told":
        if not main:
            return cls(Telling())
        log = stack.enter_context(closing(MetricsLog(settings.output_dir, step=state.step, evaluated=state.evaluated)))
        trackers = stack.enter_context(closing(Trackers(accelerator, settings, step=state.step)))
        return cls(Telling([log, trackers, *observers]), log)

    def sync(self) -> None:
        if self.log is not None:
            self.log.sync()


class _Run:
    """The loop over steps, evaluations and checkpoints."""

    def __init__(
        self,
        settings: TrainerSettings,
        accelerator: Accelerator,
        peers: Peers,
        material: Material,
        services: Services,
        state: RunState,
        told: _Told,
    ) -> None:
        self.settings = settings
        self.accelerator = accelerator
        self.peers = peers
        self.material = material
        self.model, self.optimizer = prepare(accelerator, material.model, settings)
        self.state = state
        self.told = told
        self.telling = told.telling
        self.engine = rollout_engine(
            settings, accelerator, self.model, material.tokenizer, self.telling.on_event, main=peers.main
        )
        others = {name: partial(services.score_reward, name) for name in services.others}
        self.gatherer = Gatherer(
            self.engine,
            services,
            settings.scorer.max_unscored_share,
            Marking(settings.rewards, settings.objective.truncated, others),
            peers,
            dealt=settings.rollout.engine == "transformers",
        )
        reference = load_reference(settings, accelerator, self.model)
        self.stepper = Stepper(
            settings,
            Updater(accelerator, self.model, self.optimizer, settings, reference, peers),
            self.gatherer,
            material.questions,
            self.telling.on_event,
        )
        self.evaluations: list[EvaluationReport] = []

    def go(self, saved: Saved | None) -> TrainReport:
        if saved is not None:
            self.peers.agree(lambda: self._load(saved))
            half = ", between its two updates" if self.state.half else ""
            self.telling.on_event(f"resumed from {saved.folder}, after step {self.state.step}{half}")
        elif self.settings.resume:
            self.telling.on_event("no checkpoint yet, the run begins again")
        if self.state.step >= self.settings.steps:
            self.telling.on_event(f"the run is at step {self.state.step} already, of {self.settings.steps} asked for")
        try:
            last = self._steps()
        except (DivergedError, PeerLostError) as error:
            error.checkpoint = checkpoint.newest(checkpoints(self.settings.output_dir))
            raise
        except RunStoppedError as error:
            try:
                error.checkpoint = self._save()
            except (SaveError, DivergedError, PeerLostError) as unsaved:  # why the run stopped matters more
                error.unsaved = str(unsaved)
                error.checkpoint = checkpoint.newest(checkpoints(self.settings.output_dir))
            raise
        tokenizer = self.material.tokenizer
        collected = Collected.of(self.model, self.optimizer)
        model = self.peers.first(lambda: save_policy(self.settings, self.accelerator, self.model, tokenizer, collected))
        return TrainReport(self.state.step, str(model), self.evaluations, last)

    def _load(self, saved: Saved) -> None:
        keep = self.settings.checkpoint.keep
        model, optimizer = self.model, self.optimizer
        checkpoint.load(saved, self.accelerator, keep=keep, peers=self.peers, model=model, optimizer=optimizer)

    def _steps(self) -> StepReport | None:
        """The report of the last step, if any was made."""
        last = None
        self._evaluate_if_due()
        while self.state.step < self.settings.steps:
            with tracing.span("step", number=self.state.step + 1):
                report = last = self.stepper.run(self.state)
            self.peers.first(partial(self.telling.on_step, report))
            self._evaluate_if_due()
            if self.state.step % self.settings.checkpoint.every == 0 or self.state.step == self.settings.steps:
                self._save()
        return last

    def _evaluate_if_due(self) -> None:
        step, every = self.state.step, self.settings.evaluate.every
        due = step in (0, self.settings.steps) or (every > 0 and step % every == 0)
        if not self.material.held_out or not due or self.state.evaluated == step or self.state.half is not None:
            return
        samples, retries = self.settings.evaluate.samples, self.gatherer.retries
        report = run_evaluation(self._answer_held_out, retries, step=step, steps=self.settings.steps, samples=samples)
        self.state.evaluated = step
        if report is None:
            self.telling.on_event(f"evaluation after step {step}: no answer got a verdict")
            return
        self.evaluations.append(report)
        self.peers.first(partial(self.telling.on_evaluation, report))

    def _answer_held_out(self) -> list[Group]:
        """Every evaluation draws from the same chance, so that two of one policy are equal."""
        evaluate = self.settings.evaluate
        sampling = Sampling(
            chance.derive(self.settings.seed, "rollouts", "evaluation"),
            self.settings.rollout.max_response_tokens,
            evaluate.temperature,
        )
        return self.gatherer.gather(
            self.material.held_out,
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
        collected = Collected.of(self.model, self.optimizer)

        def save() -> Path:
            self.told.sync()
            return checkpoint.save(
                checkpoints(self.settings.output_dir),
                self.accelerator,
                self.model,
                self.material.tokenizer,
                state=self.state,
                settings=self.settings,
                questions=self.material.fingerprints,
                keep=self.settings.checkpoint.keep,
                others=states[1:],
                collected=collected,
            )

        return self.peers.first(save)

    def _refuse_diverged(self) -> None:
        if not all(bool(of_this_process(parameter).isfinite().all()) for parameter in self.model.parameters()):
            raise DivergedError("the training diverged: weights are not finite; lower optimizer.learning_rate")
