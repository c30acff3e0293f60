from pathlib import Path

import numpy as np
import pytest

from bench.critic import calibration, contest, labels, resample, slips
from bench.critic.contest import HeldOut
from bench.critic.labels import Labels
from bench.critic.resample import States
from critic.encode import CutText
from critic.steps import newline_ends
from critic.training import data
from critic.training.data import LabelledSolution
from critic.training.quality import measure

CHANCE = np.random.default_rng(1)
STATES = States(CHANCE.integers(0, 5, 60) / 4, CHANCE.integers(0, 2, 60).astype(float), np.repeat(np.arange(12), 5))
VALUES = CHANCE.integers(1, 10, 60) / 10
EVERY = np.arange(60)


def test_measures_are_those_of_the_training_report() -> None:
    expected = measure(
        VALUES.tolist(), STATES.targets.tolist(), VALUES.tolist(), [bool(o) for o in STATES.outcomes],
        STATES.questions.tolist(),
    )  # fmt: skip
    assert resample.rank_correlation(VALUES, STATES, EVERY) == pytest.approx(expected.rank_correlation)
    assert resample.auc(VALUES, STATES, EVERY) == pytest.approx(expected.auc)
    assert resample.cross_entropy(VALUES, STATES, EVERY) == pytest.approx(expected.bce)
    assert resample.calibration_error(VALUES, STATES, EVERY) == pytest.approx(expected.calibration_error)
    assert np.nanmean(resample.within(VALUES, STATES)) == pytest.approx(expected.rank_correlation_within)


def test_drawn_questions_bring_all_their_states_as_often_as_they_are_drawn() -> None:
    assert STATES.rows(np.array([2, 0, 2])).tolist() == [*range(10, 15), *range(5), *range(10, 15)]


def test_the_gain_of_values_that_know_is_clear_and_of_the_same_values_none() -> None:
    for gain in (
        resample.gain(resample.rank_correlation, [STATES.targets], [VALUES], STATES, seed=1),
        resample.gain_within([STATES.targets], [VALUES], STATES, seed=1),
    ):
        assert 0 < gain.low < gain.value < gain.high
    same = resample.gain(resample.auc, [VALUES, VALUES], [VALUES, VALUES], STATES, seed=1)
    assert (same.low, same.value, same.high) == (0, 0, 0)


def solution(number: int) -> LabelledSolution:
    text = f"{number} + 2 = {number + 2}\n\\boxed{{{number + 2}}}\n"
    ends = newline_ends(text)
    right = number % 3 > 0
    return LabelledSolution(f"Compute {number} + 2\n", CutText(text, tuple(ends)), (0.5, number % 5 / 4, float(right)))


def test_steps_that_go_wrong_are_those_after_which_the_value_is_lower() -> None:
    text = CutText("a\nb\nc\nd", (2, 4, 6, 7))
    solutions = [
        LabelledSolution("q", text, (0.9, 0.8, 0.1, None, 0.0)),
        LabelledSolution("q", text, (0.9,) * 4 + (0.0,)),
    ]
    wrong, others = slips.steps(solutions)
    assert wrong == [(0, 1)]
    assert others == [(0, 0), (1, 0), (1, 1), (1, 2)]
    found = [[[0.5, 0.5, 0.25, 0.25, 0.0]] * 2, [[0.5, 0.5, 0.75, 0.25, 0.0]] * 2]
    assert slips.mean_change(found, wrong) == pytest.approx(0.0)
    assert slips.found_out(found, wrong, others) == pytest.approx((3.5 / 4 + 0.5 / 4) / 2)


def test_held_out_states_are_those_with_a_label_before_the_end() -> None:
    text = CutText("a\nb", (2, 3))
    held_out = HeldOut([LabelledSolution("p", text, (0.25, None, 1.0)), LabelledSolution("q", text, (0.5, 0.75, 0.0))])
    states = held_out.states
    assert (states.targets.tolist(), states.outcomes.tolist(), states.questions.tolist()) == (
        [0.25, 0.5, 0.75], [1, 0, 0], [0, 1, 1],
    )  # fmt: skip
    assert held_out.pick([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]).tolist() == [0.1, 0.4, 0.5]


def test_labels_are_made_once_and_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = {"FEW": 2, "MANY": 3, "PARTS": ((0, 2), (2, 3)), "SOLUTIONS": 2, "KEEP": 1, "COMPLETIONS": 2}
    small |= {"HELD_OUT_QUESTIONS": 2, "HELD_OUT_PART": 1, "HELD_OUT_COMPLETIONS": 2, "MORE_AT_ONCE": 2}
    for name, value in small.items():
        monkeypatch.setattr(labels, name, value)
    made = Labels(tmp_path)
    assert made.make([0])
    held_out = {solution.prompt for solution in made.held_out()}
    few, many = ({solution.prompt for solution in made.train(0, questions)} for questions in (2, 3))
    assert (len(held_out), len(few), len(many)) == (2, 2, 3)
    assert few < many
    assert not held_out & many
    budget, spent = made.tokens(0)
    assert 0 < budget <= spent
    assert {value for solution in made.more(0) for value in solution.values} <= {0.0, 1.0}
    before = {file: file.stat().st_mtime_ns for file in tmp_path.glob("*.jsonl")}
    (tmp_path / "train-0-2.jsonl").unlink()
    assert made.make([0])
    assert not made.make([0])
    kept = {file for file, time in before.items() if file.stat().st_mtime_ns == time}
    assert kept == before.keys() - {tmp_path / "train-0-2.jsonl"}


def test_the_report_compares_and_is_not_trained_for_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contest, "EPOCHS", 1)
    monkeypatch.setattr(resample, "RESAMPLES", 20)
    made = Labels(tmp_path)
    for file in made._files([0]):
        first = 100 if file.name.startswith("held-out") else 0
        data.write(file, [solution(first + number) for number in range(6)])
        file.with_suffix(".json").write_text('{"tokens": 5}')
    text, plot = calibration.run(tmp_path, [0])
    for row in (
        "## Gains",
        "| Monte Carlo, 48 questions over outcome only, 48 questions | 0 |",
        "## Where answers go wrong",
    ):
        assert row in text
    assert "outcome only, 160 questions" in plot
    trained = [file.stat().st_mtime_ns for file in tmp_path.glob("critic-*/values.json")]
    assert len(trained) == 5
    again, _ = calibration.run(tmp_path, [0])
    assert again.split("held-out states")[1:] == text.split("held-out states")[1:]
    assert [file.stat().st_mtime_ns for file in tmp_path.glob("critic-*/values.json")] == trained
