import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from critic.encode import CutText
from critic.training.data import DataError, LabelledSolution, read, write

GOOD = {"prompt": "q", "response": "a\nb", "values": [0.5, 1, None]}


def save(path: Path, *rows: Any) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def test_reads_default_and_explicit_steps(tmp_path: Path) -> None:
    explicit = {"prompt": "q", "response": "é\u2028bcd", "step_ends": [1, 3], "values": [0, 0.25, 0.5, 1.0]}
    file = save(tmp_path / "d", GOOD, "", explicit, {"prompt": "q", "response": "", "values": [1.0]})
    assert read(file) == [
        LabelledSolution("q", CutText("a\nb", (2, 3)), (0.5, 1.0, None)),
        LabelledSolution("q", CutText("é\u2028bcd", (1, 3, 5)), (0.0, 0.25, 0.5, 1.0)),
        LabelledSolution("q", CutText("", ()), (1.0,)),
    ]


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    solutions = [
        LabelledSolution("q\n", CutText("a\n\u2028b", (1, 4)), (None, 0.3, 1.0)),
        LabelledSolution("é", CutText("", ()), (0.5,)),
    ]
    write(tmp_path / "d", solutions)
    assert read(tmp_path / "d") == solutions


def test_the_outcome_is_a_last_value_of_0_or_1() -> None:
    def outcome(*values: float | None) -> float | None:
        return LabelledSolution("q", CutText("a", (1,)), values).outcome

    assert (outcome(0.5, 1.0), outcome(0.5, 0.0), outcome(0.5, 0.5), outcome(0.5, None)) == (1.0, 0.0, None, None)
    assert LabelledSolution("q", CutText("", ()), (1.0,)).outcome is None


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{", "Expecting property name"),
        ([1], "expected an object"),
        ({**GOOD, "valeus": []}, "valeus: no such field"),
        ({"prompt": "q", "values": [1]}, "response: expected a string"),
        ({**GOOD, "prompt": ""}, "prompt: is empty"),
        ({**GOOD, "values": [0.5, 1]}, "values: has 2 entries; give 3"),
        ({**GOOD, "values": 1}, "values: expected a list"),
        ({**GOOD, "values": [0.5, 1.5, None]}, r"values\[1\]: 1.5"),
        ({**GOOD, "values": [0.5, True, None]}, r"values\[1\]: True"),
        ('{"prompt": "q", "response": "a", "values": [0.5, NaN]}', r"values\[1\]: nan"),
        ('{"prompt": "q", "response": "a", "values": [0.5, 1e999]}', r"values\[1\]: inf is not"),
        ({**GOOD, "values": [0.5, 10**400, None]}, r"values\[1\]: 10+\.\.\.0+ is not a number in \[0, 1\]"),
        ({**GOOD, "values": [0.5, 0, -(10**400)]}, r"values\[2\]: -10+\.\.\.0+ is not a number"),
        ('{"prompt": "q", "response": "a", "values": [0.5, 1' + "0" * 5000 + "]}", "Exceeds the limit"),
        ({**GOOD, "prompt": "ab\ud800"}, r"prompt: has half a surrogate pair, \\ud800, at character 2"),
        ({**GOOD, "response": "\udc00"}, r"response: has half a surrogate pair, \\udc00, at character 0"),
        ("[" * 100_000, "is nested too deeply"),
        ('{"prompt": "q", "prompt": "p", "response": "a", "values": [0.5, 1]}', "prompt: is given twice"),
        ({**GOOD, "step_ends": [10**400]}, r"step_ends\[0\]: 10+ is outside"),
        ({**GOOD, "step_ends": "all"}, "step_ends: expected a list"),
        ({**GOOD, "step_ends": [2, 2]}, r"step_ends\[1\]: 2 follows 2"),
        ({**GOOD, "step_ends": [9]}, r"step_ends\[0\]: 9 is outside"),
    ],
)
def test_a_bad_line_is_named_with_its_field(tmp_path: Path, row: Any, message: str) -> None:
    with pytest.raises(DataError, match=f"line 2: {message}"):
        read(save(tmp_path / "d", GOOD, row))


def test_files_without_labels_or_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no labelled boundary"):
        read(save(tmp_path / "d", {**GOOD, "values": [None, None, None]}))
    with pytest.raises(DataError, match="cannot be read"):
        read(tmp_path / "none")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match="cannot be read"):
        read(tmp_path / "binary")


def test_outcome_labelled_lines_are_recognised(tmp_path: Path) -> None:
    row = {"id": "i", "gold": "1", "prompt": "q", "response": "a\nb", "label": True}
    explicit = {"prompt": "q", "response": "abc", "step_ends": [1], "label": False}
    file = save(tmp_path / "d", row, explicit, GOOD)
    right = LabelledSolution("q", CutText("a\nb", (2, 3)), (1.0, 1.0, 1.0))
    wrong = LabelledSolution("q", CutText("abc", (1, 3)), (0.0, 0.0, 0.0))
    assert read(file) == [right, wrong, LabelledSolution("q", CutText("a\nb", (2, 3)), (0.5, 1.0, None))]
    # The outcome of the last is not known.
    assert read(file, "outcome") == [right, wrong]
    packed = tmp_path / "d.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    assert read(packed) == read(file)


def test_values_become_outcomes_if_asked(tmp_path: Path) -> None:
    file = save(tmp_path / "d", {**GOOD, "values": [0.5, None, 0]}, {**GOOD, "values": [0.5, 0.5, 1.0]}, GOOD)
    assert [solution.values for solution in read(file, "outcome")] == [(0.0, 0.0, 0.0), (1.0, 1.0, 1.0)]
    with pytest.raises(DataError, match="no solution has an outcome"):
        read(save(tmp_path / "e", GOOD), "outcome")


def test_bad_outcomes_are_named(tmp_path: Path) -> None:
    row = {"prompt": "q", "response": "a", "label": 1}
    with pytest.raises(DataError, match="line 1: label: 1 is not true or false"):
        read(save(tmp_path / "d", row))
    with pytest.raises(DataError, match="line 1: label: is an outcome, not values; set data_kind"):
        read(save(tmp_path / "d", {**row, "label": True}), "values")
    with pytest.raises(DataError, match="line 1: label: no such field"):
        read(save(tmp_path / "d", {**GOOD, "label": True}))
    (tmp_path / "d.gz").write_bytes(b"plain")
    with pytest.raises(DataError, match="cannot be read"):
        read(tmp_path / "d.gz")


def test_a_folder_that_is_no_data_set_or_has_damaged_parts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has no solutions/part-\*\.parquet"):
        read(tmp_path)
    part = tmp_path / "solutions" / "part-00000.parquet"
    part.parent.mkdir()
    part.write_bytes(b"PAR1 half of a file")
    with pytest.raises(DataError, match=r"part-00000\.parquet: cannot be read"):
        read(tmp_path)
    pyarrow.parquet.write_table(pyarrow.table({"prompt": ["q"], "response": ["a"]}), part)
    with pytest.raises(DataError, match=r"part-00000\.parquet: .*(step_ends|values)"):
        read(tmp_path)
