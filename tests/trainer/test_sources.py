"""Rows from files and data sets."""

import json
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from trainer.settings import SourceSettings
from trainer.sources import TaskError, rows


def test_jsonl_skips_empty_lines_and_counts_them(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    path.write_text('{"a": 1}\n\n{"a": 2}\n')
    assert list(rows(SourceSettings(file=path))) == [(f"{path}:1", {"a": 1}), (f"{path}:3", {"a": 2})]


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    path.write_text('{"a": 1}\n', encoding="utf-8-sig")
    assert [row for _, row in rows(SourceSettings(file=path))] == [{"a": 1}]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "tasks.jsonl:2: not JSON"),
        ("[1]", "tasks.jsonl:2: expected an"),
        ("[" * 100_000, "tasks.jsonl:2: nested too deeply"),
        ('{"a": 1, "a": 2}', "tasks.jsonl:2: the name 'a' is given twice"),
        ('{"a": NaN}', "tasks.jsonl:2: NaN is not JSON"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "tasks.jsonl"
    path.write_text('{"a": 1}\n' + line + "\n")
    with pytest.raises(TaskError, match=message):
        list(rows(SourceSettings(file=path)))


def test_parquet_rows_lose_the_nulls_that_columns_fill_in(tmp_path: Path) -> None:
    path = tmp_path / "tasks.parquet"
    data: list[dict[str, Any]] = [
        {"question": "a", "math": {"gold": ["1"]}, "code": None},
        {"question": "b", "math": None, "code": {"language": "python", "entry_point": None}},
    ]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(data), path)
    assert list(rows(SourceSettings(file=path))) == [
        (f"{path} row 1", {"question": "a", "math": {"gold": ["1"]}}),
        (f"{path} row 2", {"question": "b", "code": {"language": "python"}}),
    ]


def test_a_folder_that_the_datasets_library_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "train.jsonl").write_text('{"problem": "1+1", "answer": "2", "other": 3}\n')
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    source = SourceSettings(dataset=str(folder), columns={"question": "problem", "gold": "answer"})
    assert list(rows(source)) == [(f"{folder}[train] row 1", {"question": "1+1", "gold": "2"})]


def test_columns_rename_and_ignore_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    path.write_text(json.dumps({"problem": "1+1", "answer": "2", "subject": "x"}) + "\n")
    source = SourceSettings(file=path, columns={"question": "problem", "gold": "answer", "level": "level"})
    assert [row for _, row in rows(source)] == [{"question": "1+1", "gold": "2"}]


def test_a_needed_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    path.write_text(json.dumps({"problem": "1+1"}) + "\n")
    with pytest.raises(TaskError, match="no column 'answer'"):
        list(rows(SourceSettings(file=path, columns={"question": "problem", "gold": "answer"})))


def test_limit_takes_the_first(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    path.write_text('{"a": 1}\n{"a": 2}\n{broken')
    assert len(list(rows(SourceSettings(file=path, limit=2)))) == 2


@pytest.mark.parametrize("name", ["tasks.txt", "missing.jsonl", "missing.parquet"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(TaskError, match=name):
        list(rows(SourceSettings(file=tmp_path / name)))


def test_a_file_that_is_no_parquet_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_text("no")
    with pytest.raises(TaskError, match="cannot be read as Parquet"):
        list(rows(SourceSettings(file=tmp_path / "x.parquet")))


def test_a_data_set_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="nothing-here"):
        list(rows(SourceSettings(dataset=str(tmp_path / "nothing-here"))))
