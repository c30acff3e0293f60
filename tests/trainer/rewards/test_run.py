"""Runs whose reward has several parts, and runs with truncated responses."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codaserve.settings import ConfigurationError, load
from codaserve.v1 import scorer_pb2 as pb
from codaserve.v1 import scorer_pb2_grpc
from tests.trainer.conftest import FakeScorer, Server
from trainer.loop import train
from trainer.settings import TrainerSettings


@pytest.fixture
def other() -> FakeScorer:
    """Finds a response as good as its first character is early in the alphabet."""
    scorer = FakeScorer()

    def judge(item: pb.ScoreItem, number: int) -> pb.ScoreResult:
        score = 1 - (ord(item.math.response[:1] or "a") % 64) / 64
        return pb.ScoreResult(verdict=pb.Verdict(correct=score == 1, score=score))

    scorer.fail = judge
    return scorer


@pytest.fixture
def other_address(other: FakeScorer) -> Iterator[str]:
    server = Server(lambda it: scorer_pb2_grpc.add_ScorerServicer_to_server(other, it))  # type: ignore[no-untyped-call]
    yield server.address
    server.stop()


@pytest.fixture
def tasks(configure: Any, tmp_path: Path) -> None:
    """Adds to every training question a task for the part `style`."""
    configure()
    path = tmp_path / "tasks.jsonl"
    rows = [json.loads(line) | {"rewards": {"style": {"gold": "x"}}} for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def parts(address: str) -> list[dict[str, Any]]:
    style = {"name": "style", "kind": "task", "weight": 0.5, "addresses": [address]}
    return [{"name": "right", "kind": "correct"}, style]


@pytest.mark.usefixtures("tasks")
def test_a_second_scorer_moves_the_reward_and_not_the_difficulty(
    configure: Any, recorder: Any, other: FakeScorer, other_address: str, critic: Any, tmp_path: Path
) -> None:
    train(configure(rewards=parts(other_address)), observers=[recorder])
    batch = recorder.steps[0].batch
    assert set(batch.rewards) == {"right", "style"}
    assert batch.rewards["right"] == batch.accuracy
    assert batch.reward == pytest.approx(batch.accuracy + 0.5 * batch.rewards["style"])
    assert all(item.math.gold == ["x"] for item in other.items)
    assert len(other.items) == 3 * 2 * 16  # no evaluation asks it
    # The first batch is answered by the same policy with and without: values and outcomes are of correctness alone.
    outcomes = [response.outcome for group in critic.groups[:4] for response in group.responses.responses]
    assert set(outcomes) == {0.0, 1.0}
    assert sum(outcomes) == pytest.approx(16 * batch.accuracy)
    train(configure(output_dir=tmp_path / "plain"), observers=[recorder])
    plain = recorder.steps[3].batch
    assert [q.difficulty for q in plain.questions] == [q.difficulty for q in batch.questions]
    assert [q.value for q in plain.questions] == [q.value for q in batch.questions]
    assert [q.reward for q in plain.questions] != [q.reward for q in batch.questions]
    assert plain.rewards == {"score": plain.accuracy}


@pytest.mark.usefixtures("tasks")
def test_trap_what_the_second_scorer_fails_to_score_is_unscored_and_not_0(
    configure: Any, recorder: Any, other: FakeScorer, other_address: str
) -> None:
    judge = other.fail
    failed: list[str] = []

    def fail(item: pb.ScoreItem, number: int) -> pb.ScoreResult | None:
        if item.group != "1/0" or failed:
            return judge(item, number)
        failed.append(item.id)
        return pb.ScoreResult(failure=pb.Failure(code=pb.FAILURE_DEADLINE, message="late"))

    other.fail = fail
    train(configure(steps=1, rewards=parts(other_address)), observers=[recorder])
    batch = recorder.steps[0].batch
    assert batch.unscored == {"style: FAILURE_DEADLINE": 1}
    assert (batch.questions[0].scored, batch.questions[0].unscored) == (3, 1)


def test_rows_without_the_task_are_refused(configure: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"tasks.jsonl:1: field 'rewards.style'"):
        train(configure(rewards=parts("127.0.0.1:1")))


def test_rewards_from_a_file_and_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "output_dir: o\nmodel: {path: p}\ntasks: {file: t}\nobjective: {lambda: 0}\n"
        "rewards:\n- {name: right, kind: correct}\n- {name: box, kind: extraction, rules: [boxed], weight: 0.1}\n"
    )
    read = load(TrainerSettings, [], prog="codaserve train", config=path)
    assert [(part.name, part.kind, part.weight) for part in read.rewards] == [
        ("right", "correct", 1.0),
        ("box", "extraction", 0.1),
    ]
    arguments = ["--rewards", '[{"name": "x", "kind": "score", "weight": 2}]']
    assert load(TrainerSettings, arguments, prog="codaserve train", config=path).rewards[0].weight == 2
    path.write_text(path.read_text().replace("name: box", "name: right"))
    with pytest.raises(ConfigurationError, match="two parts of the reward have one name"):
        load(TrainerSettings, [], prog="codaserve train", config=path)


# Of responses of at most 120 tokens of 257, a good third end before that.
LONG = {"steps": 1, "rollout__max_response_tokens": 120, "evaluate__file": None}


def test_truncated_responses_are_left_out_of_their_groups(configure: Any, recorder: Any, scorer: Any) -> None:
    train(configure(objective__truncated="mask", **LONG), observers=[recorder])
    batch = recorder.steps[0].batch
    assert 0 < batch.truncated_masked < 16
    assert batch.truncated_masked == round(16 * batch.truncated)
    assert batch.rollouts == batch.scored + batch.truncated_masked
    assert batch.unscored == {}
    assert [q.scored + q.masked for q in batch.questions] == [4] * 4
    assert [q.unscored for q in batch.questions] == [0] * 4
    assert len([item for item in scorer.items if item.group.startswith("1/")]) == batch.scored


def test_truncated_responses_are_counted_wrong(configure: Any, recorder: Any) -> None:
    train(configure(objective__truncated="wrong", **LONG), observers=[recorder])
    batch = recorder.steps[0].batch
    assert 0 < batch.truncated_wrong < 16
    assert batch.scored == batch.rollouts == 16
    assert batch.accuracy <= 1 - batch.truncated_wrong / 16
    assert batch.truncated_masked == 0


def test_evaluation_scores_truncated_responses_as_they_stand(configure: Any, recorder: Any, scorer: Any) -> None:
    train(configure(objective__truncated="mask", steps=1), observers=[recorder])
    before = recorder.evaluations[0]
    assert before.truncated > 0
    assert len([item for item in scorer.items if item.group.startswith("evaluation-0/")]) == 10
