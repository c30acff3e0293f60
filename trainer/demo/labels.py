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
from critic.data import LabelledSolution
from critic.encode import CutText
from critic.steps import newline_ends
from trainer.demo.settings import LabelSettings
from trainer.demo.tasks.problem import Problem
from trainer.rollout.transformers import sample

SCORER_SECONDS = 600.0
"""Time for one call of the scorer: thousands of answers, on a machine that may be busy."""
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


@dataclass(frozen=True)
class _Solution:
    problem: Problem
    response: str
    correct: bool


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
        chosen = [solution for group in solutions for solution in self._balanced(group, settings.keep)]
        values = self._complete(chosen, settings.completions, on_progress)
        asked = self.counts.responses + self.counts.completions
        if self.counts.unscored > MOST_UNSCORED * asked:
            raise LabelError(f"the scorer gave no verdict on {self.counts.unscored} of {asked} answers; see its log")
        return [_labelled(solution, values) for solution in chosen]

    def _solve(self, problems: Sequence[Problem], n: int) -> list[list[_Solution]]:
        owners = [problem for problem in problems for _ in range(n)]
        responses = self._sample([problem.prompt for problem in problems], n)
        verdicts = self._score(owners, responses)
        self.counts.responses += len(responses)
        groups: dict[str, list[_Solution]] = {problem.prompt: [] for problem in problems}
        for problem, response, correct in zip(owners, responses, verdicts, strict=True):
            if correct is not None:
                groups[problem.prompt].append(_Solution(problem, response, correct))
        return list(groups.values())

    def _balanced(self, group: Sequence[_Solution], keep: int) -> list[_Solution]:
        distinct = list({solution.response: solution for solution in group if solution.response}.values())
        self._rng.shuffle(distinct)
        right = [solution for solution in distinct if solution.correct]
        wrong = [solution for solution in distinct if not solution.correct]
        half = max((keep + 1) // 2, keep - len(wrong))
        chosen = right[:half]
        return chosen + wrong[: keep - len(chosen)]

    def _complete(
        self, solutions: Sequence[_Solution], n: int, on_progress: Callable[[str], None]
    ) -> dict[tuple[str, str], float]:
        """Value by (prompt, what was written so far), finished responses left out."""
        states: dict[tuple[str, str], Problem] = {}
        for solution in solutions:
            for end in [0, *newline_ends(solution.response)[:-1]]:
                states[solution.problem.prompt, solution.response[:end]] = solution.problem
        # Like lengths together: a batch takes as long as its longest prompt and response.
        order = sorted(states, key=lambda state: len(state[0]) + len(state[1]))
        values: dict[tuple[str, str], float] = {}
        at_once = max(1, 256 // n)
        for first in range(0, len(order), at_once):
            part = order[first : first + at_once]
            endings = self._sample([prompt + begun for prompt, begun in part], n)
            owners = [state for state in part for _ in range(n)]
            responses = [begun + ending for (_, begun), ending in zip(owners, endings, strict=True)]
            outcomes = defaultdict[tuple[str, str], list[bool]](list)
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


def _labelled(solution: _Solution, values: dict[tuple[str, str], float]) -> LabelledSolution:
    prompt, text = solution.problem.prompt, solution.response
    ends = newline_ends(text)
    known = [values.get((prompt, text[:end])) for end in [0, *ends[:-1]]]
    return LabelledSolution(prompt, CutText(text, tuple(ends)), (*known, float(solution.correct)))
