"""`codaserve train` with objective.kind dapo: from collected data to a trained policy."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accelerate.utils import DistributedType

from codaserve.settings import ConfigurationError
from trainer import chance, checkpoint
from trainer.assemble import current_policy, make_accelerator, peers_of
from trainer.assemble import prepare as prepare_model
from trainer.checkpoint import ResumeError, Saved
from trainer.dapo.actor import Actor, pair_batch
from trainer.dapo.batches import batches
from trainer.dapo.passes import Passes, packs
from trainer.dapo.prepare import describe, prepare
from trainer.dapo.reports import OfflineObserver
from trainer.dapo.source import Source, check_reference, open_source
from trainer.dapo.store import Triples, digest
from trainer.dapo.telling import OfflineTelling
from trainer.folder import claimed
from trainer.gather import Gatherer
from trainer.report.reports import TrainReport
from trainer.report.trackers import check_installed
from trainer.rollout.build import rollout_engine
from trainer.runner import Runner
from trainer.schedule import learning_rate
from trainer.settings import TrainerSettings
from trainer.state import RunState
from trainer.tasks import Question, fingerprint, load_questions
from trainer.together import connect_all

FOLDER = "triples"
"""Of the triples, in output_dir."""


def train(
    settings: TrainerSettings, *, observers: Sequence[OfflineObserver] = (), evaluate_before: bool = True
) -> TrainReport:
    """Makes the triples and trains a policy on them; returns when all epochs are done.

    With several processes each calls this, as `trainer.loop.train`.

    Args:
        settings: Everything about the run; objective.kind is dapo.
        observers: Told of each part of the triples, step, evaluation and event, besides the files in output_dir.
        evaluate_before: Whether the held-out questions, if there are any, are answered before the first step as well.

    Raises:
        codaserve.settings.ConfigurationError: Settings, data, model or output_dir cannot be used.
        codaserve.embedded.EmbeddedServiceError: A scorer or critic of the run's own did not start.
        RunStoppedError: A service is away, or too few answers got a verdict; `checkpoint` says what the run goes on
            from.
        PeerLostError: Another of the run's processes has ended; `checkpoint` is the newest one before, if any.
        DivergedError: Loss, gradient or weights are not finite; no checkpoint of that was written.
        SaveError: The disk is full or fails; the checkpoints before are untouched.
    """
    accelerator = make_accelerator(settings)
    if accelerator.distributed_type in (DistributedType.FSDP, DistributedType.DEEPSPEED):
        raise ConfigurationError(
            "objective.kind dapo needs a policy that is whole in every process, not FSDP or DeepSpeed"
        )
    peers = peers_of(accelerator, settings)
    with ExitStack() as stack:
        saved = peers.first(lambda: stack.enter_context(claimed(settings)))
        chance.seed_everything(settings.seed)
        peers.agree(lambda: check_installed(settings.tracking))
        material = peers.agree(lambda: _read(settings, saved))
        before = saved.state if saved else None
        state = before or RunState()
        told = peers.agree(
            lambda: OfflineTelling.open(stack, accelerator, settings, before, observers, main=peers.main)
        )
        model, optimizer = prepare_model(accelerator, material.model, settings)
        source = material.source
        passes = Passes(
            accelerator, model, packed=material.packed, temperature=source.temperature,
            max_tokens=settings.objective.micro_batch_tokens,
        )  # fmt: skip
        folder = settings.output_dir / FOLDER
        prepare(folder, source, settings, saved, passes.without_gradient, told, peers)
        triples, made_of = peers.agree(lambda: _triples(folder, settings, saved, material.held_out))
        peers.first(lambda: told.triples(triples.counts, begun=saved is not None))
        runner = Runner(
            settings, accelerator, peers, model, optimizer, material.tokenizer, state, made_of, material.held_out, told
        )
        plan = peers.agree(lambda: _plan(triples, settings, told))
        runner.load(saved)
        scoring = settings.scorer if material.held_out else None
        services = connect_all(stack, peers, scoring, None, settings.output_dir, told.on_event)
        engine = peers.agree(
            lambda: rollout_engine(settings, accelerator, model, material.tokenizer, told.on_event, main=peers.main)
        )
        stack.enter_context(closing(engine))
        gatherer = Gatherer(
            engine,
            services,
            settings.scorer.max_unscored_share,
            peers=peers,
            dealt=settings.rollout.engine == "transformers",
        )
        actor = Actor(accelerator, model, optimizer, settings, passes, peers)

        def step() -> None:
            number = state.step + 1
            rate = learning_rate(settings.optimizer, number, len(plan))
            batch = pair_batch(triples.take(plan[number - 1]), settings)
            report = actor.update(batch, step=number, steps=len(plan), rate=rate)
            state.step = state.updates = number
            peers.first(lambda: told.on_pairs(report))

        return runner.run(len(plan), step, gatherer, evaluate_before=evaluate_before)


@dataclass(frozen=True)
class _Material:
    """Read and checked."""

    source: Source
    model: Any
    tokenizer: Any
    packed: bool
    """Whether the model computes packed rows."""
    held_out: Sequence[Question]


def _read(settings: TrainerSettings, saved: Saved | None) -> _Material:
    assert settings.dapo.data is not None
    source = open_source(settings.dapo.data)
    check_reference(source, settings.model.path)
    model, tokenizer = current_policy(settings, saved)
    held_out: list[Question] = []
    if settings.evaluate.given:
        limit = settings.rollout.max_prompt_tokens
        held_out, _ = load_questions(settings.evaluate, settings.tasks, tokenizer, max_prompt_tokens=limit)
    return _Material(source, model, tokenizer, packs(model), held_out)


def _triples(
    folder: Path, settings: TrainerSettings, saved: Saved | None, held_out: Sequence[Question]
) -> tuple[Triples, dict[str, str]]:
    """The triples, and fingerprints of what is trained and evaluated on.

    Raises:
        ResumeError: The run had other settings, triples or questions.
    """
    data = digest(folder)
    made_of = {"triples": data, "held-out": fingerprint(held_out)}
    if saved is not None:
        if saved.questions.get("triples") != data:
            raise ResumeError(f"--resume continues the same run, but the triples in {folder} have changed")
        checkpoint.check(saved, settings, {"held-out": made_of["held-out"]})
    return Triples(folder), made_of


def _plan(triples: Triples, settings: TrainerSettings, told: OfflineObserver) -> list[list[int]]:
    """The states of each step."""
    dapo = settings.dapo
    pairs = triples.pairs
    usable = list(range(len(pairs)))
    if dapo.weighting:
        usable = [index for index, value in enumerate(triples.question_values) if value is not None]
        if len(usable) < len(pairs):
            told.on_event(f"left out {len(pairs) - len(usable)} states of questions without a value to weight them by")
    plan = batches(
        [pairs[index] for index in usable], batch_pairs=dapo.batch_pairs, epochs=dapo.epochs, seed=settings.seed
    )
    if not plan:
        raise ConfigurationError(
            f"dapo.threshold: leaves nothing to train on: {describe(triples.counts)}; remove {settings.output_dir}, "
            "whose triples were made with it, and lower it"
        )
    return [[usable[place] for place in step] for step in plan]
