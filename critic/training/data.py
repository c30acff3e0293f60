"""Training data: solutions whose step boundaries carry Monte-Carlo values.

JSON Lines, one solution a line, or a folder that `codaserve critic collect` wrote, whose Parquet files have the same
columns:

    {"prompt": "...", "response": "...", "step_ends": [12, 30], "values": [0.5, 0.75, 1.0]}

`values` has one entry for the prompt and one for each step: the share of right answers among completions from that
state (arXiv 2412.18279, section 3.2), or null where it was not estimated; the last one may be the verified outcome.
`step_ends` are character offsets into the response; without them the response is cut at newlines. A line of
outcome-labelled data has `label`, true or false, in place of `values`, and whatever other fields; all its boundaries
get that outcome.
"""

import gzip
import json
import reprlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from codaserve.files import write_atomically
from critic.encode import CutText
from critic.steps import OffsetError, explicit_ends, newline_ends

DataKind = Literal["auto", "values", "outcome"]
_FIELDS = {"prompt", "response", "step_ends", "values"}
_UNREADABLE = (OSError, UnicodeDecodeError, EOFError, zlib.error)


class DataError(ValueError):
    """A line of a data file that cannot be used; the text names the line, the field and the remedy."""


@dataclass(frozen=True)
class LabelledSolution:
    """A response cut into n steps, with n + 1 values: the prompt's first, None where there is no label."""

    prompt: str
    response: CutText
    values: tuple[float | None, ...]

    @property
    def outcome(self) -> float | None:
        """1 or 0 if the finished answer is known to be right or wrong."""
        last = self.values[-1]
        return last if last in (0.0, 1.0) and self.response.ends else None

    def with_outcome(self) -> "LabelledSolution":
        """The same solution with its outcome, which is known, as the value of each boundary."""
        return replace(self, values=(self.outcome,) * len(self.values))


def read(path: Path, kind: DataKind = "auto") -> list[LabelledSolution]:
    """Reads a data file, in which blank lines are skipped, or the folder of a collected data set.

    Args:
        path: The file, or the folder; a name that ends in .gz is unpacked.
        kind: "values" refuses lines with `label`. "outcome" makes outcome-labelled data of those with values, too;
            solutions whose outcome is not known are left out.

    Raises:
        DataError: The file cannot be read, a line is malformed or of the wrong kind, or no line has a label.
    """
    solutions = _read_folder(path) if path.is_dir() else _read_lines(path, labels=kind != "values")
    if kind == "outcome":
        solutions = [solution.with_outcome() for solution in solutions if solution.outcome is not None]
        if not solutions:
            raise DataError(f"{path}: no solution has an outcome; give `label`, or a last value of 0 or 1")
    if not any(value is not None for solution in solutions for value in solution.values):
        raise DataError(f"{path}: no labelled boundary; give at least one number in `values`")
    return solutions


def _read_folder(folder: Path) -> list[LabelledSolution]:
    import pyarrow
    import pyarrow.parquet

    parts = sorted((folder / "solutions").glob("part-*.parquet"))
    if not parts:
        raise DataError(
            f"{folder}: has no solutions/part-*.parquet; give a file, or a folder in which `codaserve critic collect` "
            "has finished some questions"
        )
    solutions = []
    for part in parts:
        try:
            rows = pyarrow.parquet.read_table(part, columns=sorted(_FIELDS)).to_pylist()
        except (OSError, pyarrow.ArrowException) as error:
            raise DataError(f"{part}: cannot be read: {error}") from error
        for number, row in enumerate(rows, start=1):
            try:
                solutions.append(_labelled(row))
            except ValueError as error:
                raise DataError(f"{part}: row {number}: {error}") from error
    return solutions


def _read_lines(path: Path, *, labels: bool) -> list[LabelledSolution]:
    try:
        content = path.read_bytes()
        lines = (gzip.decompress(content) if path.suffix == ".gz" else content).decode().split("\n")
    except _UNREADABLE as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    solutions = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                solutions.append(_parse(line, labels=labels))
            except ValueError as error:
                raise DataError(f"{path}: line {number}: {error}") from error
    return solutions


def write(path: Path, solutions: Sequence[LabelledSolution]) -> None:
    """Writes a file that `read` reads back unchanged. In place of an old file at once."""
    rows = (
        {"prompt": s.prompt, "response": s.response.text, "step_ends": s.response.ends, "values": s.values}
        for s in solutions
    )
    write_atomically(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def _parse(line: str, *, labels: bool) -> LabelledSolution:
    try:
        row = json.loads(line, object_pairs_hook=_no_repeats)
    except RecursionError as error:
        raise ValueError("is nested too deeply; expected an object with prompt, response and values") from error
    if not isinstance(row, dict):
        raise ValueError("expected an object with prompt, response and values")
    if "label" in row and "values" not in row:
        if not labels:
            raise ValueError("label: is an outcome, not values; set data_kind to outcome or auto")
        return _labelled(row)
    if unknown := sorted(row.keys() - _FIELDS):
        raise ValueError(f"{unknown[0]}: no such field; there are prompt, response, step_ends and values")
    return _labelled(row)


def _labelled(row: dict[str, Any]) -> LabelledSolution:
    prompt, text = _text(row, "prompt"), _text(row, "response")
    if not prompt:
        raise ValueError("prompt: is empty; give the prompt as the policy saw it")
    ends = _ends(row, text)
    values = _values(row, len(ends)) if "values" in row or "label" not in row else _outcome(row, len(ends))
    return LabelledSolution(prompt, CutText(text, tuple(ends)), values)


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in pairs:
        if name in row:
            raise ValueError(f"{name}: is given twice; give it once")
        row[name] = value
    return row


def _text(row: dict[str, Any], field: str) -> str:
    value = row.get(field)
    if not isinstance(value, str):
        raise ValueError(f"{field}: expected a string")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        half = f"\\u{ord(value[error.start]):04x}"
        raise ValueError(f"{field}: has half a surrogate pair, {half}, at character {error.start}; drop it") from error
    return value


def _ends(row: dict[str, Any], text: str) -> list[int]:
    ends = row.get("step_ends")
    if ends is None:
        return newline_ends(text)
    if not isinstance(ends, list) or not all(type(end) is int for end in ends):
        raise ValueError("step_ends: expected a list of integers, or leave it out to cut at newlines")
    try:
        return explicit_ends(text, ends) if text or ends else []
    except OffsetError as error:
        raise ValueError(f"step_ends[{error.index}]: {error}") from error


def _outcome(row: dict[str, Any], steps: int) -> tuple[float, ...]:
    label = row["label"]
    if not isinstance(label, bool):
        raise ValueError(f"label: {reprlib.repr(label)} is not true or false")
    return (float(label),) * (steps + 1)


def _values(row: dict[str, Any], steps: int) -> tuple[float | None, ...]:
    values = row.get("values")
    if not isinstance(values, list):
        raise ValueError("values: expected a list of numbers in [0, 1] and nulls")
    if len(values) != steps + 1:
        raise ValueError(f"values: has {len(values)} entries; give {steps + 1}: the prompt's and one for each step")
    for index, value in enumerate(values):
        # NaN is in no interval; a huge integer is compared exactly.
        if value is not None and (type(value) not in (int, float) or not 0 <= value <= 1):
            raise ValueError(f"values[{index}]: {reprlib.repr(value)} is not a number in [0, 1] or null")
    return tuple(None if value is None else float(value) for value in values)
