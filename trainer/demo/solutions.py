"""Judged solutions of the policy, and what they say of the states that they pass through."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from critic.encode import CutText
from critic.steps import newline_ends
from critic.training.data import LabelledSolution
from trainer.demo.tasks.problem import Problem

State = tuple[str, str]
"""A prompt, and what was written after it so far."""


@dataclass(frozen=True)
class Solution:
    """A response with its verdict."""

    problem: Problem
    response: str
    correct: bool

    @property
    def states(self) -> list[State]:
        """The step boundaries before the last one, the prompt first."""
        return [(self.problem.prompt, self.response[:end]) for end in [0, *newline_ends(self.response)[:-1]]]


def distinct(group: Iterable[Solution]) -> list[Solution]:
    """Each response once; empty ones, which have no steps, left out."""
    return list({(s.problem.prompt, s.response): s for s in group if s.response}.values())


def balanced(group: Sequence[Solution], keep: int, rng: Random) -> list[Solution]:
    """At most `keep` different solutions of one question, half of them right and half wrong where there are enough."""
    candidates = distinct(group)
    rng.shuffle(candidates)
    right = [solution for solution in candidates if solution.correct]
    wrong = [solution for solution in candidates if not solution.correct]
    chosen = right[: max((keep + 1) // 2, keep - len(wrong))]
    return chosen + wrong[: keep - len(chosen)]


def shares(group: Iterable[Solution]) -> dict[State, float]:
    """For each state, the share of right ones among the solutions that pass through it.

    An unbiased estimate of its value, as good as there are solutions: those are the policy's own completions of it.
    """
    outcomes = defaultdict[State, list[bool]](list)
    for solution in group:
        for state in solution.states:
            outcomes[state].append(solution.correct)
    return {state: sum(found) / len(found) for state, found in outcomes.items()}


def labelled(solution: Solution, values: Mapping[State, float]) -> LabelledSolution:
    """A line of the critic's training data: known values at the boundaries, the verified outcome at the last."""
    ends = newline_ends(solution.response)
    known = [values.get(state) for state in solution.states]
    return LabelledSolution(
        solution.problem.prompt, CutText(solution.response, tuple(ends)), (*known, float(solution.correct))
    )
