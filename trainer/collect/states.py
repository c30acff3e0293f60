"""What is known of the states that kept solutions pass through. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from critic.steps import newline_ends
from trainer.groups import Answer
from trainer.tasks import Question


@dataclass(frozen=True)
class Solution:
    """A kept response that was verified."""

    question: Question
    response: str
    correct: bool

    @property
    def ends(self) -> list[int]:
        """Ends of its steps, character offsets."""
        return newline_ends(self.response)

    @property
    def begun(self) -> list[str]:
        """What is written at each boundary before the last: nothing at first."""
        return [self.response[:end] for end in [0, *self.ends[:-1]]]


@dataclass(frozen=True)
class State:
    """A question and the beginning of an answer, with completions of it.

    Attributes:
        question: The question.
        begun: What is written so far; empty at the prompt.
        completions: Sampled from here; each answer's rollout has the prompt with what is written so far as its prompt.
    """

    question: Question
    begun: str
    completions: tuple[Answer, ...]

    @property
    def value(self) -> float | None:
        """The share of right ones among the completions with a verdict (arXiv 2412.18279, section 3.2)."""
        verdicts = [answer.score.correct for answer in self.completions if answer.score is not None]
        return sum(verdicts) / len(verdicts) if verdicts else None

    @property
    def scored(self) -> int:
        """Completions with a verdict."""
        return sum(answer.score is not None for answer in self.completions)


def pick(question: Question, answers: Sequence[Answer], keep: int, chance: Random) -> list[Solution]:
    """At most `keep` different solutions of one question, half of them right and half wrong where there are enough.

    Answers without a verdict, and empty ones, which have no steps, are never picked.
    """
    judged = {
        answer.rollout.response: Solution(question, answer.rollout.response, answer.score.correct)
        for answer in answers
        if answer.score is not None and answer.rollout.response
    }
    candidates = list(judged.values())
    chance.shuffle(candidates)
    right = [solution for solution in candidates if solution.correct]
    wrong = [solution for solution in candidates if not solution.correct]
    chosen = right[: max((keep + 1) // 2, keep - len(wrong))]
    return chosen + wrong[: keep - len(chosen)]


def distinct_states(solutions: Sequence[Solution]) -> list[tuple[Question, str]]:
    """The states of all of them, each once, by length: like lengths are quickest to complete together."""
    states = {(s.question.id, begun): (s.question, begun) for s in solutions for begun in s.begun}
    return sorted(states.values(), key=lambda state: len(state[0].prompt) + len(state[1]))
