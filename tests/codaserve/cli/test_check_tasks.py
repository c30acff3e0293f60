import json
from pathlib import Path
from typing import Any

import pytest

from codaserve.cli.main import main

STDIO = {"cases": [{"output": "1"}]}
GOOD: list[dict[str, Any]] = [
    {"id": "m", "math": {"gold": ["1/2", "x+1"], "response": "whatever"}},
    {"id": 7, "level": 2, "question": "1+1", "gold": 2},
    {"prompt": "1+1", "gold": ["2", 2.5]},
    {"id": "c", "code": {"language": "python", "stdio": STDIO}},
    {"id": "u", "math": {"gold": ["5 cm"], "unit_matters": True, "relative_tolerance": 0.01}},
    {"id": "w", "math": {"gold": ["no solution"]}},
    {
        "id": "r",
        "gold": 2,
        "rewards": {"whole": {"math": {"gold": ["2"], "forms": ["FORM_INTEGER"]}}, "x": {"gold": 3}},
    },
]
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"id": "cut", "gold": ["1", "\\frac{1}{"]}, "math.gold[1]", "braces"),
    ({"id": "empty", "gold": [" "]}, "math.gold[0]", "empty"),
    ({"id": "form", "math": {"gold": ["1/2"], "forms": ["FORM_INTEGER"]}}, "math.gold[0]", "verify against itself"),
    ({"id": "choice", "math": {"gold": ["1"], "choices": [""]}}, "math.choices[0]", "empty"),
    ({"id": "cobol", "code": {"language": "cobol", "stdio": STDIO}}, "code.language", "cobol"),
    ({"id": "none", "code": {"language": "python"}}, "code.tests", "no tests"),
    ({"id": "long", "code": {"language": "python", "stdio": STDIO, "limits": {"processes": 10**6}}}, "code.limits", ""),
    ({"id": "null", "gold": None}, "", "expected text"),
    ({"id": "both", "gold": "1", "math": {"gold": ["1"]}}, "", "stands alone"),
    ({"id": "other", "what": 1}, "", "what"),
    ({"id": "nothing"}, "task", "neither"),
    ({"id": "part", "gold": 2, "rewards": {"x": {"gold": " "}}}, "rewards.x.math.gold[0]", "empty"),
    ({"id": "row", "gold": 2, "rewards": {"x": {"what": 1}}}, "rewards.x", "what"),
    ({"id": "list", "gold": 2, "rewards": []}, "rewards", "expected an object"),
]


def lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_good_tasks_are_silent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.jsonl").write_text("\n" + lines(GOOD))
    assert main(["check-tasks", str(tmp_path / "t.jsonl"), "--workers", "1"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "7 tasks, 0 that" in captured.err


def test_bad_tasks_are_shown_with_line_field_and_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("codaserve.cli.check_tasks.WINDOW_ITEMS", 3)
    text = lines([GOOD[0], *(row for row, _, _ in BAD)]) + '{"id": "json"\n'
    (tmp_path / "t.jsonl").write_text(text)
    assert main(["check-tasks", str(tmp_path / "t.jsonl"), "--workers", "1"]) == 1
    captured = capsys.readouterr()
    shown = captured.out.splitlines()
    assert len(shown) == len(BAD) + 1
    for number, (line, (row, field, reason)) in enumerate(zip(shown, BAD, strict=False), 2):
        assert line.split()[:2] == [str(number), row["id"]]
        assert field in line
        assert reason in line
    assert "not JSON" in shown[-1]
    assert "16 tasks, 15 that" in captured.err


def test_an_absent_file_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-tasks", "absent.jsonl"]) == 2
    assert "absent.jsonl" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [[], ["x", "--workers", "0"], ["x", "--workers", "many"]])
def test_usage_errors_exit_with_2(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["check-tasks", *argv])
    assert exit_.value.code == 2
