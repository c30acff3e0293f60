"""Labelled solutions of the demo's policy for the critic, judged by the running scorer."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from google.protobuf.json_format import ParseDict

from codaserve import ScorerClient
from codaserve.v1 import scorer_pb2 as pb
from critic.training.data import LabelledSolution
from trainer.chance import derive
from trainer.collect.states import distinct, shares
from trainer.collect.work import Progress, Work
from trainer.demo.settings import LabelSettings
from trainer.demo.tasks.problem import Problem
from trainer.rollout.transformers import sample
from trainer.tasks import Question

SCORER_SECONDS = 600.0
"""Time for one call of the scorer: thousands of answers, on a machine that may be busy."""
PROBLEMS_AT_ONCE = 100
BATCH_SIZE = 256
MOST_UNSCORED = 0.25
"""Share of answers without a verdict that is put up with."""


class Labeller:
    """Samples with a policy and asks a scorer.

    `model` and `tokenizer` are the policy's; `scorer` a client; `max_response_tokens` bounds whole responses.
    """

    def __init__(
        self, model: Any, tokenizer: Any, scorer: ScorerClient, *, max_response_tokens: int, seed: int
    ) -> None:
        self.progress = Progress()
        self._sample = partial(sample, model, tokenizer, max_response_tokens=max_response_tokens, batch_size=BATCH_SIZE)
        self._score = partial(scorer.score, timeout=SCORER_SECONDS)
        self._seed = seed

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
            ScorerAwayError: The scorer was waited for and did not come back.
            TooManyUnscoredError: More than MOST_UNSCORED of what was judged at one time got no verdict.
        """
        work = self._work("labels", on_progress)
        chosen = work.keep(work.solve([question(problem) for problem in problems], settings.solutions), settings.keep)
        values = {state.place: state.value for state in work.complete(chosen, settings.completions)}
        return [solution.labelled(values) for solution in chosen]

    def outcomes(
        self, problems: Sequence[Problem], n: int, on_progress: Callable[[str], None] = lambda _: None
    ) -> list[LabelledSolution]:
        """All distinct solutions among n to each problem, valued by each other: many labels for little sampling.

        Raises:
            ScorerAwayError, TooManyUnscoredError: As `label`.
        """
        found: list[LabelledSolution] = []
        for first in range(0, len(problems), PROBLEMS_AT_ONCE):
            questions = [question(problem) for problem in problems[first : first + PROBLEMS_AT_ONCE]]
            solved = self._work(f"outcomes {first}", on_progress).solve(questions, n)
            solutions = [solution for group in solved for solution in group]
            values = shares(solutions)
            found += [solution.labelled(values) for solution in distinct(solutions)]
            on_progress(f"{first + len(questions)} questions answered, {len(found)} different solutions")
        return found

    def _work(self, name: str, on_progress: Callable[[str], None]) -> Work:
        return Work(
            self._sample,
            self._score,
            batch_size=BATCH_SIZE,
            max_unscored_share=MOST_UNSCORED,
            seed=partial(derive, self._seed, name),
            name=name,
            progress=self.progress,
            on_progress=lambda progress: on_progress(
                f"{progress.solutions} solutions kept, {progress.completions} completions of {progress.states} states"
            ),
        )


def question(problem: Problem) -> Question:
    """A problem as the trainer knows questions; its prompt is its id."""
    return Question(problem.prompt, problem.level, problem.prompt, ParseDict(problem.checks(), pb.ScoreItem()))
