"""From a data set on disk to triples on disk, with a critic that is a rule."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from codaserve.settings import ConfigurationError
from codaserve.v1 import critic_pb2 as pb
from tests.trainer.dapo.made import completion, state
from trainer.collect import dataset
from trainer.dapo import store
from trainer.dapo.build import BuildProgress, build, claim, is_complete
from trainer.dapo.pairs import Pair
from trainer.dapo.settings import PairSettings
from trainer.dapo.source import Source, open_source
from trainer.errors import CriticAwayError

SETTINGS = PairSettings()
PARTS = [
    [
        state("q1", "", completion("a\n"), completion("b\n", "", False), completion("b\n", "x", False)),
        state("q1", "a\n", completion("c\n"), completion("d\n")),
    ],
    [
        state("q2", "", completion("a\n"), completion("z", None, None), completion("b", None, True)),
        state("q2", "a\n", completion("e\n"), completion("f", None, False, truncated=True)),
    ],
]
VALUES = {"a\n": 0.9, "b\n": 0.3, "c\n": 0.5, "d\n": 0.55, "e\n": 0.5}


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """Two parts, and one that was not finished."""
    folder = tmp_path / "data"
    for number, rows in enumerate([*PARTS, PARTS[0]]):
        for kind in ("states", "solutions"):
            path = dataset.part(folder, kind, number)
            path.parent.mkdir(parents=True, exist_ok=True)
            if kind == "states":
                pq.write_table(pa.Table.from_pylist(rows, schema=dataset.STATES), path)
            elif number < 2:
                path.touch()
    (folder / "collect.json").write_text(json.dumps({"policy": {"temperature": 0.7, "files": "digest"}}))
    return open_source(folder)


class Critic:
    """Values a step by its text, and fails where it is told to."""

    def __init__(self) -> None:
        self.asked: list[pb.StateGroup] = []
        self.fails: dict[str, pb.CriticFailureCode] = {}

    def __call__(self, groups: Sequence[pb.StateGroup]) -> list[pb.GroupEvaluation]:
        self.asked += groups
        return [self._value(group) for group in groups]

    def _value(self, group: pb.StateGroup) -> pb.GroupEvaluation:
        if code := self.fails.get(group.prompt + group.alternatives.prefix):
            return pb.GroupEvaluation(id=group.id, failure=pb.CriticFailure(code=code))
        alternatives = [pb.AlternativeValue(value=VALUES[step.text]) for step in group.alternatives.steps]
        return pb.GroupEvaluation(id=group.id, values=pb.GroupValues(alternatives=alternatives, checkpoint="c1"))


def reference(pairs: Sequence[Pair]) -> list[float]:
    return [-float(sum(pair.rollout.response_ids)) for pair in pairs]


def made(folder: Path, source: Source, critic: Critic, settings: PairSettings = SETTINGS) -> store.Triples:
    claim(folder, source, settings, critic="c1")
    build(folder, source, source.parts, settings, critic, reference, lambda progress: None)
    return store.Triples(folder)


def test_triples_of_two_parts(source: Source, tmp_path: Path) -> None:
    critic = Critic()
    triples = made(tmp_path / "triples", source, critic)
    assert source.temperature == 0.7
    # Each different step that goes on is asked for once: not "b", which ends an answer.
    assert [[step.text for step in group.alternatives.steps] for group in critic.asked] == [
        ["a\n", "b\n"], ["c\n", "d\n"], ["a\n"], ["e\n"],
    ]  # fmt: skip
    rows = triples.take(range(3))
    # q1: (0.9 + 0.3 + 0.3) / 3 = 0.5. Its second state spans 0.05 only. q2: a verified 1 beside 0.9, and one without a
    # verdict, make 0.95. Its second state: 0.5 against a truncated 0.
    assert [(row["question"], row["begun"], row["sampled"]) for row in rows] == [
        ("q1", "", 3),
        ("q2", "", 2),
        ("q2", "a\n", 2),
    ]
    assert [action["advantage"] for action in rows[0]["actions"]] == pytest.approx([0.4, -0.2])
    assert [action["advantage"] for action in rows[1]["actions"]] == pytest.approx([-0.05, 0.05])
    assert [action["advantage"] for action in rows[2]["actions"]] == pytest.approx([0.25, -0.25])
    assert rows[0]["actions"][0] == {
        "text": "a\n", "token_ids": [97, 10], "ends": False, "value": 0.9, "advantage": pytest.approx(0.4),
        "log_probability": -1.0, "reference": -107.0,
    }  # fmt: skip
    assert [row["critic"] for row in rows] == ["c1"] * 3
    assert rows[0]["question_value"] == pytest.approx(2.718281828**-0.5 * 8 / 9)  # one of three right
    assert rows[2]["question_value"] == rows[1]["question_value"] == 0.0  # all right
    counts = triples.counts
    assert (counts.states, counts.kept, counts.too_close, counts.no_critic) == (4, 3, 1, {})
    assert (counts.completions, counts.unscored, counts.repeated, counts.pairs) == (10, 1, 1, 6)
    assert triples.pairs == [2, 2, 2]


def test_steps_that_the_limit_cut_off_may_be_left_out_or_wrong(source: Source, tmp_path: Path) -> None:
    masked = made(tmp_path / "masked", source, Critic(), PairSettings(truncated="mask"))
    assert masked.counts.truncated == 1
    assert masked.counts.kept == 2
    rows = source.states(1)
    rows[1]["completions"][1]["correct"] = True  # cut off and right as it stands: 1 beside 0.5
    path = dataset.part(source.folder, "states", 1)
    pq.write_table(pa.Table.from_pylist(rows, schema=dataset.STATES), path)
    for choice, value in (("score", 1.0), ("wrong", 0.0)):
        triples = made(tmp_path / choice, source, Critic(), PairSettings(truncated=choice))
        assert [action["value"] for action in triples.take([2])[0]["actions"]] == [0.5, value]


def test_a_state_without_the_critics_answer_is_left_out_and_counted(source: Source, tmp_path: Path) -> None:
    critic = Critic()
    critic.fails["q1"] = pb.CRITIC_FAILURE_TOO_LONG
    triples = made(tmp_path / "triples", source, critic)
    assert triples.counts.no_critic == {"CRITIC_FAILURE_TOO_LONG": 1}
    assert [row["question"] for row in triples.take(range(2))] == ["q2", "q2"]


def test_a_critic_that_is_away_stops_the_build_and_finished_parts_stay(source: Source, tmp_path: Path) -> None:
    folder, critic = tmp_path / "triples", Critic()
    critic.fails["q2"] = pb.CRITIC_FAILURE_UNAVAILABLE
    with pytest.raises(CriticAwayError, match="1 of 2 states"):
        made(folder, source, critic)
    assert store.part(folder, 0).exists()
    assert not is_complete(source, folder)
    again = Critic()
    triples = made(folder, source, again)
    assert {group.prompt for group in again.asked} == {"q2"}
    assert is_complete(source, folder)
    whole = made(tmp_path / "whole", source, Critic())
    assert triples.take(range(3)) == whole.take(range(3))
    assert triples.counts == whole.counts
    assert store.digest(folder) == store.digest(tmp_path / "whole")


def test_finished_parts_are_told_in_the_progress(source: Source, tmp_path: Path) -> None:
    made(tmp_path / "triples", source, Critic())
    seen: list[BuildProgress] = []
    build(tmp_path / "triples", source, source.parts, SETTINGS, Critic(), reference, seen.append)
    assert (seen[-1].parts, seen[-1].of, seen[-1].counts.pairs) == (2, 2, 6)


def test_triples_of_something_else_are_refused(source: Source, tmp_path: Path) -> None:
    folder = tmp_path / "triples"
    made(folder, source, Critic())
    with pytest.raises(ConfigurationError, match="another critic"):
        claim(folder, source, SETTINGS, critic="c2")
    with pytest.raises(ConfigurationError, match="another threshold"):
        claim(folder, source, SETTINGS.model_copy(update={"threshold": 0.2}), critic=None)
    claim(folder, source, SETTINGS, critic=None)


def test_a_folder_without_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no data set"):
        open_source(tmp_path)
    (tmp_path / "collect.json").write_text(json.dumps({"policy": {"temperature": 1, "files": ""}}))
    with pytest.raises(ConfigurationError, match="no finished questions"):
        open_source(tmp_path)


def test_a_damaged_part_is_named(source: Source, tmp_path: Path) -> None:
    made(tmp_path / "triples", source, Critic())
    store.part(tmp_path / "triples", 1).write_bytes(b"PAR1")
    with pytest.raises(ConfigurationError, match="part-00001"):
        store.Triples(tmp_path / "triples")


def test_every_field_says_what_it_is() -> None:
    def undescribed(fields: Any) -> list[str]:
        return [field.name for field in fields if not (field.metadata or {}).get(b"description")]

    assert undescribed(store.STATES) == []
    assert undescribed([store.ACTION.field(index) for index in range(store.ACTION.num_fields)]) == []
