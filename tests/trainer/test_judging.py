"""Groups go to the scorer when they are complete, not when the batch is."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from codaserve.v1 import critic_pb2
from codaserve.v1 import scorer_pb2 as pb
from trainer.errors import ScorerAwayError
from trainer.groups import Answer, Group
from trainer.judging import Judging
from trainer.rollout.rollout import Rollout
from trainer.tasks import Question


def group(name: str, size: int = 2) -> Group:
    answers = [Answer(Rollout("p", [1], "ab", [2, 3], [-1.0, -1.0], True, [1, 2])) for _ in range(size)]
    return Group(Question(name, None, "p", pb.ScoreItem(math=pb.MathTask(gold=["1"]))), answers)


def right(items: Sequence[pb.ScoreItem]) -> list[pb.ScoreResult]:
    return [pb.ScoreResult(id=item.id, verdict=pb.Verdict(correct=True, score=1.0)) for item in items]


def test_a_group_is_scored_and_valued_while_others_are_still_to_come() -> None:
    scored, valued = threading.Event(), threading.Event()
    asked: list[str] = []

    def score(items: Sequence[pb.ScoreItem]) -> list[pb.ScoreResult]:
        asked.extend(item.id for item in items)
        scored.set()
        return right(items)

    def evaluate(groups: Sequence[critic_pb2.StateGroup]) -> list[critic_pb2.GroupEvaluation]:
        valued.set()
        failure = critic_pb2.CriticFailure(code=critic_pb2.CRITIC_FAILURE_UNAVAILABLE)
        return [critic_pb2.GroupEvaluation(id=groups[0].id, failure=failure)]

    first, second = group("a"), group("b")
    with Judging(score, evaluate, "7") as judging:
        judging.add(4, first)
        assert scored.wait(30)
        assert valued.wait(30)
        assert asked == ["7/4/0", "7/4/1"]
        judging.add(0, second)
        judging.wait_scored()
        judging.wait_valued()
    for answer in first.answers + second.answers:
        assert answer.score is not None
        assert answer.no_steps == "CRITIC_FAILURE_UNAVAILABLE"


def test_without_a_critic_none_is_asked() -> None:
    it = group("a")
    with Judging(right, None, "1") as judging:
        judging.add(0, it)
        judging.wait_scored()
        judging.wait_valued()
    assert [answer.no_steps for answer in it.answers] == ["", ""]


def test_an_outage_shows_when_the_next_group_comes_and_nothing_waits_for_the_rest() -> None:
    go = threading.Event()
    calls: list[int] = []

    def score(items: Sequence[pb.ScoreItem]) -> list[pb.ScoreResult]:
        calls.append(len(items))
        if len(items) == 2:
            failure = pb.Failure(code=pb.FAILURE_UNAVAILABLE, message="away")
            return [pb.ScoreResult(id=item.id, failure=failure) for item in items]
        go.wait(60)
        return right(items)

    def work() -> None:
        with Judging(score, None, "1") as judging:
            judging.add(0, group("slow", 3))
            judging.add(1, group("lost"))
            with pytest.raises(ScorerAwayError):
                judging._scores[1].result(timeout=30)
            judging.add(2, group("next"))

    with pytest.raises(ScorerAwayError, match="away"):
        work()
    go.set()
    assert 3 in calls


def test_the_engine_gives_groups_as_they_end(model: Any, tokenizer: Any) -> None:
    from contextlib import nullcontext

    from trainer.rollout.engine import Sampling
    from trainer.rollout.local import LocalEngine
    from trainer.rollout.transformers import sample

    prompts = [f"{number} + 1 =" for number in range(6)]
    engine = LocalEngine(model, tokenizer, 64, True, nullcontext)
    given = list(engine.sample(prompts, 1, Sampling(1, 250)))
    order = [place for place, _ in given]
    assert sorted(order) == list(range(6))
    lengths = [max(len(rollout.response_ids) for rollout in rollouts) for _, rollouts in given]
    assert lengths == sorted(lengths)  # those that end first come first
    assert order != sorted(order)
    whole = sample(model, tokenizer, prompts, 1, seed=1, max_response_tokens=250)
    assert [rollout for _, rollouts in sorted(given, key=lambda one: one[0]) for rollout in rollouts] == whole
    few = LocalEngine(model, tokenizer, 3, True, nullcontext)  # groups lie across batches
    across = [rollout for _, rollouts in few.sample(prompts, 2, Sampling(1, 4)) for rollout in rollouts]
    assert across == sample(model, tokenizer, prompts, 2, seed=1, max_response_tokens=4, batch_size=3)
    assert [rollout.prompt for rollout in across] == [prompt for prompt in prompts for _ in range(2)]
