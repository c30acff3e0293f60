"""A batch of answers: sampled, scored and valued, each as soon as it can be."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace

from trainer.ahead import Ahead
from trainer.errors import DivergedError
from trainer.gathered import Gathered
from trainer.groups import PLAIN, Answer, Group, refuse_unscored
from trainer.judging import Judging
from trainer.peers import ALONE, Peers
from trainer.rewards.marking import Marking
from trainer.rollout.engine import RolloutEngine, Sampling
from trainer.rollout.rollout import Rollout
from trainer.services import Services
from trainer.tasks import Question
from trainer.timing import Phases, Stopwatch


@dataclass
class Gatherer:
    """Whom it asks."""

    engine: RolloutEngine
    services: Services
    max_unscored_share: float
    """As in the settings."""
    marking: Marking = PLAIN
    """What verdicts are worth in training."""
    peers: Peers = ALONE
    """Those that share the work."""
    dealt: bool = True
    """Whether each process samples its share of a batch; else the main process has all of it, since its engine serves
    them all."""
    _ahead: Ahead | None = field(default=None, init=False)

    def gather(
        self,
        questions: Sequence[Question],
        n: int,
        sampling: Sampling,
        name: str,
        watch: Stopwatch,
        *,
        version: int,
        value: bool = True,
    ) -> list[Group]:
        """Groups of answers in the order of the questions, scored and with the critic's steps.

        Args:
            questions: What is asked.
            n: Answers to each.
            sampling: How they are drawn.
            name: Of the batch, for the services.
            watch: Takes the times.
            version: Updates that the policy has had.
            value: Whether it is for training: then the critic is asked, if there is one, and `marking` counts; else
                answers are right or wrong, truncated or not.

        Raises:
            RunStoppedError: Engine or scorer is away, or too few answers got a verdict.
            DivergedError: The policy gives no probabilities.
        """
        with self.scored(questions, n, sampling, name, watch, version=version, value=value) as batch:
            return batch.valued(watch)

    @contextmanager
    def scored(
        self,
        questions: Sequence[Question],
        n: int,
        sampling: Sampling,
        name: str,
        watch: Stopwatch,
        *,
        version: int,
        value: bool = True,
    ) -> Iterator[Gathered]:
        """As `gather`, but begins as soon as all groups are scored, while the critic still values the last of them.

        A group is scored as soon as its responses are complete, and valued as soon as it is scored.
        """
        self._synchronise(version, watch)
        mine: dict[int, Group] = {}
        with self._judging(name, value=value) as judging:

            def score() -> dict[int, Group]:
                mine.update(self._score(judging, questions, n, sampling, watch, version))
                return mine

            def rest(watch: Stopwatch) -> dict[int, Group]:
                with watch.phase("critic"):
                    judging.wait_valued()
                return mine

            groups = self._ordered(self.peers.together(score))
            yield Gathered(groups, rest if value and self.services.critic is not None else None, self.peers)

    def begin(
        self,
        questions: Sequence[Question],
        n: int,
        sampling: Sampling,
        name: str,
        watch: Stopwatch,
        *,
        version: int,
    ) -> None:
        """As `gather`, but goes on while this thread does something else; `finish` gives the groups. Only for an engine
        with weights of its own, and one batch at a time.

        Raises:
            RunStoppedError: The engine could not take the weights.
        """
        assert self._ahead is None
        self._synchronise(version, watch)

        def work(phases: Phases) -> dict[int, Group]:
            with self._judging(name, value=True) as judging:
                groups = self._score(judging, questions, n, sampling, phases, version)
                with phases.phase("critic"):
                    judging.wait_valued()
                return groups

        self._ahead = Ahead(work, version)

    def finish(self, watch: Stopwatch) -> Gathered | None:
        """The batch that was begun, None when none was.

        Raises:
            RunStoppedError, DivergedError: As `gather`.
        """
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            return None
        return Gathered(self._ordered(self.peers.together(lambda: ahead.finish(watch))), None, self.peers)

    def retries(self) -> dict[str, int]:
        """How often something was sent again since the start, by service, by all processes together."""
        total: Counter[str] = Counter()
        for retries in self.peers.gather(self.services.retries() | self.engine.retries()):
            total.update(retries)
        return dict(total)

    def _ordered(self, parts: Sequence[dict[int, Group]]) -> list[Group]:
        """What all processes found, in the order of the batch."""
        groups = {number: group for part in parts for number, group in part.items()}
        ordered = [groups[number] for number in sorted(groups)]
        refuse_unscored(ordered, self.max_unscored_share)
        return ordered

    def _synchronise(self, version: int, watch: Stopwatch) -> None:
        if self._ahead is not None:
            with watch.phase("generation"):
                self._ahead.wait_generated()
        with watch.phase("synchronisation"):
            self.peers.agree(lambda: self.engine.synchronise(version))

    def _judging(self, name: str, *, value: bool) -> Judging:
        evaluate = self.services.evaluate if value and self.services.critic is not None else None
        return Judging(self.services.score, evaluate, name, self.marking if value else PLAIN)

    def _score(
        self,
        judging: Judging,
        questions: Sequence[Question],
        n: int,
        sampling: Sampling,
        phases: Phases,
        version: int,
    ) -> dict[int, Group]:
        """This process's share, scored, by the groups' places in the batch."""
        groups: dict[int, Group] = {}
        places = (self.peers.share if self.dealt else self.peers.of_main)(len(questions))
        mine = replace(sampling, places=places)
        given = self.engine.sample([questions[place].prompt for place in places], n, mine)
        with phases.phase("generation"), closing(given):
            for index, rollouts in given:
                number = places[index]
                _refuse_diverged(rollouts)
                answers = [Answer(replace(rollout, version=version)) for rollout in rollouts]
                groups[number] = Group(questions[number], answers)
                judging.add(number, groups[number])
        with phases.phase("scoring"):
            judging.wait_scored()
        return groups


def _refuse_diverged(rollouts: Sequence[Rollout]) -> None:
    if not all(math.isfinite(log) for rollout in rollouts for log in rollout.log_probabilities):
        raise DivergedError(
            "the training diverged: the policy's probabilities are not finite; lower optimizer.learning_rate"
        )
