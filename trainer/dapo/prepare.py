"""Sees to it that the triples of a run are there, with a critic as long as that takes."""

from collections.abc import Sequence
from pathlib import Path

from codaserve import ServiceError
from trainer.checkpoint import ResumeError, Saved
from trainer.dapo.build import BuildProgress, Reference, build, claim, is_complete
from trainer.dapo.reports import OfflineObserver
from trainer.dapo.source import Source
from trainer.dapo.store import Counts
from trainer.errors import CriticAwayError, RunStoppedError
from trainer.folder import record
from trainer.services import Services, connect
from trainer.settings import TrainerSettings


def prepare(
    folder: Path,
    source: Source,
    settings: TrainerSettings,
    saved: Saved | None,
    reference: Reference,
    observers: Sequence[OfflineObserver],
) -> None:
    """Makes what is missing of the triples.

    Args:
        folder: Of the triples.
        source: The data set.
        settings: Of the run.
        saved: The checkpoint that the run goes on from; None before the first step, when the policy is still the
            reference policy.
        reference: log pi_ref(a|s) of pairs, in order.
        observers: Told of each part, and of outages.

    Raises:
        ConfigurationError: The folder has triples of something else, or lacks some that were trained on.
        RunStoppedError: The critic is away; what is made stays.
    """
    if is_complete(source, folder):
        claim(folder, source, settings.dapo, critic=None)
        record(settings)
        return
    if saved is not None:
        raise ResumeError(
            f"{folder} lacks triples, of those that {saved.folder} was trained on or of what was added to "
            f"{source.folder} since: restore them, or choose another output_dir"
        )

    def tell(text: str) -> None:
        for observer in observers:
            observer.on_event(text)

    def show(progress: BuildProgress) -> None:
        for observer in observers:
            observer.on_triples(progress)

    with connect(None, settings.critic, settings.output_dir, tell) as services:
        record(settings)
        try:
            claim(folder, source, settings.dapo, critic=_identity(services))
            build(folder, source, settings.dapo, services.evaluate, reference, show)
        except RunStoppedError as error:
            error.checkpoint = folder
            raise


def _identity(services: Services) -> str:
    assert services.critic is not None
    try:
        return services.critic.info().checkpoint
    except ServiceError as error:
        raise CriticAwayError(str(error)) from error


def describe(counts: Counts) -> str:
    """What the triples are and what was left out, for people."""
    parts = [
        f"{counts.pairs} pairs of {counts.kept} states out of {counts.states}",
        f"{counts.too_close} states whose steps are too much alike",
    ]
    if counts.no_critic:
        codes = ", ".join(f"{code} {count}" for code, count in sorted(counts.no_critic.items()))
        parts.append(f"{sum(counts.no_critic.values())} without the critic's answer ({codes})")
    if counts.unscored:
        parts.append(f"{counts.unscored} of {counts.completions} completions without a verdict")
    if counts.truncated:
        parts.append(f"{counts.truncated} completions with a truncated first step")
    return ", ".join(parts)
