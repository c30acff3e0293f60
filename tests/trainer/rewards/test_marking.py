"""Rewards of several parts, worked by hand; correctness stays apart, and what has no verdict is never 0."""

from typing import Any

import pytest
from pydantic import ValidationError

from codaserve.v1 import scorer_pb2 as pb
from trainer.rewards.marking import Marking, Score, Unscored
from trainer.rewards.settings import RewardSettings


def verdict(correct: bool, score: float | None = None, rule: str = "boxed") -> pb.ScoreResult:
    return pb.ScoreResult(id="1/0/0", verdict=pb.Verdict(correct=correct, score=score, extraction_rule=rule))


FAILED = pb.ScoreResult(id="1/0/0", failure=pb.Failure(code=pb.FAILURE_DEADLINE, message="late"))
UNDECIDED = pb.ScoreResult(id="1/0/0", verdict=pb.Verdict(reason=pb.REASON_UNDECIDED_TIME))
MARKING = Marking(
    [
        RewardSettings(name="tests", kind="score", weight=0.5),
        RewardSettings(name="all", kind="correct", weight=1.0),
        RewardSettings(name="format", kind="extraction", weight=0.25, rules=["boxed", "final_answer"]),
        RewardSettings(name="slow", kind="task", weight=-2.0),
    ]
)


def test_the_reward_is_the_weighted_sum_and_correctness_that_of_the_own_task() -> None:
    # 0.5 * 0.75 + 1 * 0 + 0.25 * 1 - 2 * 0.125 = 0.375; the last one's verdict is right, the answer is not.
    found = MARKING.score(verdict(False, 0.75), {"slow": verdict(True, 0.125)})
    assert isinstance(found, Score)
    assert not found.correct
    assert found.reward == pytest.approx(0.375)
    assert found.parts == {"tests": 0.75, "all": 0.0, "format": 1.0, "slow": 0.125}


def test_a_format_is_rewarded_by_where_the_answer_stood() -> None:
    found = MARKING.score(verdict(True, 1.0, rule="last_expression"), {"slow": verdict(False, 0.0)})
    assert isinstance(found, Score)
    assert found.correct
    assert found.reward == pytest.approx(1.5)


def test_without_settings_the_reward_is_the_score_of_the_verdict() -> None:
    assert Marking().score(verdict(False, 0.5), {}) == Score(False, 0.5, {"score": 0.5})
    assert Marking().score(verdict(True), {}) == Score(True, 1.0, {"score": 1.0})


@pytest.mark.parametrize(
    ("own", "slow", "code"),
    [
        (FAILED, verdict(True), "FAILURE_DEADLINE"),
        (verdict(True), FAILED, "slow: FAILURE_DEADLINE"),
        (verdict(True), UNDECIDED, "slow: REASON_UNDECIDED_TIME"),
        (verdict(True), verdict(True, 1.5), "slow: INVALID_SCORE"),
        (verdict(True, float("nan")), verdict(True), "INVALID_SCORE"),
    ],
)
def test_trap_a_part_without_verdict_leaves_the_whole_response_unscored(
    own: pb.ScoreResult, slow: pb.ScoreResult, code: str
) -> None:
    found = MARKING.score(own, {"slow": slow})
    assert isinstance(found, Unscored)
    assert found.code == code


def test_counted_wrong_is_nothing_in_every_part() -> None:
    assert MARKING.wrong() == Score(False, 0.0, {"tests": 0.0, "all": 0.0, "format": 0.0, "slow": 0.0})


@pytest.mark.parametrize(
    "part",
    [
        {"name": "x", "kind": "extraction"},
        {"name": "x", "kind": "score", "rules": ["boxed"]},
        {"name": "x", "kind": "extraction", "rules": ["boxes"]},
        {"name": "x", "kind": "correct", "addresses": ["h:1"]},
        {"name": "", "kind": "score"},
        {"name": "x", "kind": "score", "weight": float("inf")},
    ],
)
def test_parts_that_make_no_sense_are_refused(part: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RewardSettings(**part)
