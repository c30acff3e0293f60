"""Sees to it that the triples of a run are there, with a critic as long as that takes."""

from contextlib import ExitStack
from pathlib import Path

from codaserve import ServiceError
from trainer.checkpoint import ResumeError, Saved
from trainer.dapo.build import Reference, build, claim, is_complete
from trainer.dapo.reports import OfflineObserver
from trainer.dapo.source import Source
from trainer.dapo.store import Counts
from trainer.errors import CriticAwayError, RunStoppedError
from trainer.folder import record
from trainer.peers import Peers
from trainer.report.telling import telling_stops
from trainer.services import Services
from trainer.settings import TrainerSettings
from trainer.together import connect_all


def prepare(
    folder: Path,
    source: Source,
    settings: TrainerSettings,
    saved: Saved | None,
    reference: Reference,
    told: OfflineObserver,
    peers: Peers,
) -> None:
    """Makes what is missing of the triples, each process its share of the parts.

    Args:
        folder: Of the triples.
        source: The data set.
        settings: Of the run.
        saved: The checkpoint that the run goes on from; None before the first step, when the policy is still the
            reference policy.
        reference: log pi_ref(a|s) of pairs, in order.
        told: Told of each part, of outages, and why it failed.
        peers: The processes.

    Raises:
        ConfigurationError: The folder has triples of something else, or lacks some that were trained on.
        RunStoppedError: The critic is away; what is made stays.
    """
    if peers.first(lambda: is_complete(source, folder)):
        peers.first(lambda: claim(folder, source, settings.dapo, critic=None))
        peers.first(lambda: record(settings))
        return
    if saved is not None:
        raise ResumeError(
            f"{folder} lacks triples, of those that {saved.folder} was trained on or of what was added to "
            f"{source.folder} since: restore them, or choose another output_dir"
        )
    mine = [source.parts[place] for place in peers.share(len(source.parts))]
    with ExitStack() as stack:
        services = connect_all(stack, peers, None, settings.critic, settings.output_dir, told.on_event)
        peers.first(lambda: record(settings))
        try:
            with telling_stops(told.on_event):
                peers.first(lambda: claim(folder, source, settings.dapo, critic=_identity(services)))
                peers.agree(
                    lambda: build(folder, source, mine, settings.dapo, services.evaluate, reference, told.on_triples)
                )
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
