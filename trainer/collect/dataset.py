"""The data set on disk: `solutions/part-00000.parquet` for the critic, `states/part-00000.parquet` for the actor.

A part has the data of some questions. Its states are written first, so that a part with solutions is complete. The
files are Apache Parquet; the schemas below are the format, and each field's metadata says what it is.
"""

from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from codaserve.files import atomic_writer, remove_leftovers
from critic.steps import newline_ends
from trainer.collect.states import Place, Solution, State
from trainer.groups import Answer


def _field(name: str, kind: Any, text: str) -> Any:
    return pa.field(name, kind, metadata={"description": text})


_STEP_ENDS = _field("step_ends", pa.list_(pa.int32()), "end of each step as a character offset into response")

SOLUTIONS = pa.schema([
    _field("question", pa.string(), "the question's id"),
    _field("prompt", pa.string(), "as the policy saw it, templates applied"),
    _field("response", pa.string(), "a kept solution"),
    _STEP_ENDS,
    _field("values", pa.list_(pa.float64()), "of the prompt and of each step: share of right completions; null where "
           "none was scored; the last is the verified outcome"),
    _field("scored", pa.list_(pa.int32()), "completions with a verdict behind each value; 1 for the outcome"),
])  # fmt: skip

COMPLETION = pa.struct([
    _field("text", pa.string(), "what the policy wrote from the state on"),
    _field("token_ids", pa.list_(pa.int32()), "its tokens, an end of sequence included"),
    _field("log_probabilities", pa.list_(pa.float32()), "of its tokens, natural, when it was sampled"),
    _field("truncated", pa.bool_(), "the token limit came before an end of sequence"),
    _field("correct", pa.bool_(), "the verdict; null where there is none"),
    _field("unscored", pa.string(), "why there is none: a failure's code or a reason; empty otherwise"),
    _field("first_step_characters", pa.int32(), "end of the completion's first step in text"),
    _field("first_step_tokens", pa.int32(), "end of the first step in token_ids"),
])  # fmt: skip

STATES = pa.schema([
    _field("question", pa.string(), "the question's id"),
    _field("prompt", pa.string(), "as the policy saw it, templates applied"),
    _field("begun", pa.string(), "what is written so far, whole steps; empty at the prompt"),
    _field("state_ids", pa.list_(pa.int32()), "tokens of prompt and begun, as the policy was given them"),
    _field("value", pa.float64(), "share of right completions; null where none was scored"),
    _field("scored", pa.int32(), "completions with a verdict"),
    _field("completions", pa.list_(COMPLETION), "all completions"),
])  # fmt: skip


def part(folder: Path, kind: str, number: int) -> Path:
    """Where a part is: kind is "solutions" or "states"."""
    return folder / kind / f"part-{number:05}.parquet"


def is_complete(folder: Path, number: int) -> bool:
    """Whether a part is there."""
    return part(folder, "solutions", number).exists()


def write(folder: Path, number: int, solutions: Sequence[Solution], states: Sequence[State]) -> None:
    """Writes one part, of which a reader sees all or nothing.

    Raises:
        OSError: The folder cannot be written.
    """
    values = {state.place: state.value for state in states}
    scored = {state.place: state.scored for state in states}
    _write(part(folder, "states", number), [_state(state) for state in states], STATES)
    _write(
        part(folder, "solutions", number), [_solution(solution, values, scored) for solution in solutions], SOLUTIONS
    )


def _write(path: Path, rows: list[dict[str, Any]], schema: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(path)
    with atomic_writer(path) as file:
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), file, compression="zstd")


def _solution(solution: Solution, values: dict[Place, float | None], scored: dict[Place, int]) -> dict[str, Any]:
    return {
        "question": solution.question.id,
        "prompt": solution.question.prompt,
        "response": solution.response,
        "step_ends": solution.ends,
        "values": solution.labelled(values).values,
        "scored": [*(scored[place] for place in solution.places), 1],
    }


def _state(state: State) -> dict[str, Any]:
    return {
        "question": state.question.id,
        "prompt": state.question.prompt,
        "begun": state.begun,
        "state_ids": state.completions[0].rollout.prompt_ids,
        "value": state.value,
        "scored": state.scored,
        "completions": [_completion(answer) for answer in state.completions],
    }


def _completion(answer: Answer) -> dict[str, Any]:
    rollout = answer.rollout
    ends = newline_ends(rollout.response)
    first = ends[0] if ends else 0
    # A step that is all of the completion has its last tokens, too, which have no characters.
    tokens = bisect_right(rollout.token_ends, first) if len(ends) > 1 else len(rollout.response_ids)
    return {
        "text": rollout.response,
        "token_ids": rollout.response_ids,
        "log_probabilities": rollout.log_probabilities,
        "truncated": rollout.truncated,
        "correct": None if answer.score is None else answer.score.correct,
        "unscored": answer.unscored,
        "first_step_characters": first,
        "first_step_tokens": tokens,
    }
