"""Scorer and critic for all processes of a run: what is started is started once, by the main one."""

from collections.abc import Callable, Collection
from contextlib import ExitStack

from codaserve.settings import ConfigurationError
from trainer.peers import Peers
from trainer.services import Neighbour, Services, connect
from trainer.settings import CriticClientSettings, ScorerClientSettings, TrainerSettings


def connect_all(stack: ExitStack, peers: Peers, settings: TrainerSettings, on_event: Callable[[str], None]) -> Services:
    """As `connect`, in every process, with the services that the main process started or that run already.

    Args:
        stack: Closes them at its end.
        peers: All processes.
        settings: Of the run.
        on_event: As in `connect`.

    Raises:
        codaserve.embedded.EmbeddedServiceError: One of ours did not start.
        ConfigurationError: One would be started where processes on other machines do not reach it.
    """
    critic = settings.critic if settings.uses_critic else None
    others = {reward.name: reward.addresses for reward in settings.rewards if reward.addresses}

    def enter(
        scoring: ScorerClientSettings, valuing: CriticClientSettings | None, ours: Collection[str] = ()
    ) -> Services:
        return stack.enter_context(connect(scoring, valuing, settings.output_dir, on_event, others, ours=ours))

    services: list[Services] = []

    def start() -> tuple[dict[str, list[str]], dict[str, Neighbour]]:
        if peers.several_machines:
            _refuse_starting(settings.scorer, critic)
        services.append(enter(settings.scorer, critic))
        return services[0].addresses, services[0].started()

    addresses, started = peers.first(start)
    if peers.main:
        return services[0]
    scoring = settings.scorer.model_copy(update={"addresses": addresses["scorer"]})
    valuing = critic and critic.model_copy(update={"addresses": addresses["critic"]})
    found = enter(scoring, valuing, started.keys())
    for name, service in started.items():  # where the main process sees it end, the others do, too
        found.watches[name].service = service
    return found


def _refuse_starting(scorer: ScorerClientSettings, critic: CriticClientSettings | None) -> None:
    for name, service in (("scorer", scorer), ("critic", critic)):
        if service is not None and not service.addresses:
            raise ConfigurationError(
                f"{name}.addresses: with processes on several machines, give the address of a running {name}: one that "
                "is started here listens on loopback only"
            )
