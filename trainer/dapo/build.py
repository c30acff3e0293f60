"""Makes the triples, part by part: the critic's values, advantages, and the reference's log-probabilities."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from codaserve.files import write_atomically
from codaserve.settings import ConfigurationError
from codaserve.v1 import critic_pb2 as pb
from trainer.dapo import store
from trainer.dapo.pairs import Pair, StateAndStep
from trainer.dapo.settings import PairSettings
from trainer.dapo.source import Source
from trainer.dapo.store import Counts
from trainer.dapo.triples import Action, FirstStep, actions, first_steps, question_value, tells_apart
from trainer.dapo.values import Answered, Asked, Evaluate, values
from trainer.errors import CriticAwayError

OUTAGE_CODES = tuple(map(pb.CriticFailureCode.Name, (pb.CRITIC_FAILURE_UNAVAILABLE, pb.CRITIC_FAILURE_OVERLOADED)))
"""What the client gives a group when it stopped waiting for a critic that is away or full."""
Reference = Callable[[Sequence[Pair]], Sequence[float]]


@dataclass
class BuildProgress:
    """How far it is."""

    parts: int = 0
    of: int = 0
    counts: Counts = field(default_factory=Counts)


def is_complete(source: Source, folder: Path) -> bool:
    """Whether every part of the data set has its triples."""
    return all(store.part(folder, number).exists() for number in source.parts)


def claim(folder: Path, source: Source, settings: PairSettings, *, critic: str | None) -> None:
    """Records beside a folder, in a file of its name with .json, what its triples are made with, or compares it with
    what they were made with.

    Args:
        folder: Of the triples.
        source: The data set.
        settings: Threshold and treatment of truncated steps count.
        critic: Identity of the critic's checkpoint; None when it is not needed any more.

    Raises:
        ConfigurationError: The folder has triples of something else.
    """
    made_with = {"data": source.identity, "threshold": settings.threshold, "truncated": settings.truncated}
    if critic is not None:
        made_with["critic"] = critic
    record = folder.with_name(f"{folder.name}.json")
    if not record.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(record, json.dumps(made_with, indent=2) + "\n")
        return
    before = json.loads(record.read_text(encoding="utf-8"))
    changed = [key for key, value in made_with.items() if before.get(key) != value]
    if changed:
        raise ConfigurationError(
            f"{folder} has triples that were made with another {', '.join(changed)}; choose another folder, or go on "
            "as it was begun"
        )


def build(
    folder: Path,
    source: Source,
    parts: Sequence[int],
    settings: PairSettings,
    evaluate: Evaluate,
    reference: Reference,
    on_progress: Callable[[BuildProgress], None],
) -> None:
    """Writes the parts that are missing.

    Args:
        folder: That `claim` was called for.
        source: The data set.
        parts: Of its parts, those to see to.
        settings: Threshold and treatment of truncated steps.
        evaluate: Asks the critic; evaluations in order.
        reference: log pi_ref(a|s) of pairs, in order.
        on_progress: Told after each part.

    Raises:
        CriticAwayError: The critic was waited for and did not come back.
        ConfigurationError: A part of the data set cannot be read.
        OSError: The folder cannot be written.
    """
    progress = BuildProgress(of=len(parts))
    for number in parts:
        path = store.part(folder, number)
        if path.exists():
            counts = store.read_counts(path)
        else:
            states, counts = _part(source.states(number), settings, evaluate, reference, name=str(number))
            store.write(folder, number, states, counts)
        progress.parts += 1
        progress.counts.add(counts)
        on_progress(progress)


def _part(
    rows: Sequence[dict[str, Any]], settings: PairSettings, evaluate: Evaluate, reference: Reference, *, name: str
) -> tuple[list[dict[str, Any]], Counts]:
    counts = Counts(states=len(rows), completions=sum(len(row["completions"]) for row in rows))
    sampled = [_sampled(row, settings, counts) for row in rows]
    asked = [Asked(row["prompt"], row["begun"], steps) for row, steps in zip(rows, sampled, strict=True)]
    answers = values(asked, evaluate, name=name)
    _refuse_outage(answers)
    whole = (row for row in rows if not row["begun"])
    of_question = {row["question"]: question_value(row["completions"], settings.truncated) for row in whole}
    states = []
    for row, steps, answer in zip(rows, sampled, answers, strict=True):
        found = _kept(steps, answer, settings, counts)
        if found:
            states.append({
                **{name: row[name] for name in ("question", "prompt", "begun", "state_ids")},
                "question_value": of_question.get(row["question"]),
                "critic": answer.checkpoint,
                "sampled": len(steps),
                "actions": [_action(action) for action in found],
            })  # fmt: skip
    _refer(states, reference, counts)
    return states, counts


def _sampled(row: dict[str, Any], settings: PairSettings, counts: Counts) -> list[FirstStep]:
    steps = first_steps(row["completions"])
    counts.unscored += len(row["completions"]) - len(steps)
    left = [step for step in steps if not step.truncated or settings.truncated != "mask"]
    counts.truncated += len(steps) - len(left)
    if settings.truncated == "wrong":
        return [replace(step, outcome=0.0) if step.truncated else step for step in left]
    return left


def _kept(steps: Sequence[FirstStep], answer: Answered, settings: PairSettings, counts: Counts) -> list[Action]:
    """The actions of a state that is kept, else none."""
    if answer.missing:
        counts.no_critic[answer.missing] = counts.no_critic.get(answer.missing, 0) + 1
        return []
    found = actions(steps, answer.values)
    if not tells_apart(found, settings.threshold):
        counts.too_close += 1
        return []
    counts.kept += 1
    counts.pairs += len(found)
    counts.repeated += len(steps) - len(found)
    counts.tokens += sum(len(action.step.token_ids) for action in found)
    return found


def _action(action: Action) -> dict[str, Any]:
    step = action.step
    return {
        "text": step.text,
        "token_ids": list(step.token_ids),
        "ends": step.outcome is not None,
        "value": action.value,
        "advantage": action.advantage,
        "log_probability": step.log_probability,
    }


def _refer(states: Sequence[dict[str, Any]], reference: Reference, counts: Counts) -> None:
    """Fills in the reference's log-probabilities."""
    pairs = [Pair(StateAndStep(state["state_ids"], a["token_ids"])) for state in states for a in state["actions"]]
    found = iter(reference(pairs))
    for state in states:
        for action in state["actions"]:
            action["reference"] = next(found)
            counts.mismatch += abs(action["reference"] - action["log_probability"])


def _refuse_outage(answers: Sequence[Answered]) -> None:
    lost = [answer for answer in answers if answer.missing in OUTAGE_CODES]
    if lost:
        raise CriticAwayError(f"{len(lost)} of {len(answers)} states got no value: {lost[0].missing}")
