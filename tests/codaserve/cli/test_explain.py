import io
import sys

import pytest

from codaserve.cli.main import main


@pytest.mark.parametrize(
    ("argv", "status", "shown"),
    [
        (
            ["--gold", r"\frac{1}{2}", "--response", r"So it is \boxed{0.5}."],
            0,
            ["boxed, characters 16 to 19", "equal, by exact_number", "right, REASON_MATCH, by exact_number", "1/2"],
        ),
        (["--gold", "7", "--gold", "x+1", "--answer", "1+x"], 0, ["gold 1: ", "by value", "answer form    x + 1"]),
        (["--gold", "x+1", "--answer", "x+2"], 1, ["wrong, REASON_WRONG_ANSWER"]),
        (["--gold", "5", "--response", "I cannot say."], 1, ["REASON_NO_ANSWER"]),
        (["--gold", "5", "--answer", r"\prod_{k=1}^{10000000} k"], 3, ["undecided, REASON_UNDECIDED_SIZE"]),
        (["--gold", r"\frac{1}{", "--answer", "5"], 4, ["failure", "field math.gold[0]"]),
        (["--gold", "5", "--answer", "5", "--relative-tolerance", "2"], 4, ["field math.relative_tolerance"]),
        (["--gold", "B", "--choice", "3", "--choice", "4", "--answer", "4"], 0, ["not asked", "right"]),
        (["--gold", "3.1416", "--absolute-tolerance", "0.01", "--answer", "3.14"], 0, ["right"]),
        (["--gold", "1/2", "--form", "decimal", "--form", "percent", "--answer", "1/2"], 1, ["wrong"]),
        (["--gold", "(1, 2)", "--order-matters", "no", "--answer", "(2, 1)"], 0, ["right"]),
    ],
)
def test_the_path_and_the_status(
    argv: list[str], status: int, shown: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", *argv]) == status
    out = capsys.readouterr().out
    for text in shown:
        assert text in out


def test_a_response_from_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("so\n#### 5\x1b[2J\n"))
    assert main(["explain", "--gold", "5", "--response", "-"]) in (0, 1)
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "argv",
    [[], ["--gold", "5"], ["--answer", "5"], ["--gold", "5", "--answer", "5", "--response", "5"], ["--form", "x"]],
)
def test_usage_errors_exit_with_2(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["explain", *argv])
    assert exit_.value.code == 2
