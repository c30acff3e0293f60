"""Rows of questions from a JSONL or Parquet file, or from the `datasets` library."""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from codaserve.jsonl import strict_object
from codaserve.settings import ConfigurationError
from trainer.settings import SourceSettings


class TaskError(ConfigurationError):
    """A source of questions cannot be used; the text names file, row, field and remedy."""


def rows(source: SourceSettings) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each row with the place where it stands, for messages: "tasks.jsonl:12".

    Raises:
        TaskError: The source cannot be read, or a row is no object.
    """
    found = _file_rows(source.file) if source.file is not None else _dataset_rows(source)
    for place, row in islice(found, source.limit):
        yield place, _renamed(place, row, source.columns) if source.columns else row


def _file_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    if path.suffix == ".parquet":
        return _parquet_rows(path)
    if path.suffix == ".jsonl":
        return _json_rows(path)
    raise TaskError(f"{path}: not a .jsonl or .parquet file")


def _json_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                place = f"{path}:{number}"
                try:
                    row = strict_object(line)
                except ValueError as error:
                    raise TaskError(f"{place}: {error}") from error
                yield place, row
    except (OSError, UnicodeDecodeError) as error:
        raise TaskError(f"{path}: cannot be read: {error}") from error


def _parquet_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            number = 0
            for batch in file.iter_batches(batch_size=1024):
                for row in batch.to_pylist():
                    number += 1
                    yield f"{path} row {number}", without_nulls(row)
    except (OSError, pyarrow.ArrowException) as error:
        raise TaskError(f"{path}: cannot be read as Parquet: {error}") from error


def _dataset_rows(source: SourceSettings) -> Iterator[tuple[str, dict[str, Any]]]:
    import datasets

    name = f"{source.dataset}[{source.split}]"
    try:
        data = datasets.load_dataset(source.dataset, source.subset, split=source.split)
    except Exception as error:  # the library raises whatever its readers and its network raise
        raise TaskError(f"dataset {name}: cannot be loaded: {error}") from error
    for number, row in enumerate(data, 1):
        yield f"{name} row {number}", without_nulls(row)


def without_nulls(value: Any) -> Any:
    """Columnar formats fill absent fields with null; protobuf's JSON mapping has no use for them."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def _renamed(place: str, row: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    missing = [column for column in columns.values() if column not in row]
    # An absent level or id is a null that was dropped, or a row that has none; every other column is needed.
    needed = [column for field, column in columns.items() if field not in ("id", "level") and column in missing]
    if needed:
        raise TaskError(f"{place}: no column {needed[0]!r}, which columns names; there are {', '.join(sorted(row))}")
    return {field: row[column] for field, column in columns.items() if column in row}
