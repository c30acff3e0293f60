"""Groups and their scores: what has no verdict is absent, never wrong."""

from collections.abc import Sequence
from typing import Any

import pytest

from codaserve.v1 import scorer_pb2 as pb
from trainer.errors import ScorerAwayError, TooManyUnscoredError
from trainer.groups import Answer, Group, judge, make_groups, refuse_unscored, score_groups
from trainer.rewards.marking import Marking, Score
from trainer.rewards.settings import RewardSettings
from trainer.rollout.rollout import Rollout
from trainer.tasks import Question

RIGHT = pb.ScoreResult(verdict=pb.Verdict(correct=True, score=1.0, reason=pb.REASON_MATCH))
WRONG = pb.ScoreResult(verdict=pb.Verdict(correct=False, score=0.0, reason=pb.REASON_WRONG_ANSWER))
PARTIAL = pb.ScoreResult(verdict=pb.Verdict(correct=False, score=0.5, reason=pb.REASON_WRONG_ANSWER))
UNDECIDED = pb.ScoreResult(verdict=pb.Verdict(reason=pb.REASON_UNDECIDED_TIME, detail="slow"))
FAILED = pb.ScoreResult(failure=pb.Failure(code=pb.FAILURE_DEADLINE, message="late"))
AWAY = pb.ScoreResult(failure=pb.Failure(code=pb.FAILURE_UNAVAILABLE, message="gone"))


def rollout(text: str = "a", log: float = -1.0) -> Rollout:
    return Rollout("p", [1], text, [2], [log], False, [len(text)])


def question(name: str = "q") -> Question:
    return Question(name, "1", "p", pb.ScoreItem(math=pb.MathTask(gold=["1"])))


