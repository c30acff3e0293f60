"""The work: solutions, what is kept of them, completions, verdicts, part by part."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Protocol

from codaserve.files import write_atomically
from codaserve.settings import ConfigurationError
from codaserve.v1 import scorer_pb2 as pb
from trainer.chance import derive
from trainer.collect import dataset
from trainer.collect.settings import CollectSettings
from trainer.collect.states import Solution, State, distinct_states, pick
from trainer.groups import Answer, Group, make_groups, score_groups
from trainer.rollout.rollout import Rollout
from trainer.tasks import Question, fingerprint

RECORD = "collect.json"
"""Marks a folder as that of a data set, and says what it was made with."""
Score = Callable[[Sequence[pb.ScoreItem]], Sequence[pb.ScoreResult]]


class Sample(Protocol):
    """Writes `n` responses to each prompt, those to the first prompt first."""

    def __call__(self, prompts: Sequence[str], n: int, *, seed: int) -> list[Rollout]: ...


@dataclass
class Progress:
    """What was done so far, finished parts of earlier runs included in `questions` only."""

    questions: int = 0
    of: int = 0
    solutions: int = 0
    states: int = 0
    completions: int = 0
    unscored: int = 0
    """Solutions and completions without a verdict."""


def collect(
    settings: CollectSettings,
    questions: Sequence[Question],
    sample: Sample,
    score: Score,
    on_progress: Callable[[Progress], None],
) -> Progress:
    """Writes the parts that are missing. Equal settings and policies give equal data, however often it was stopped.

    Args:
        settings: How many of what, and where to: a folder that `claim` was called for.
        questions: All of them, in the order that parts are made of.
        sample: The policy.
        score: Asks the scorer; results in order.
        on_progress: Told after each step of the work.

    Raises:
        ScorerAwayError: The scorer was waited for and did not come back.
        TooManyUnscoredError: Too few verdicts to go on.
        OSError: The folder cannot be written.
    """
    progress = Progress(of=len(questions))
    for number, first in enumerate(range(0, len(questions), settings.questions_at_once)):
        some = questions[first : first + settings.questions_at_once]
        if not dataset.is_complete(settings.output, number):
            work = _Part(settings, number, sample, score, progress, on_progress)
            solutions = work.solve(some)
            dataset.write(settings.output, number, solutions, work.complete(solutions))
        progress.questions += len(some)
        on_progress(progress)
    return progress


@dataclass
class _Part:
    """The work on one part."""

    settings: CollectSettings
    number: int
    sample: Sample
    score: Score
    progress: Progress
    on_progress: Callable[[Progress], None]

    def solve(self, questions: Sequence[Question]) -> list[Solution]:
        n = self.settings.solutions
        rollouts = self.sample([question.prompt for question in questions], n, seed=self._seed("solutions"))
        groups = make_groups(questions, rollouts, n)
        self._judge(groups, "solutions")
        kept = [
            solution
            for group in groups
            for solution in pick(
                group.question, group.answers, self.settings.keep, Random(self._seed(f"keep {group.question.id}"))
            )
        ]
        self.progress.solutions += len(kept)
        self.on_progress(self.progress)
        return kept

    def complete(self, solutions: Sequence[Solution]) -> list[State]:
        n = self.settings.completions
        states = distinct_states(solutions)
        at_once = max(1, self.settings.policy.batch_size // n)
        completed: list[State] = []
        for first in range(0, len(states), at_once):
            some = states[first : first + at_once]
            prompts = [question.prompt + begun for question, begun in some]
            rollouts = self.sample(prompts, n, seed=self._seed(f"completions {first}"))
            groups = make_groups([question for question, _ in some], rollouts, n)
            self._judge(groups, f"completions/{first}", [begun for _, begun in some])
            completed += [
                State(question, begun, tuple(group.answers))
                for (question, begun), group in zip(some, groups, strict=True)
            ]
            self.progress.states += len(some)
            self.progress.completions += len(rollouts)
            self.on_progress(self.progress)
        return completed

    def _judge(self, groups: Sequence[Group], name: str, begun: Sequence[str] | None = None) -> None:
        """Fills in the scores; what is scored is the whole answer, of which a completion is the end."""
        whole = [
            Group(group.question, [Answer(_behind(beginning, answer.rollout)) for answer in group.answers])
            for group, beginning in zip(groups, begun or [""] * len(groups), strict=True)
        ]
        score_groups(
            whole,
            self.score,
            name=f"{self.number}/{name}",
            max_unscored_share=self.settings.scorer.max_unscored_share,
        )
        for group, judged in zip(groups, whole, strict=True):
            for answer, verdict in zip(group.answers, judged.answers, strict=True):
                answer.score, answer.unscored = verdict.score, verdict.unscored
                self.progress.unscored += verdict.score is None

    def _seed(self, use: str) -> int:
        return derive(self.settings.seed, "collect", self.number, use)


def _behind(beginning: str, rollout: Rollout) -> Rollout:
    return replace(rollout, response=beginning + rollout.response)


def claim(settings: CollectSettings, questions: Sequence[Question]) -> None:
    """Records what the data are made with, or compares it with what they were made with.

    Raises:
        ConfigurationError: The folder holds something else, or a data set of other settings, questions or policy.
    """
    made_with: dict[str, Any] = settings.model_dump(mode="json", exclude={"output", "scorer"})
    made_with["questions"] = fingerprint(questions)
    made_with["policy"]["files"] = policy_digest(Path(settings.policy.path))
    text = json.dumps(made_with, indent=2, sort_keys=True) + "\n"
    record = settings.output / RECORD
    try:
        settings.output.mkdir(parents=True, exist_ok=True)
        before = record.read_text(encoding="utf-8") if record.exists() else None
        if before is None:
            if any(settings.output.iterdir()):
                raise ConfigurationError(f"output: {settings.output} is not empty and no data set; choose another")
            write_atomically(record, text)
    except OSError as error:
        raise ConfigurationError(f"output: {settings.output} cannot be used: {error}") from error
    if before is not None and before != text:
        old, new = json.loads(before), json.loads(text)
        changed = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
        raise ConfigurationError(
            f"output: {settings.output} has a data set that was made with another {', '.join(changed)}; choose another "
            "folder, or go on as it was begun"
        )


def policy_digest(folder: Path) -> str:
    """Of a policy's weights; tells another one under the same path. Raises OSError."""
    whole = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")) if folder.is_dir() else []:
        with file.open("rb") as stream:
            whole.update(hashlib.file_digest(stream, "sha256").digest())
    return whole.hexdigest()[:16]
