import json
import math
from pathlib import Path

import pytest

from trainer.demo.results import LevelGain, Results
from trainer.report.reports import Estimate


def test_results_are_read_back(recorded: Results, tmp_path: Path) -> None:
    recorded.write(tmp_path / "results.json")
    assert Results.read(tmp_path / "results.json") == recorded
    gain = json.loads((tmp_path / "results.json").read_text())["levels"][0]["gain"]
    assert gain["value"] == pytest.approx(0.2)


def test_a_gain_has_both_uncertainties() -> None:
    gain = LevelGain("all", 100, Estimate(0.5, 0.47, 0.53), Estimate(0.6, 0.56, 0.64)).gain
    assert gain.value == pytest.approx(0.1)
    assert gain.low == pytest.approx(0.1 - math.hypot(0.03, 0.04))
    assert gain.high == pytest.approx(0.1 + math.hypot(0.03, 0.04))


def test_asymmetric_intervals_meet_on_the_right_sides() -> None:
    gain = LevelGain("6", 100, Estimate(0.0, 0.0, 0.04), Estimate(0.1, 0.07, 0.15)).gain
    assert gain.low == pytest.approx(0.1 - math.hypot(0.03, 0.04))
    assert gain.high == pytest.approx(0.1 + math.hypot(0.05, 0.0))


def test_a_gain_is_clear_when_its_interval_is_above_zero(recorded: Results) -> None:
    assert recorded.clear
    recorded.levels[0] = LevelGain("all", 9, Estimate(0.5, 0.4, 0.6), Estimate(0.6, 0.5, 0.7))
    assert not recorded.clear
    recorded.levels = []
    assert not recorded.clear