def scored(*results: pb.ScoreResult, share: float = 1.0, size: int = 2) -> list[Group]:
    questions = [question(f"q{index}") for index in range(len(results) // size)]
    groups = make_groups(questions, [rollout(f"r{index}") for index in range(len(results))], size)

    def score(items: Sequence[pb.ScoreItem]) -> Sequence[pb.ScoreResult]:
        assert len(items) == len(results)
        return results

    score_groups(groups, score, name="1", max_unscored_share=share)
    return groups


def test_items_carry_the_response_and_their_group() -> None:
    seen: list[pb.ScoreItem] = []

    def score(items: Sequence[pb.ScoreItem]) -> Sequence[pb.ScoreResult]:
        seen.extend(items)
        return [RIGHT] * len(items)

    groups = make_groups([question("a"), question("a")], [rollout(f"r{index}") for index in range(4)], 2)
    score_groups(groups, score, name="5-focused", max_unscored_share=0)
    assert [item.math.response for item in seen] == ["r0", "r1", "r2", "r3"]
    assert [item.group for item in seen] == ["5-focused/0"] * 2 + ["5-focused/1"] * 2
    assert len({item.id for item in seen}) == 4


def test_reward_and_correctness_are_apart() -> None:
    group = scored(RIGHT, PARTIAL)[0]
    assert group.rewards == [1.0, 0.5]
    assert group.correct == [True, False]


def test_a_verdict_without_score_is_worth_its_correctness() -> None:
    assert scored(pb.ScoreResult(verdict=pb.Verdict(correct=True)), WRONG)[0].rewards == [1.0, 0.0]


def test_trap_failed_and_undecided_answers_are_absent_from_every_statistic() -> None:
    # Three scored: 1, 1, 0. As zeros the two others would make the difficulty 3/5 instead of 1/3.
    group = scored(RIGHT, UNDECIDED, RIGHT, FAILED, WRONG, size=5)[0]
    assert group.correct == [True, True, False]
    assert group.value is not None
    assert group.value.difficulty == pytest.approx(1 / 3)
    assert [answer.unscored for answer in group.answers] == ["", "REASON_UNDECIDED_TIME", "", "FAILURE_DEADLINE", ""]


def test_trap_the_confidence_is_that_of_the_scored_answers() -> None:
    answers = [
        Answer(rollout(log=-1.0), Score(True, 1.0)),
        Answer(rollout(log=-3.0), Score(False, 0.0)),
        Answer(rollout(log=-99.0), None, "FAILURE_DEADLINE"),
    ]
    value = Group(question(), answers).value
    assert value is not None
    assert value.confidence == pytest.approx(2.718281828**-2)


def test_one_scored_answer_has_no_value() -> None:
    assert scored(RIGHT, FAILED)[0].value is None


def test_the_share_of_unscored_answers_may_be_reached_but_not_passed() -> None:
    scored(RIGHT, FAILED, WRONG, RIGHT, share=0.25)
    with pytest.raises(TooManyUnscoredError, match=r"2 of 4.*FAILURE_DEADLINE 1, REASON_UNDECIDED_TIME 1.*slow"):
        scored(RIGHT, UNDECIDED, FAILED, RIGHT, share=0.25)


def test_an_outage_is_no_matter_of_shares() -> None:
    with pytest.raises(ScorerAwayError, match="1 of 4 rollouts were not scored: gone"):
        scored(RIGHT, AWAY, WRONG, RIGHT, share=1.0)


@pytest.mark.parametrize("score", [float("nan"), -0.5, 2.0])
def test_a_score_out_of_range_is_unscored(score: float) -> None:
    wrong = pb.ScoreResult(verdict=pb.Verdict(correct=True, score=score))
    group = scored(RIGHT, wrong, share=0.5)[0]
    assert group.rewards == [1.0]
    assert group.answers[1].unscored == "INVALID_SCORE"


def cut(text: str = "cut") -> Rollout:
    return Rollout("p", [1], text, [2], [-1.0], True, [len(text)])


def judged(truncated: Any, *rollouts: Rollout) -> tuple[Group, list[str]]:
    """One group, and the responses that the scorer saw; it finds all of them right."""
    seen: list[str] = []

    def score(items: Sequence[pb.ScoreItem]) -> Sequence[pb.ScoreResult]:
        seen.extend(item.math.response for item in items)
        return [RIGHT] * len(items)

    (group,) = make_groups([question()], rollouts, len(rollouts))
    judge([group], score, name="1", marking=Marking(truncated=truncated))
    refuse_unscored([group], 0.0)
    return group, seen


def test_truncated_answers_may_be_scored_as_they_stand() -> None:
    group, seen = judged("score", rollout("a"), cut(), rollout("b"))
    assert group.correct == [True, True, True]
    assert seen == ["a", "cut", "b"]


def test_masked_answers_are_absent_from_every_statistic_and_are_not_unscored() -> None:
    # Two of three are left, both right: difficulty 0, and the confidence is that of these two.
    group, seen = judged("mask", rollout("a", log=-1.0), cut(), rollout("b", log=-3.0))
    assert seen == ["a", "b"]
    assert group.rewards == [1.0, 1.0]
    assert group.value is not None
    assert group.value.difficulty == 0
    assert group.value.confidence == pytest.approx(2.718281828**-2)
    assert [(answer.cut, answer.unscored) for answer in group.answers] == [("", ""), ("masked", ""), ("", "")]


def test_truncated_answers_may_be_counted_wrong_whatever_stands_in_them() -> None:
    # One of three is wrong: difficulty 1/3, rewards 1, 0, 1.
    group, seen = judged("wrong", rollout("a"), cut(), rollout("b"))
    assert seen == ["a", "b"]
    assert group.rewards == [1.0, 0.0, 1.0]
    assert group.value is not None
    assert group.value.difficulty == pytest.approx(1 / 3)
    assert group.answers[1].cut == "wrong"


def test_a_group_that_is_truncated_throughout_asks_nobody() -> None:
    assert judged("mask", cut(), cut())[0].value is None
    group, seen = judged("wrong", cut(), cut())
    assert seen == []
    assert group.correct == [False, False]


def test_parts_of_the_reward_are_asked_of_their_own_scorers() -> None:
    tasks = {name: pb.ScoreItem(math=pb.MathTask(gold=[name])) for name in ("here", "there")}
    asked = Question("q", None, "p", pb.ScoreItem(math=pb.MathTask(gold=["1"])), tasks)
    group = make_groups([asked], [rollout("a"), rollout("b")], 2)[0]
    seen: dict[str, list[tuple[str, str]]] = {"main": [], "other": []}

    def scorer(name: str, *results: pb.ScoreResult) -> Any:
        def score(items: Sequence[pb.ScoreItem]) -> Sequence[pb.ScoreResult]:
            seen[name] += [(item.id, item.math.gold[0]) for item in items]
            return results

        return score

    rewards = [RewardSettings(name=name, weight=weight) for name, weight in (("here", 1.0), ("there", 10.0))]
    marking = Marking(rewards, others={"there": scorer("other", PARTIAL, FAILED)})
    judge([group], scorer("main", RIGHT, WRONG), name="3", first=7, marking=marking)
    # The first: right, 1 * 1 + 10 * 0.5. The second has no verdict of the other scorer.
    assert group.correct == [True]
    assert group.rewards == [6.0]
    assert group.answers[1].unscored == "there: FAILURE_DEADLINE"
    assert group.answers[1].detail.endswith(": late")
    assert seen["main"] == [("3/7/0", "1"), ("3/7/1", "1"), ("3/7/0/here", "here"), ("3/7/1/here", "here")]
    assert seen["other"] == [("3/7/0/there", "there"), ("3/7/1/there", "there")]


def test_an_outage_of_a_scorer_of_a_part_is_an_outage() -> None:
    asked = Question("q", None, "p", pb.ScoreItem(math=pb.MathTask(gold=["1"])), {"x": pb.ScoreItem()})
    group = make_groups([asked], [rollout("a")], 1)[0]
    marking = Marking([RewardSettings(name="x")], others={"x": lambda items: [AWAY]})
    with pytest.raises(ScorerAwayError, match="gone"):
        judge([group], lambda items: [RIGHT], name="1", marking=marking)
