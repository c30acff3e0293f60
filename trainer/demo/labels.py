"""Monte-Carlo values for the critic: solutions of the policy, completed from every step boundary, judged by the scorer.

V(s) is estimated by the share of right answers among N completions from s (arXiv 2412.18279, section 3.2). A completion
without a verdict lowers N; a state without any is left unlabelled.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from google.protobuf.json_format import ParseDict

from codaserve import ScorerClient
from codaserve.v1 import scorer_pb2 as pb
from critic.training.data import LabelledSolution
from trainer.demo.settings import LabelSettings
from trainer.demo.solutions import Solution, State, balanced, distinct, labelled, shares
from trainer.demo.tasks.problem import Problem
from trainer.rollout.transformers import sample

SCORER_SECONDS = 600.0
"""Time for one call of the scorer: thousands of answers, on a machine that may be busy."""
PROBLEMS_AT_ONCE = 100
MOST_UNSCORED = 0.25
"""Share of answers without a verdict that is put up with."""


@dataclass
class LabelCounts:
    """What the labelling did."""

    responses: int = 0
    completions: int = 0
    unscored: int = 0
    """Responses and completions without a verdict."""


class LabelError(Exception):
    """Too little was judged for labels; the text says how much."""


class Labeller:
    """Samples with a policy and asks a scorer.

    `model` and `tokenizer` are the policy's; `scorer` a client; `max_response_tokens` bounds whole responses.
    """

    def __init__(
        self, model: Any, tokenizer: Any, scorer: ScorerClient, *, max_response_tokens: int, seed: int
    ) -> None:
        self.counts = LabelCounts()
        self._model, self._tokenizer, self._scorer = model, tokenizer, scorer
        self._most, self._rng = max_response_tokens, Random(seed)

    def label(
        self,
        problems: Sequence[Problem],
        settings: LabelSettings,
        on_progress: Callable[[str], None] = lambda _: None,
    ) -> list[LabelledSolution]:
        """Solutions of these problems with a value at each boundary; the last value is the verified outcome.

        Args:
            problems: With different prompts.
            settings: How many of what.
            on_progress: Told what is done, in a few words.

        Raises:
            LabelError: More than MOST_UNSCORED of the responses and completions got no verdict.
        """
        solutions = self._solve(problems, settings.solutions)
        on_progress(f"{self.counts.responses} solutions of {len(problems)} questions scored")
        chosen = [solution for group in solutions for solution in balanced(group, settings.keep, self._rng)]
        values = self._complete(chosen, settings.completions, on_progress)
        self._refuse_guesses()
        return [labelled(solution, values) for solution in chosen]

    def outcomes(
        self, problems: Sequence[Problem], n: int, on_progress: Callable[[str], None] = lambda _: None
    ) -> list[LabelledSolution]:
        """All distinct solutions among n to each problem, valued by each other: many labels for little sampling.

        Raises:
            LabelError: As `label`.
        """
        found: list[LabelledSolution] = []
        for first in range(0, len(problems), PROBLEMS_AT_ONCE):
            groups = self._solve(problems[first : first + PROBLEMS_AT_ONCE], n)
            self._refuse_guesses()
            solutions = [solution for group in groups for solution in group]
            values = shares(solutions)
            found += [labelled(solution, values) for solution in distinct(solutions)]
            on_progress(f"{self.counts.responses} solutions scored, {len(found)} of them different")
        return found

    def _refuse_guesses(self) -> None:
        asked = self.counts.responses + self.counts.completions
        if self.counts.unscored > MOST_UNSCORED * asked:
            raise LabelError(f"the scorer gave no verdict on {self.counts.unscored} of {asked} answers; see its log")

    def _solve(self, problems: Sequence[Problem], n: int) -> list[list[Solution]]:
        owners = [problem for problem in problems for _ in range(n)]
        responses = self._sample([problem.prompt for problem in problems], n)
        verdicts = self._score(owners, responses)
        self.counts.responses += len(responses)
        groups: dict[str, list[Solution]] = {problem.prompt: [] for problem in problems}
        for problem, response, correct in zip(owners, responses, verdicts, strict=True):
            if correct is not None:
                groups[problem.prompt].append(Solution(problem, response, correct))
        return list(groups.values())

    def _complete(
        self, solutions: Sequence[Solution], n: int, on_progress: Callable[[str], None]
    ) -> dict[State, float]:
        """Value by (prompt, what was written so far), finished responses left out."""
        states = {state: solution.problem for solution in solutions for state in solution.states}
        # Like lengths together: a batch takes as long as its longest prompt and response.
        order = sorted(states, key=lambda state: len(state[0]) + len(state[1]))
        values: dict[State, float] = {}
        at_once = max(1, 256 // n)
        for first in range(0, len(order), at_once):
            part = order[first : first + at_once]
            endings = self._sample([prompt + begun for prompt, begun in part], n)
            owners = [state for state in part for _ in range(n)]
            responses = [begun + ending for (_, begun), ending in zip(owners, endings, strict=True)]
            outcomes = defaultdict[State, list[bool]](list)
            for state, correct in zip(owners, self._score([states[o] for o in owners], responses), strict=True):
                if correct is not None:
                    outcomes[state].append(correct)
            values.update({state: sum(found) / len(found) for state, found in outcomes.items()})
            self.counts.completions += len(endings)
            on_progress(f"{first + len(part)} of {len(order)} states completed and scored")
        return values

    def _sample(self, prompts: Sequence[str], n: int) -> list[str]:
        rollouts = sample(
            self._model, self._tokenizer, prompts, n,
            seed=self._rng.getrandbits(32), max_response_tokens=self._most, batch_size=256,
        )  # fmt: skip
        return [rollout.response for rollout in rollouts]

    def _score(self, problems: Sequence[Problem], responses: Sequence[str]) -> list[bool | None]:
        """Verdicts; None where the service could not decide, which is neither right nor wrong."""
        items = [score_item(problem, response) for problem, response in zip(problems, responses, strict=True)]
        verdicts: list[bool | None] = [
            result.verdict.correct if result.WhichOneof("outcome") == "verdict" and result.verdict.HasField("correct")
            else None
            for result in self._scorer.score(items, timeout=SCORER_SECONDS)
        ]  # fmt: skip
        self.counts.unscored += sum(verdict is None for verdict in verdicts)
        return verdicts


def score_item(problem: Problem, response: str) -> pb.ScoreItem:
    """The item that asks whether a response solves a problem."""
    item = ParseDict(problem.checks(), pb.ScoreItem())
    if item.WhichOneof("task") == "math":
        item.math.response = response
    else:
        item.code.response = response
    return item
