"""The scorer and the critic of a run: running ones by address, or ones of our own on loopback, through one client."""

import queue
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from codaserve import Access, CriticClient, RetryPolicy, ScorerClient
from codaserve.embedded import EmbeddedService
from codaserve.v1 import critic_pb2, scorer_pb2
from trainer.settings import CriticClientSettings, ScorerClientSettings
from trainer.watch import Neighbour, Watch

LOOK_SECONDS = 0.5
"""How long an answer is waited for between two looks at the process that should give it."""
SHORTEST_BACKOFF, LONGEST_BACKOFF = 0.1, 5.0
"""Seconds between two tries."""
Result = TypeVar("Result")


@dataclass
class Services:
    """What a run asks."""

    scorer: ScorerClient | None
    critic: CriticClient | None
    watches: dict[str, Watch] = field(default_factory=dict)
    others: dict[str, ScorerClient] = field(default_factory=dict)
    """Scorers of parts of the reward, by the part's name."""
    addresses: dict[str, list[str]] = field(default_factory=dict)
    """Where scorer and critic are, ours as well, for the other processes of the run."""

    def started(self) -> dict[str, Neighbour]:
        """Those of ours, for the other processes of the run on this machine."""
        return {
            name: Neighbour(watch.service.process.pid, watch.service.log)
            for name, watch in self.watches.items()
            if isinstance(watch.service, EmbeddedService)
        }

    def retries(self) -> dict[str, int]:
        """How often something was sent again since the start, by service."""
        others = {f"scorer of {name}": client for name, client in self.others.items()}
        clients = {"scorer": self.scorer, "critic": self.critic, **others}
        return {name: client.retries for name, client in clients.items() if client is not None}

    def score(self, items: Sequence[scorer_pb2.ScoreItem]) -> list[scorer_pb2.ScoreResult]:
        """Results in the order of the items, whose ids are unique; an item without verdict has a failure. Only with a
        scorer.

        Raises:
            ServiceEndedError: The scorer was our own and has ended.
        """
        assert self.scorer is not None
        return _scored(self.scorer, self.watches["scorer"], items)

    def score_reward(self, name: str, items: Sequence[scorer_pb2.ScoreItem]) -> list[scorer_pb2.ScoreResult]:
        """As `score`, by the scorer of a part of the reward; only one of `others`."""
        return _scored(self.others[name], self.watches[f"scorer of {name}"], items)

    def evaluate(self, groups: Sequence[critic_pb2.StateGroup]) -> list[critic_pb2.GroupEvaluation]:
        """Evaluations in the order of the groups; only with a critic.

        Raises:
            ServiceEndedError: The critic was our own and has ended.
        """
        critic = self.critic
        assert critic is not None
        watch = self.watches["critic"]
        watch.expect(len(groups))
        evaluations: dict[str, critic_pb2.GroupEvaluation] = {}
        for evaluation in _watched(lambda: critic.stream(groups), watch):
            evaluations[evaluation.id] = evaluation
            watch.expect(-1)
            if evaluation.HasField("failure"):
                watch.failure(critic_pb2.CriticFailureCode.Name(evaluation.failure.code), evaluation.failure.message)
        return [evaluations[group.id] for group in groups]


