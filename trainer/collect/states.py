"""What is known of the states that solutions pass through. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from critic.encode import CutText
from critic.steps import newline_ends
from critic.training.data import LabelledSolution
from trainer.groups import Answer
from trainer.tasks import Question

Place = tuple[str, str]
"""Where a state is: its question's id, and what is written so far, whole steps."""


@dataclass(frozen=True)
class Solution:
    """A response that was verified."""

    question: Question
    response: str
    correct: bool

    @property
    def ends(self) -> list[int]:
        """Ends of its steps, character offsets."""
        return newline_ends(self.response)

    @property
    def places(self) -> list[Place]:
        """Its states before the end: the prompt, where nothing is written, and each step boundary but the last."""
        return [(self.question.id, self.response[:end]) for end in [0, *self.ends[:-1]]]

    def labelled(self, values: Mapping[Place, float | None]) -> LabelledSolution:
        """Training data of a critic: known values at the boundaries, the verified outcome at the last."""
        known = [values.get(place) for place in self.places]
        cut = CutText(self.response, tuple(self.ends))
        return LabelledSolution(self.question.prompt, cut, (*known, float(self.correct)))


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
    def place(self) -> Place:
        """Where it is."""
        return self.question.id, self.begun

    @property
    def value(self) -> float | None:
        """The share of right ones among the completions with a verdict (arXiv 2412.18279, section 3.2)."""
        verdicts = [answer.score.correct for answer in self.completions if answer.score is not None]
        return sum(verdicts) / len(verdicts) if verdicts else None

    @property
    def scored(self) -> int:
        """Completions with a verdict."""
        return sum(answer.score is not None for answer in self.completions)


def distinct(solutions: Iterable[Solution]) -> list[Solution]:
    """Each response to a question once; empty ones, which have no steps, left out."""
    return list({(s.question.id, s.response): s for s in solutions if s.response}.values())


def balanced(solutions: Iterable[Solution], keep: int, chance: Random) -> list[Solution]:
    """At most `keep` different solutions of one question, half of them right and half wrong where there are enough."""
    candidates = distinct(solutions)
    chance.shuffle(candidates)
    right = [solution for solution in candidates if solution.correct]
    wrong = [solution for solution in candidates if not solution.correct]
    chosen = right[: max((keep + 1) // 2, keep - len(wrong))]
    return chosen + wrong[: keep - len(chosen)]


def distinct_states(solutions: Sequence[Solution]) -> list[tuple[Question, str]]:
    """The states of all of them, each once, by length: like lengths are quickest to complete together."""
    states = {place: (s.question, place[1]) for s in solutions for place in s.places}
    return sorted(states.values(), key=lambda state: len(state[0].prompt) + len(state[1]))


def shares(solutions: Iterable[Solution]) -> dict[Place, float]:
    """For each state, the share of right ones among the solutions that pass through it.

    An unbiased estimate of its value, as good as there are solutions: those are the policy's own completions of it.
    """
    outcomes = defaultdict[Place, list[bool]](list)
    for solution in solutions:
        for place in solution.places:
            outcomes[place].append(solution.correct)
    return {place: sum(found) / len(found) for place, found in outcomes.items()}
