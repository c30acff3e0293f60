import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codaserve.cli.jsonl import Line, read_lines, to_line
from codaserve.v1 import scorer_pb2 as pb


def read(text: str | bytes) -> list[Line[pb.ScoreItem]]:
    return list(read_lines(io.BytesIO(text.encode() if isinstance(text, str) else text), pb.ScoreItem))


def test_reads_original_and_camel_case_names() -> None:
    for name in ("entry_point", "entryPoint"):
        (line,) = read('{"id": "a", "code": {"language": "python", "NAME": "f"}}'.replace("NAME", name))
        assert line.item == pb.ScoreItem(id="a", code=pb.CodeTask(language="python", entry_point="f"))


@pytest.mark.parametrize(
    ("text", "error", "id_"),
    [
        ('{"id": "a", "math": ', "not JSON", "a"),
        ("nonsense", "not JSON: Expecting value at column 1", ""),
        ('{"id":', "column 7", ""),
        ("[1]", "expected an object, found list", ""),
        ("null", "expected an object, found NoneType", ""),
        ('{"id": "a", "maths": {}}', 'no field named "maths"', "a"),
        ('{"id": 7, "math": {}}', "id", "7"),
        ('{"math": {"gold": "1"}, "id": "a"}', "gold", "a"),
        ('{"id": "a", "math": {"gold": ["\\ud800"]}}', "", "a"),
        ('{"id": "\\ud800", "math": {}}', "", "\\ud800"),
        ('{"id": "a", "math": {}, "code": {}}', "oneof", "a"),
        ('{"id": "a", "id": "b"}', "'id' is given twice", "a"),
        ('{"id": "a", "code": {"limits": {"cpu_seconds": NaN}}}', "NaN is not JSON", "a"),
        ('{"id": "a", "code": {"limits": {"memory_bytes": 1e400}}}', "", "a"),
        ('{"id": "a", "math": ' + "[" * 100_000 + "}", "", "a"),
        ('{"id": "a", "code": {"limits": {"processes": ' + "9" * 5000 + "}}}", "", "a"),
    ],
)
def test_malformed_lines_fail_alone_and_keep_their_id(text: str, error: str, id_: str) -> None:
    before, line, after = read('{"id": "before"}\n' + text + '\n{"id": "after"}\n')
    assert (before.id, after.id) == ("before", "after")
    assert line.item is None
    assert error in line.error
    assert line.error
    assert "\n" not in line.error
    assert line.number == 2
    assert line.id == id_


def test_bytes_that_are_not_utf8_are_reported() -> None:
    (line,) = read(b'{"id": "a\xff"}\n')
    assert line.item is None
    assert "not UTF-8" in line.error


def test_blank_lines_count_as_lines_but_not_as_items() -> None:
    lines = read('\n  \r\n\n{"id": "a"}\r\n\n{"id": "b"}')
    assert [(line.number, line.id) for line in lines] == [(4, "a"), (6, "b")]
    assert read("") == []


def test_a_byte_order_mark_is_ignored() -> None:
    (line,) = read(b'\xef\xbb\xbf{"id": "a"}')
    assert line.id == "a"


def test_a_line_that_is_too_long_is_read_past(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codaserve.cli.jsonl.MAX_LINE_BYTES", 50)
    lines = read('{"id": "' + "a" * 500 + '"}\n{"id": "b"}\n')
    assert [line.item is None for line in lines] == [True, False]
    assert "longer than 50 bytes" in lines[0].error


def test_prints_defaults_and_names() -> None:
    verdict = pb.Verdict(correct=False, score=0, reason="REASON_WRONG_ANSWER", extracted="é\u2028")
    line = to_line(pb.ScoreResult(id="a", verdict=verdict))
    assert line.count(b"\n") == 1
    assert line.isascii()
    value = json.loads(line)
    assert value["verdict"]["correct"] is False
    assert value["verdict"]["score"] == 0.0
    assert value["verdict"]["reason"] == "REASON_WRONG_ANSWER"
    assert value["verdict"]["extracted"] == "é\u2028"
    assert value["verdict"]["cases"] == []
    assert "failure" not in value
    undecided = json.loads(to_line(pb.ScoreResult(verdict=pb.Verdict(reason="REASON_UNDECIDED_TIME"))))
    assert undecided["id"] == ""
    assert not {"correct", "score"} & undecided["verdict"].keys()


@given(st.text(st.characters(codec="utf-8")), st.lists(st.text(st.characters(codec="utf-8"))))
def test_whatever_is_written_is_read(id_: str, gold: list[str]) -> None:
    item = pb.ScoreItem(id=id_, math=pb.MathTask(gold=gold))
    (line,) = read(to_line(item))
    assert line.item == item


@given(st.binary())
def test_any_bytes_give_lines_and_never_an_exception(content: bytes) -> None:
    for line in read(content):
        assert (line.item is None) == bool(line.error)
