"""The triples on disk: `part-00000.parquet` for each part of the data set, complete or absent.

Apache Parquet, a row for each state that was kept. The schema below is the format, and each field's metadata says what
it is. What was left out is counted in the file's own metadata.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from codaserve.files import atomic_writer
from codaserve.settings import ConfigurationError


def _field(name: str, kind: Any, text: str) -> Any:
    return pa.field(name, kind, metadata={"description": text})


ACTION = pa.struct([
    _field("text", pa.string(), "the step"),
    _field("token_ids", pa.list_(pa.int32()), "its tokens, an end of sequence included where it ends the answer"),
    _field("ends", pa.bool_(), "it ends the answer"),
    _field("value", pa.float64(), "V(s+a): the critic's, or the verified reward of a step that ends the answer"),
    _field("advantage", pa.float64(), "A(s, a): the value minus the mean over all sampled steps"),
    _field("log_probability", pa.float64(), "of the step, natural, when it was sampled"),
    _field("reference", pa.float64(), "of the step under the reference policy, by the training forward pass"),
])  # fmt: skip

STATES = pa.schema([
    _field("question", pa.string(), "the question's id"),
    _field("prompt", pa.string(), "as the policy saw it, templates applied"),
    _field("begun", pa.string(), "what is written so far, whole steps; empty at the prompt"),
    _field("state_ids", pa.list_(pa.int32()), "tokens of prompt and begun"),
    _field("question_value", pa.float64(), "v_q; null where fewer than two completions of the prompt were scored"),
    _field("critic", pa.string(), "identity of the critic's checkpoint; empty where it was not asked"),
    _field("sampled", pa.int32(), "sampled steps that the advantages' mean is over"),
    _field("actions", pa.list_(ACTION), "the different steps, in the order in which they were first sampled"),
])  # fmt: skip


@dataclass
class Counts:
    """What became of the data set's states and completions."""

    states: int = 0
    """In the data set."""
    kept: int = 0
    too_close: int = 0
    """States left out because their advantages differ by less than the threshold, or there is one action only."""
    no_critic: dict[str, int] = field(default_factory=dict)
    """States left out for want of a critic's answer, by failure code."""
    completions: int = 0
    """In the data set."""
    unscored: int = 0
    """Completions left out because they have no verdict."""
    truncated: int = 0
    """Completions left out because the token limit cut off their first step."""
    repeated: int = 0
    """Sampled steps of kept states beyond the first of their like, and those that have no token of their own."""
    pairs: int = 0
    """Actions of kept states."""
    tokens: int = 0
    """Of the pairs' actions."""
    mismatch: float = 0.0
    """Sum over pairs of |log p(sampler) - log p(training forward)|."""

    def add(self, other: "Counts") -> None:
        """Adds what another part counted."""
        for name, value in asdict(other).items():
            mine = getattr(self, name)
            setattr(self, name, dict(Counter(mine) + Counter(value)) if isinstance(mine, dict) else mine + value)


def part(folder: Path, number: int) -> Path:
    """Where a part is."""
    return folder / f"part-{number:05}.parquet"


def write(folder: Path, number: int, states: Sequence[dict[str, Any]], counts: Counts) -> None:
    """Writes one part, of which a reader sees all or nothing.

    Raises:
        OSError: The folder cannot be written.
    """
    schema = STATES.with_metadata({"counts": json.dumps(asdict(counts))})
    with atomic_writer(part(folder, number)) as file:
        pq.write_table(pa.Table.from_pylist(list(states), schema=schema), file, compression="zstd")


def read_counts(path: Path) -> Counts:
    """What a part counted.

    Raises:
        ConfigurationError: It cannot be read.
    """
    try:
        return Counts(**json.loads(pq.read_schema(path).metadata[b"counts"]))
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise _unreadable(path, error) from error


def digest(folder: Path) -> str:
    """Tells other triples. Raises OSError."""
    whole = sha256()
    for path in _parts(folder):
        with path.open("rb") as file:
            whole.update(file_digest(file, "sha256").digest())
    return whole.hexdigest()


class Triples:
    """All states of a folder. They stay in columns, which take a tenth of the memory of Python's own objects."""

    def __init__(self, folder: Path) -> None:
        """Reads them.

        Raises:
            ConfigurationError: A part cannot be read.
        """
        tables = []
        self.counts = Counts()
        for path in _parts(folder):
            self.counts.add(read_counts(path))
            try:
                tables.append(pq.read_table(path, schema=STATES))
            except (OSError, pa.ArrowException) as error:
                raise _unreadable(path, error) from error
        self._table = pa.concat_tables(tables) if tables else STATES.empty_table()

    @property
    def pairs(self) -> list[int]:
        """How many actions each state has."""
        lengths: list[int] = pc.list_value_length(self._table["actions"]).to_pylist()
        return lengths

    @property
    def question_values(self) -> list[float | None]:
        """v_q of each state's question."""
        found: list[float | None] = self._table["question_value"].to_pylist()
        return found

    def take(self, states: Sequence[int]) -> list[dict[str, Any]]:
        """Some states as rows, by their positions."""
        rows: list[dict[str, Any]] = self._table.take(list(states)).to_pylist()
        return rows


def _parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("part-*.parquet"))


def _unreadable(path: Path, error: Exception) -> ConfigurationError:
    return ConfigurationError(f"{path}: the triples cannot be read: {error}; remove the file to make it again")