@contextmanager
def connect(
    scoring: ScorerClientSettings | None,
    valuing: CriticClientSettings | None,
    log_dir: Path,
    on_event: Callable[[str], None],
    rewards: Mapping[str, Sequence[str]] | None = None,
    *,
    ours: Collection[str] = (),
) -> Iterator[Services]:
    """The services that the settings call for; ours are stopped at the end.

    Args:
        scoring: The scorers' addresses, or the arguments for ours; None to have none.
        valuing: The critics', likewise.
        log_dir: Folder for the logs of ours.
        on_event: Told of outages, from another thread.
        rewards: Addresses of the scorers of parts of the reward that have their own, by the part's name.
        ours: Which of scorer and critic were started by another process of the run, though they have addresses.

    Raises:
        codaserve.embedded.EmbeddedServiceError: One of ours did not start.
    """
    with ExitStack() as stack:
        watches: dict[str, Watch] = {}
        others: dict[str, ScorerClient] = {}
        addresses: dict[str, list[str]] = {}
        scorer = critic = None
        if scoring is not None:
            watches["scorer"] = Watch("scorer", scoring.max_outage, on_event)
            own = scoring.arguments
            addresses["scorer"] = scoring.addresses or [_start(stack, "scorer", watches, own, log_dir)]
            access = scoring.access.client()
            known = access if scoring.addresses and "scorer" not in ours else None  # ours asks for nothing
            scorer = stack.enter_context(_scorer(addresses["scorer"], scoring, watches["scorer"], known))
            for name, its_own in (rewards or {}).items():
                watches[f"scorer of {name}"] = Watch(f"scorer of {name}", scoring.max_outage, on_event)
                others[name] = stack.enter_context(_scorer(its_own, scoring, watches[f"scorer of {name}"], access))
        if valuing is not None:
            watches["critic"] = Watch("critic", valuing.max_outage, on_event)
            arguments = ["--checkpoint", str(valuing.checkpoint), *valuing.arguments]
            addresses["critic"] = valuing.addresses or [_start(stack, "critic", watches, arguments, log_dir)]
            critic = stack.enter_context(
                CriticClient(
                    addresses["critic"],
                    timeout=valuing.timeout,
                    retry=_patience(valuing.max_outage),
                    on_outage=watches["critic"].outage,
                    access=valuing.access.client() if valuing.addresses and "critic" not in ours else None,
                )
            )
        yield Services(scorer, critic, watches, others, addresses)


def _scorer(
    addresses: Sequence[str], settings: ScorerClientSettings, watch: Watch, access: Access | None
) -> ScorerClient:
    patience = _patience(settings.max_outage)
    return ScorerClient(addresses, timeout=settings.timeout, retry=patience, on_outage=watch.outage, access=access)


def _scored(scorer: ScorerClient, watch: Watch, items: Sequence[scorer_pb2.ScoreItem]) -> list[scorer_pb2.ScoreResult]:
    watch.expect(len(items))
    results: dict[str, scorer_pb2.ScoreResult] = {}
    for result in _watched(lambda: scorer.stream(items), watch):
        results[result.id] = result
        watch.expect(-1)
        if result.HasField("failure"):
            watch.failure(scorer_pb2.FailureCode.Name(result.failure.code), result.failure.message)
    return [results[item.id] for item in items]


def _watched(stream: Callable[[], Iterator[Result]], watch: Watch) -> Iterator[Result]:
    """What a client's stream gives, read on a thread so that the end of our own child is not waited out.

    The thread ends with the stream, at the latest when the client is closed.
    """
    answers: queue.SimpleQueue[Result | BaseException | None] = queue.SimpleQueue()

    def read() -> None:
        try:
            for answer in stream():
                answers.put(answer)
            answers.put(None)
        except BaseException as error:  # noqa: BLE001, raised by the thread that reads the answers
            answers.put(error)

    within = copy_context()  # a trace goes on in the thread
    threading.Thread(target=within.run, args=[read], name=f"{watch.name}-answers", daemon=True).start()
    while True:
        try:
            answer = answers.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            watch.check()
            continue
        if answer is None:
            return
        if isinstance(answer, BaseException):
            raise answer
        yield answer


def _patience(max_outage: float) -> RetryPolicy:
    """Waits between two tries no longer than for the whole outage: a shorter one would be overshot by the wait."""
    longest = min(LONGEST_BACKOFF, max_outage)
    first = min(SHORTEST_BACKOFF, longest) or SHORTEST_BACKOFF
    return RetryPolicy(initial_backoff=first, max_backoff=max(longest, first), max_outage=max_outage)


def _start(
    stack: ExitStack,
    service: Literal["scorer", "critic"],
    watches: Mapping[str, Watch],
    arguments: Sequence[str],
    log_dir: Path,
) -> str:
    started = stack.enter_context(EmbeddedService.start(service, arguments, log=log_dir / f"{service}.log"))
    watches[service].service = started
    return started.address
