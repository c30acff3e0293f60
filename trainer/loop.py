"""A training run from its settings to its report."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from functools import partial

from accelerate import Accelerator

from codaserve import tracing
from trainer import chance
from trainer.assemble import make_accelerator, peers_of, prepare
from trainer.folder import claimed, record
from trainer.gather import Gatherer
from trainer.opening import Material, read_material
from trainer.peers import Peers
from trainer.reference import load_reference
from trainer.report.metrics import MetricsLog
from trainer.report.reports import Observer, StepReport, TrainReport
from trainer.report.telling import Telling
from trainer.report.trackers import Trackers, check_installed
from trainer.rewards.marking import Marking
from trainer.rollout.build import rollout_engine
from trainer.runner import Runner
from trainer.services import Services
from trainer.settings import TrainerSettings
from trainer.state import RunState
from trainer.step import Stepper
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
        critic = settings.critic if settings.uses_critic else None
        others = {reward.name: reward.addresses for reward in settings.rewards if reward.addresses}
        services = connect_all(
            stack, peers, settings.scorer, critic, settings.output_dir, told.on_event, others
        )  # fmt: skip
        runner, stepper = peers.agree(lambda: _made(settings, accelerator, peers, material, services, state, told))
        gatherer = stepper.gatherer
        peers.first(lambda: record(settings))
        if material.dropped or material.dropped_held_out:
            told.on_event(
                f"left out {material.dropped} training and {material.dropped_held_out} held-out questions: prompts of "
                f"more than {settings.rollout.max_prompt_tokens} tokens"
            )
        stack.enter_context(closing(gatherer.engine))
        runner.load(saved)

        def step() -> StepReport:
            with tracing.span("step", number=state.step + 1):
                report = stepper.run(state)
            peers.first(partial(told.on_step, report))
            return report

        return runner.run(settings.steps, step, gatherer)


class _Told(Telling[Observer]):
    """Where what happens is told: only in the main process there is a log."""

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
            return cls()
        log = stack.enter_context(closing(MetricsLog(settings.output_dir, step=state.step, evaluated=state.evaluated)))
        trackers = stack.enter_context(closing(Trackers(accelerator, settings, step=state.step)))
        return cls([log, trackers, *observers], log.sync)

    def on_step(self, report: StepReport) -> None:
        """To all."""
        self._tell(lambda watcher: watcher.on_step(report))


def _made(
    settings: TrainerSettings,
    accelerator: Accelerator,
    peers: Peers,
    material: Material,
    services: Services,
    state: RunState,
    told: _Told,
) -> tuple[Runner, Stepper]:
    model, optimizer = prepare(accelerator, material.model, settings)
    engine = rollout_engine(settings, accelerator, model, material.tokenizer, told.on_event, main=peers.main)
    others = {name: partial(services.score_reward, name) for name in services.others}
    gatherer = Gatherer(
        engine,
        services,
        settings.scorer.max_unscored_share,
        Marking(settings.rewards, settings.objective.truncated, others),
        peers,
        dealt=settings.rollout.engine == "transformers",
    )
    reference = load_reference(settings, accelerator, model)
    updater = Updater(accelerator, model, optimizer, settings, reference, peers)
    runner = Runner(
        settings, accelerator, peers, model, optimizer, material.tokenizer, state, material.fingerprints,
        material.held_out, told,
    )  # fmt: skip
    return runner, Stepper(settings, updater, gatherer, material.questions, told.on_event)
