"""Which responses are kept, and the values of their steps."""

import math

import pytest

from codaserve.v1 import scorer_pb2
from trainer.codapo.steps import StepCredit
from trainer.groups import Answer, Group
from trainer.report.samples import LONGEST, is_sampled, sample_reports
from trainer.rewards.marking import Score
from trainer.rollout.rollout import Rollout
from trainer.tasks import Question


def answer(text: str, correct: bool, steps: StepCredit | None = None, likelihood: float = 0.5) -> Answer:
    ids = list(range(len(text) + 1))  # one token a character, and the end of sequence
    ends = [*range(1, len(text) + 1), len(text)]
    rollout = Rollout("p", [1], text, ids, [math.log(likelihood)] * len(ids), False, ends)
    return Answer(rollout, Score(correct, float(correct)), steps=steps, no_steps="" if steps else "MISSING")


def group(name: str, *answers: Answer) -> Group:
    return Group(Question(name, "1", "p", scorer_pb2.ScoreItem()), list(answers))


def test_ten_thousand_steps_keep_the_responses_of_thirteen() -> None:
    assert [step for step in range(1, 101) if is_sampled(step, 1000)] == [1, 2, 5, 10, 20, 50, 100]
    assert sum(is_sampled(step, 10_000) for step in range(1, 10_001)) == 13
    assert is_sampled(52, 52)
    assert not is_sampled(51, 52)


def test_values_come_back_from_the_advantages() -> None:
    # V_0 = 0.4, V_1 = 0.7, and the outcome 1: advantages 0.3 and 0.3. Steps end after tokens 2 and 4, the second with
    # the end of sequence.
    (kept,) = sample_reports([group("q", answer("abc", True, StepCredit([0.3, 0.3], [2, 4])))])
    assert kept.prompt_value == pytest.approx(0.4)
    assert [(s.begin, s.end) for s in kept.steps] == [(0, 2), (2, 3)]
    assert [s.value for s in kept.steps] == [pytest.approx(0.7), 1.0]
    assert [s.advantage for s in kept.steps] == [pytest.approx(0.3), pytest.approx(0.3)]
    assert kept.confidence == pytest.approx(0.5)


def test_a_right_and_a_wrong_response_of_the_questions_of_highest_value() -> None:
    sure = [answer("r", True, likelihood=0.9), answer("w", False, likelihood=0.9), answer("v", False, likelihood=0.9)]
    unsure = [answer("r", True, likelihood=0.1), answer("w", False, likelihood=0.1)]
    solved = [answer("r", True), answer("r", True)]
    unscored = [Answer(sure[0].rollout, None, "FAILURE_INTERNAL")]
    groups = [group("unsure", *unsure), group("none", *unscored), group("sure", *sure), group("solved", *solved)]
    kept = sample_reports([*groups, group("other", *solved)])
    assert [(k.id, k.response) for k in kept] == [
        ("sure", "r"), ("sure", "w"), ("unsure", "r"), ("unsure", "w"), ("solved", "r"),
    ]  # fmt: skip
    assert kept[0].prompt_value is None
    assert kept[0].steps == []
    assert kept[0].no_steps == "MISSING"


def test_a_very_long_response_is_cut() -> None:
    text = "x" * (LONGEST + 100)
    credit = StepCredit([0.1, 0.1, 0.1], [LONGEST - 1, LONGEST + 1, LONGEST + 101])
    (kept,) = sample_reports([group("q", answer(text, True, credit))])
    assert (len(kept.response), kept.cut, len(kept.steps)) == (LONGEST, 100, 2)
