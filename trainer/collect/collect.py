"""The work: solutions, what is kept of them, completions, verdicts, part by part."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from codaserve.files import remove_leftovers, write_atomically
from codaserve.settings import ConfigurationError
from trainer.chance import derive
from trainer.collect import dataset
from trainer.collect.settings import CollectSettings
from trainer.collect.weights import policy_digest
from trainer.collect.work import Progress, Sample, Score, Work
from trainer.tasks import Question, fingerprint

RECORD = "collect.json"
"""Marks a folder as that of a data set, and says what it was made with."""


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
            work = Work(
                sample,
                score,
                batch_size=settings.policy.batch_size,
                max_unscored_share=settings.scorer.max_unscored_share,
                seed=partial(derive, settings.seed, "collect", number),
                name=str(number),
                progress=progress,
                on_progress=on_progress,
            )
            solutions = work.keep(work.solve(some, settings.solutions), settings.keep)
            dataset.write(settings.output, number, solutions, work.complete(solutions, settings.completions))
        progress.questions += len(some)
        on_progress(progress)
    return progress


def claim(settings: CollectSettings, questions: Sequence[Question]) -> None:
    """Records what the data are made with, or compares it with what they were made with.

    Raises:
        ConfigurationError: The folder holds something else, or a data set of other settings, questions or policy.
    """
    made_with: dict[str, Any] = settings.model_dump(
        mode="json", exclude={"output": True, "scorer": True, "policy": {"vllm"}}
    )
    made_with["questions"] = fingerprint(questions)
    made_with["policy"]["files"] = policy_digest(settings.policy.path, "policy.path")
    text = json.dumps(made_with, indent=2, sort_keys=True) + "\n"
    record = settings.output / RECORD
    try:
        settings.output.mkdir(parents=True, exist_ok=True)
        remove_leftovers(record)
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
