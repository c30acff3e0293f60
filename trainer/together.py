"""Scorer and critic for all processes of a run: what is started is started once, by the main one."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from codaserve.settings import ConfigurationError
from trainer.peers import Peers
from trainer.services import Services, connect
from trainer.settings import CriticClientSettings, ScorerClientSettings
from trainer.watch import Neighbour


def connect_all(
    stack: ExitStack,
    peers: Peers,
    scoring: ScorerClientSettings | None,
    valuing: CriticClientSettings | None,
    log_dir: Path,
    on_event: Callable[[str], None],
    rewards: Mapping[str, Sequence[str]] | None = None,
) -> Services:
    """As `connect`, in every process, with the services that the main process started or that run already.

    Args:
        stack: Closes them at its end.
        peers: All processes.
        scoring: As in `connect`, like all that follow.
        valuing: The critics.
        log_dir: For logs.
        on_event: Told of outages.
        rewards: Scorers of parts of the reward.

    Raises:
        codaserve.embedded.EmbeddedServiceError: One of ours did not start.
        ConfigurationError: One would be started where processes on other machines do not reach it.
    """

    def enter(
        scoring: ScorerClientSettings | None, valuing: CriticClientSettings | None, ours: Collection[str] = ()
    ) -> Services:
        return stack.enter_context(connect(scoring, valuing, log_dir, on_event, rewards, ours=ours))

    services: list[Services] = []

    def start() -> tuple[dict[str, list[str]], dict[str, Neighbour]]:
        if peers.several_machines:
            _refuse_starting(scoring, valuing)
        services.append(enter(scoring, valuing))
        return services[0].addresses, services[0].started()

    addresses, started = peers.first(start)
    if peers.main:
        return services[0]
    found = enter(
        scoring and scoring.model_copy(update={"addresses": addresses["scorer"]}),
        valuing and valuing.model_copy(update={"addresses": addresses["critic"]}),
        started.keys(),
    )
    for name, service in started.items():  # where the main process sees it end, the others do, too
        found.watches[name].service = service
    return found


def _refuse_starting(scorer: ScorerClientSettings | None, critic: CriticClientSettings | None) -> None:
    for name, service in (("scorer", scorer), ("critic", critic)):
        if service is not None and not service.addresses:
            raise ConfigurationError(
                f"{name}.addresses: with processes on several machines, give the address of a running {name}: one that "
                "is started here listens on loopback only"
            )
