"""Groups of answers to one question, and their way through the scorer."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from codaserve.v1 import scorer_pb2 as pb
from trainer.codapo.steps import StepCredit
from trainer.codapo.values import GroupValue, group_value
from trainer.errors import ScorerAwayError, TooManyUnscoredError
from trainer.rewards.marking import Marking, Score, Scorer, Unscored
from trainer.rollout.rollout import Rollout
from trainer.tasks import Question

OUTAGE_CODES = (pb.FAILURE_UNAVAILABLE, pb.FAILURE_OVERLOADED)
"""What the client gives an item when it stopped waiting for a scorer that is away or full."""

PLAIN = Marking()
"""The reward is the score of the verdict, truncated or not."""


@dataclass
class Answer:
    """One rollout and what became of it."""

    rollout: Rollout
    score: Score | None = None
    unscored: str = ""
    """Why there is no score: a failure's code or a reason of indecision."""
    detail: str = ""
    """The same in words, with the item's id."""
    cut: Literal["", "masked", "wrong"] = ""
    """Set when it was truncated and not looked at: left out of its group without a score, or counted wrong."""
    steps: StepCredit | None = None
    """The critic's steps."""
    no_steps: str = ""
    """Why there are none; empty when the critic was not asked."""


@dataclass
class Group:
    """G answers to one question; a repeat of the question is another group."""

    question: Question
    answers: list[Answer]
    critic: str = ""
    """The critic's checkpoint that valued the steps, as the critic names it."""

    @property
    def scored(self) -> list[Answer]:
        """The answers that count. Whatever is computed of a group is computed of these alone."""
        return [answer for answer in self.answers if answer.score is not None]

    @property
    def correct(self) -> list[bool]:
        """Correctness of the scored answers."""
        return [answer.score.correct for answer in self.answers if answer.score is not None]

    @property
    def rewards(self) -> list[float]:
        """Rewards of the scored answers."""
        return [answer.score.reward for answer in self.answers if answer.score is not None]

    @property
    def value(self) -> GroupValue | None:
        """c_q, d_q and v_q; None when fewer than two answers were scored."""
        return group_value([answer.rollout.log_probabilities for answer in self.scored], self.correct)


def make_groups(questions: Sequence[Question], rollouts: Sequence[Rollout], size: int) -> list[Group]:
    """Puts rollouts, `size` for each question in order, into groups."""
    return [
        Group(question, [Answer(rollout) for rollout in rollouts[index * size : (index + 1) * size]])
        for index, question in enumerate(questions)
    ]


def score_groups(groups: Sequence[Group], score: Scorer, *, name: str, max_unscored_share: float) -> None:
    """Fills in every answer's score, or why it has none.

    Args:
        groups: The groups.
        score: Asks the scorer.
        name: Of the batch, for the ids of its items.
        max_unscored_share: As in the settings.

    Raises:
        ScorerAwayError: The scorer was waited for and did not come back.
        TooManyUnscoredError: Too few verdicts to go on.
    """
    judge(groups, score, name=name)
    refuse_unscored(groups, max_unscored_share)


def judge(groups: Sequence[Group], score: Scorer, *, name: str, first: int = 0, marking: Marking = PLAIN) -> None:
    """As `score_groups`, however many get no verdict.

    Args:
        groups: The groups.
        score: Asks the scorer.
        name: Of the batch, for the ids of its items.
        first: Number of the first group in its batch.
        marking: What the verdicts are worth, and what becomes of truncated answers.

    Raises:
        ScorerAwayError: A scorer was waited for and did not come back.
    """
    asked: list[tuple[Answer, Question, str, str]] = []
    for number, group in enumerate(groups, first):
        for place, answer in enumerate(group.answers):
            if answer.rollout.truncated and marking.truncated != "score":
                answer.cut = "masked" if marking.truncated == "mask" else "wrong"
                answer.score = None if answer.cut == "masked" else marking.wrong()
            else:
                asked.append((answer, group.question, f"{name}/{number}/{place}", f"{name}/{number}"))
    if not asked:
        return
    results = _ask(asked, score, marking)
    for index, (answer, *_) in enumerate(asked):
        found = marking.score(results[""][index], {task: results[task][index] for task in marking.tasks})
        if isinstance(found, Score):
            answer.score = found
        else:
            answer.unscored, answer.detail = found.code, _detail(found)
    _refuse_outage([result for of in results.values() for result in of])


def _ask(
    asked: Sequence[tuple[Answer, Question, str, str]], score: Scorer, marking: Marking
) -> dict[str, Sequence[pb.ScoreResult]]:
    """Results of every answer's own task, under "", and of the tasks of the reward's parts."""
    own = [question.answered(answer.rollout.response, id=id, group=of) for answer, question, id, of in asked]
    results: dict[str, Sequence[pb.ScoreResult]] = {"": score(own)}
    for task in marking.tasks:
        items = [
            question.answered(answer.rollout.response, id=f"{id}/{task}", group=of, reward=task)
            for answer, question, id, of in asked
        ]
        results[task] = marking.others.get(task, score)(items)
    return results


def _detail(unscored: Unscored) -> str:
    result = unscored.result
    return f"{result.id}: {result.failure.message if result.HasField('failure') else result.verdict.detail}"


def refuse_unscored(groups: Sequence[Group], share: float) -> None:
    """Refuses to go on with a batch of which a larger share got no verdict.

    Raises:
        TooManyUnscoredError: It is larger.
    """
    answers = [answer for group in groups for answer in group.answers]
    unscored = unscored_counts(answers)
    total = sum(unscored.values())
    if total <= share * len(answers):
        return
    counts = ", ".join(f"{code} {count}" for code, count in sorted(unscored.items()))
    detail = next(answer.detail for answer in answers if answer.unscored)
    raise TooManyUnscoredError(
        f"{total} of {len(answers)} rollouts got no verdict ({counts}), more than scorer.max_unscored_share {share:g} "
        f"allows; the first: {detail}"
    )


def _refuse_outage(results: Sequence[pb.ScoreResult]) -> None:
    lost = [r.failure for r in results if r.HasField("failure") and r.failure.code in OUTAGE_CODES]
    if lost:
        raise ScorerAwayError(f"{len(lost)} of {len(results)} rollouts were not scored: {lost[0].message}")


def unscored_counts(answers: Sequence[Answer]) -> dict[str, int]:
    """How many answers have no score, by code."""
    return dict(Counter(answer.unscored for answer in answers if answer.unscored))
