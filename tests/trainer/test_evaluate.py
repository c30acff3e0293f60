"""mean@k and pass@k of scored groups."""

import pytest

from codaserve.v1 import scorer_pb2
from trainer.evaluate import evaluation_report, run_evaluation
from trainer.groups import Answer, Group
from trainer.rewards.marking import Score
from trainer.rollout.rollout import Rollout
from trainer.tasks import Question


def group(level: str | None, *correct: bool | None) -> Group:
    rollout = Rollout("p", [1], "a", [2, 0], [-1.0, -1.0], False, [1, 1])
    answers = [
        Answer(rollout, None, "FAILURE_DEADLINE") if right is None else Answer(rollout, Score(right, float(right)))
        for right in correct
    ]
    return Group(Question("q", level, "p", scorer_pb2.ScoreItem()), answers)


def test_the_numbers_by_hand() -> None:
    # Means 3/4 and 0: mean@4 = 3/8. pass@2 of 3 right in 4: 1 - 0/6 = 1; of 0: 0. pass@1 is the mean.
    groups = [group("10", True, True, True, False), group("2", False, False, False, False)]
    report = evaluation_report(groups, step=3, moment="during", samples=4, seconds=1.0)
    assert report is not None
    assert report.mean_at_k.value == pytest.approx(3 / 8)
    assert {k: estimate.value for k, estimate in report.pass_at_k.items()} == pytest.approx({1: 3 / 8, 2: 0.5, 4: 0.5})
    assert {level: estimate.value for level, estimate in report.levels.items()} == {"2": 0.0, "10": 0.75}
    assert list(report.levels) == ["2", "10"]
    assert report.response_tokens == 2


def test_an_unscored_answer_is_left_out_and_never_wrong() -> None:
    groups = [group(None, True, None), group(None, None, None), group(None, True, False)]
    report = evaluation_report(groups, step=0, moment="before", samples=2, seconds=1.0)
    assert report is not None
    assert report.questions == 2
    assert report.mean_at_k.value == 0.75
    assert report.pass_at_k[2].value == 1.0  # only the third question has two verdicts
    assert report.unscored == {"FAILURE_DEADLINE": 3}
    assert report.levels == {}


def test_no_verdict_at_all_is_no_report() -> None:
    assert evaluation_report([group(None, None)], step=0, moment="before", samples=1, seconds=1.0) is None


@pytest.mark.parametrize(("step", "moment"), [(0, "before"), (2, "during"), (4, "after")])
def test_the_moment(step: int, moment: str) -> None:
    counts = iter([{"scorer": 2, "critic": 1}, {"scorer": 5, "critic": 1}])
    report = run_evaluation(lambda: [group("1", True)], lambda: next(counts), step=step, steps=4, samples=1)
    assert report is not None
    assert report.moment == moment
    assert report.retries == {"scorer": 3, "critic": 0}
