"""Sampling solutions of some questions, completing the kept ones from every step boundary, and having all of it judged.

V(s) is estimated by the share of right answers among N completions from s (arXiv 2412.18279, section 3.2). A completion
without a verdict lowers N; a state without any is left unlabelled.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Protocol

from codaserve.v1 import scorer_pb2 as pb
from trainer.collect.states import Solution, State, balanced, distinct_states
from trainer.groups import Answer, Group, make_groups, score_groups
from trainer.rollout.rollout import Rollout
from trainer.tasks import Question

Score = Callable[[Sequence[pb.ScoreItem]], Sequence[pb.ScoreResult]]


class Sample(Protocol):
    """Writes `n` responses to each prompt, those to the first prompt first.

    `begun` is what each prompt ends with that is written of the responses already, and takes of the tokens that they
    may have; empty where nothing is.
    """

    def __call__(self, prompts: Sequence[str], n: int, *, seed: int, begun: Sequence[str] = ()) -> list[Rollout]: ...


@dataclass
class Progress:
    """What was done so far, finished parts of earlier runs included in `questions` only."""

    questions: int = 0
    of: int = 0
    solutions: int = 0
    """Those that were kept."""
    states: int = 0
    completions: int = 0
    unscored: int = 0
    """Solutions and completions without a verdict."""
    tokens: int = 0
    """Sampled, those of solutions that were not kept included."""


@dataclass
class Work:
    """The work on some questions.

    Attributes:
        sample: The policy.
        score: Asks the scorer; results in order.
        batch_size: Completions that are sampled and judged at one time.
        max_unscored_share: Of what is judged at one time, how much may get no verdict.
        seed: A seed for each use of chance.
        name: Of the work, for the ids of the items that are scored.
        progress: What was done.
        on_progress: Told after each step of the work.
    """

    sample: Sample
    score: Score
    batch_size: int
    max_unscored_share: float
    seed: Callable[[str], int]
    name: str
    progress: Progress
    on_progress: Callable[[Progress], None]

    def solve(self, questions: Sequence[Question], n: int) -> list[list[Solution]]:
        """The solutions with a verdict among `n` of each question.

        Raises:
            ScorerAwayError: The scorer was waited for and did not come back.
            TooManyUnscoredError: Too few verdicts to go on.
        """
        rollouts = self._write([question.prompt for question in questions], n, "solutions")
        groups = make_groups(questions, rollouts, n)
        self._judge(groups, "solutions")
        return [
            [
                Solution(group.question, answer.rollout.response, answer.score.correct)
                for answer in group.answers
                if answer.score is not None
            ]
            for group in groups
        ]

    def keep(self, solved: Sequence[Sequence[Solution]], keep: int) -> list[Solution]:
        """At most `keep` solutions of each question, right and wrong ones."""
        kept = [
            solution
            for solutions in solved
            if solutions
            for solution in balanced(solutions, keep, Random(self.seed(f"keep {solutions[0].question.id}")))
        ]
        self.progress.solutions += len(kept)
        self.on_progress(self.progress)
        return kept

    def complete(self, solutions: Sequence[Solution], n: int) -> list[State]:
        """The states that they pass through, each once, with `n` completions.

        Raises:
            ScorerAwayError, TooManyUnscoredError: As `solve`.
        """
        states = distinct_states(solutions)
        at_once = max(1, self.batch_size // n)
        completed: list[State] = []
        for first in range(0, len(states), at_once):
            some = states[first : first + at_once]
            beginnings = [begun for _, begun in some]
            prompts = [question.prompt + begun for question, begun in some]
            rollouts = self._write(prompts, n, f"completions {first}", beginnings)
            groups = make_groups([question for question, _ in some], rollouts, n)
            self._judge(groups, f"completions/{first}", beginnings)
            completed += [
                State(question, begun, tuple(group.answers))
                for (question, begun), group in zip(some, groups, strict=True)
            ]
            self.progress.states += len(some)
            self.progress.completions += len(rollouts)
            self.on_progress(self.progress)
        return completed

    def _write(self, prompts: Sequence[str], n: int, use: str, begun: Sequence[str] = ()) -> list[Rollout]:
        rollouts = self.sample(prompts, n, seed=self.seed(use), begun=begun)
        self.progress.tokens += sum(len(rollout.response_ids) for rollout in rollouts)
        return rollouts

    def _judge(self, groups: Sequence[Group], name: str, begun: Sequence[str] | None = None) -> None:
        """Fills in the scores; what is scored is the whole answer, of which a completion is the end."""
        whole = [
            Group(group.question, [Answer(_behind(beginning, answer.rollout)) for answer in group.answers])
            for group, beginning in zip(groups, begun or [""] * len(groups), strict=True)
        ]
        score_groups(whole, self.score, name=f"{self.name}/{name}", max_unscored_share=self.max_unscored_share)
        for group, judged in zip(groups, whole, strict=True):
            for answer, verdict in zip(group.answers, judged.answers, strict=True):
                answer.score, answer.unscored = verdict.score, verdict.unscored
                self.progress.unscored += verdict.score is None


def _behind(beginning: str, rollout: Rollout) -> Rollout:
    return replace(rollout, response=beginning + rollout.response)
