"""A batch's report: the three dynamics, by hand."""

import math

import pytest

from codaserve.v1 import scorer_pb2
from trainer.codapo.sampling import Plan
from trainer.credit import Row
from trainer.groups import Answer, Group
from trainer.report.build import batch_report
from trainer.report.levels import by_level
from trainer.rewards.marking import Score
from trainer.rollout.rollout import Rollout
from trainer.tasks import Question


def rollout(*probabilities: float, truncated: bool = False) -> Rollout:
    logs = [math.log(probability) for probability in probabilities]
    return Rollout("p", [1], "x", [2] * len(logs), logs, truncated, [1] * len(logs))


def group(name: str, level: str | None, *answers: Answer) -> Group:
    return Group(Question(name, level, "p", scorer_pb2.ScoreItem()), list(answers))


RIGHT, WRONG = Score(True, 1.0), Score(False, 0.25)
GROUPS = [
    group("a", "1", Answer(rollout(0.5, 0.5), RIGHT), Answer(rollout(0.25, truncated=True), WRONG)),
    group("b", "1", Answer(rollout(0.125), RIGHT, no_steps="CRITIC_FAILURE_TOO_LONG"), Answer(rollout(0.1), None, "F")),
    group("c", "2", Answer(rollout(0.5), WRONG), Answer(rollout(0.5), WRONG)),
]
ROWS = [
    Row(GROUPS[0].answers[0].rollout, 0, 0.8, [0.4, 0.4], [0.3, -0.1], 0.5, True),
    Row(GROUPS[0].answers[1].rollout, 0, -0.8, [-0.4], [0.2], 0.5, True),
    Row(GROUPS[2].answers[0].rollout, 2, 0.0, [0.0], [0.0], 0.1, True),
    Row(GROUPS[2].answers[1].rollout, 2, 0.0, [0.0], [0.0], 0.1, True),
]


def test_the_numbers_by_hand() -> None:
    report = batch_report(GROUPS, ROWS, None, Plan([0, 0], [2, 0, 0], ["best", "few", "zero"]))
    assert (report.rollouts, report.scored, report.unscored) == (6, 5, {"F": 1})
    assert report.reward == pytest.approx((1 + 0.25 + 1 + 0.25 + 0.25) / 5)
    assert report.accuracy == pytest.approx(2 / 5)
    assert {level: (entry.accuracy, entry.scored) for level, entry in report.levels.items()} == {
        "1": (pytest.approx(2 / 3), 3),
        "2": (0.0, 2),
    }
    # Right: mean logs ln 1/2 and ln 1/8, so 1/4. Wrong: ln 1/4, ln 1/2, ln 1/2, so 2^(-4/3).
    assert report.confidence_correct == pytest.approx(0.25)
    assert report.confidence_incorrect == pytest.approx(2 ** (-4 / 3))
    assert (report.positive_advantage, report.negative_advantage) == (0.8, -0.8)
    assert report.outcome_term == pytest.approx((0.4 * 3) / 5)
    assert report.step_term == pytest.approx((0.3 + 0.1 + 0.2) / 5)
    assert report.critic_missing == {"CRITIC_FAILURE_TOO_LONG": 1}
    assert report.groups_without_update == 1
    assert report.truncated == pytest.approx(1 / 6)
    assert report.response_tokens == pytest.approx(7 / 6)
    assert [(q.id, q.resampled, q.reason, q.correct, q.scored, q.unscored) for q in report.questions] == [
        ("a", 2, "best", 1, 2, 0),
        ("b", 0, "few", 1, 1, 1),
        ("c", 0, "zero", 0, 2, 0),
    ]
    assert report.questions[1].value is None
    assert report.questions[2].value == 0


def test_a_batch_without_any_verdict_has_no_numbers() -> None:
    nothing = group("a", "1", Answer(rollout(0.5), None, "F"), Answer(rollout(0.5), None, "F"))
    report = batch_report([nothing], [], None, None)
    assert report.reward is None
    assert report.accuracy is None
    assert report.confidence_correct is None
    assert report.positive_advantage is None
    assert report.outcome_term is None
    assert report.levels == {}


def test_levels_are_in_the_order_of_their_numbers() -> None:
    assert list(by_level({"10": 0, "2": 0, "hard": 0, "1": 0, "easy": 0})) == ["1", "2", "10", "easy", "hard"]
