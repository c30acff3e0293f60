from pathlib import Path

import pytest

from bench.critic import calibration, labels
from critic.encode import CutText
from critic.steps import newline_ends
from critic.training import data
from critic.training.data import LabelledSolution
from critic.training.quality import Bin, calibration_bins


def test_an_interval_is_that_of_students_distribution() -> None:
    # Mean 2, standard deviation 1, 4.303 / sqrt(3) = 2.484.
    assert calibration.interval([1.0, 2.0, 3.0]) == "2.000 [-0.484, 4.484]"
    assert calibration.interval([0.5, 0.5], signed=True) == "+0.500 [+0.500, +0.500]"


def test_pooled_bins_are_those_of_all_states() -> None:
    one, other = ([0.05, 0.5], [0.0, 1.0]), ([0.01, 0.55, 0.95], [0.5, 0.0, 1.0])
    together = calibration_bins([*one[0], *other[0]], [*one[1], *other[1]])
    found = calibration.pooled([calibration_bins(*one), calibration_bins(*other)])
    for a, b in zip(found, together, strict=True):
        assert isinstance(a, Bin)
        assert (a.low, a.states, a.value, a.target) == pytest.approx((b.low, b.states, b.value, b.target))


def test_labels_of_both_sides_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, small in (("SOLUTIONS", 2), ("KEEP", 1)):
        monkeypatch.setattr(labels, name, small)
    for name in ("QUESTIONS", "COMPLETIONS"):
        monkeypatch.setattr(labels, name, {"train": 2, "held-out": 2})
    files = labels.make(tmp_path, 0)
    prompts = [{solution.prompt for solution in data.read(file)} for file in files.values()]
    assert len(prompts) == 2
    assert not prompts[0] & prompts[1]
    before = [file.stat().st_mtime_ns for file in files.values()]
    assert labels.make(tmp_path, 0) == files
    assert [file.stat().st_mtime_ns for file in files.values()] == before


def solution(number: int) -> LabelledSolution:
    text = f"{number} + 2 = {number + 2}\n\\boxed{{{number + 2}}}\n"
    ends = newline_ends(text)
    right = number % 3 > 0
    return LabelledSolution(f"Compute {number} + 2\n", CutText(text, tuple(ends)), (0.5, number % 5 / 4, float(right)))


def test_what_knowing_the_question_gives() -> None:
    rows = [(0.2, 0.1, 1.0), (0.5, 0.6, 0.0), (0.8, 0.9, 1.0)]
    solutions = [LabelledSolution("q", CutText("a\nb", (2, 3)), values) for values in rows]
    # Ranks 1.5 1.5 3.5 3.5 5.5 5.5 against 2 1 3 4 5 6: covariance 16 over the root of 16 * 17.5.
    assert calibration.known_questions(solutions) == pytest.approx(16 / (16 * 17.5) ** 0.5)


def test_the_report_has_a_row_for_each_measure_and_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "EPOCHS", 1)
    for seed in (0, 1):
        (tmp_path / str(seed)).mkdir()
        data.write(tmp_path / str(seed) / "train.jsonl", [solution(number) for number in range(16)])
        data.write(tmp_path / str(seed) / "held-out.jsonl", [solution(20 + number) for number in range(8)])
    text, plot = calibration.run(tmp_path, [0, 1])
    for row in ("cross-entropy", "calibration error", "rank correlation", "... within questions"):
        assert f"| {row} |" in text
    assert text.count("| outcome only |") == 3
    assert "outcome only" in plot
    assert "labels of an earlier run" in text
