import json
import math
from pathlib import Path

import pytest

from bench.reproduce.results import Curve, Interval, at, read


def test_rollouts_until_a_level_are_found_between_evaluations() -> None:
    curve = Curve([0, 100, 200], [0.4, 0.5, 0.7])
    assert curve.reached(0.4) == 0
    assert curve.reached(0.55) == pytest.approx(125)  # a quarter of the way from 0.5 to 0.7
    assert math.isinf(curve.reached(0.71))
    assert at(curve, 150) == pytest.approx(0.6)
    assert at(curve, 200) == pytest.approx(0.7)


def test_an_interval_is_students() -> None:
    # Mean 0.5, standard deviation 0.1, of three: 4.303 * 0.1 / sqrt(3).
    one = Interval.of([0.4, 0.5, 0.6])
    assert one.mean == pytest.approx(0.5)
    assert one.half == pytest.approx(0.2484, abs=1e-4)


def test_a_runs_curve_counts_focused_rollouts(tmp_path: Path) -> None:
    lines = [
        {"kind": "evaluation", "step": 0, "mean_at_k": {"value": 0.4}},
        {"kind": "step", "step": 1, "batch": {"rollouts": 8}, "focused": {"rollouts": 8}},
        {"kind": "step", "step": 2, "batch": {"rollouts": 8}, "focused": None},
        {"kind": "evaluation", "step": 2, "mean_at_k": {"value": 0.6}},
    ]
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert read(tmp_path) == Curve([0, 24], [0.4, 0.6])
    (tmp_path / "metrics.jsonl").write_text("")
    with pytest.raises(ValueError, match="no evaluation"):
        read(tmp_path)
