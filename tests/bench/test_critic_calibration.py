from pathlib import Path

import pytest

from bench.critic import calibration, labels
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


def test_the_comparison_runs_and_uses_labels_that_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "QUESTIONS", {"train": 7, "held-out": 7})
    monkeypatch.setattr(labels, "COMPLETIONS", {"train": 2, "held-out": 2})
    monkeypatch.setattr(calibration, "EPOCHS", 1)
    text, plot = calibration.run(tmp_path, [0, 1])
    for row in ("cross-entropy", "calibration error", "rank correlation", "... within questions"):
        assert f"| {row} |" in text
    assert "outcome only" in plot
    before = {file: file.stat().st_mtime_ns for file in tmp_path.glob("*/*.jsonl")}
    assert len(before) == 4
    labels.make(tmp_path / "0", 0)
    assert {file: file.stat().st_mtime_ns for file in before} == before
