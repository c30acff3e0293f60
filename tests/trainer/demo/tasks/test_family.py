import json
from pathlib import Path
from random import Random

import pytest

from trainer.demo.tasks import arithmetic, family


def test_training_and_held_out_never_meet() -> None:
    rng = Random(1)
    train = {family.practice(False, rng).prompt for _ in range(4000)}
    held_out = {problem.prompt for level in family.LEVELS for problem in family.distinct(level, "held-out", 80, rng)}
    assert len(held_out) == 80 * len(family.LEVELS) >= 500
    assert not train & held_out


def test_a_tenth_is_held_out() -> None:
    rng = Random(2)
    sides = [family.split_of(arithmetic.draw(arithmetic.LEVELS[4], rng)) for _ in range(3000)]
    assert 0.07 < sides.count("held-out") / len(sides) < 0.14


def test_there_are_enough_levels() -> None:
    assert len(arithmetic.LEVELS) >= 5
    assert {family.draw(level, "train", Random(3)).level for level in family.LEVELS} == set(family.LEVELS)
    with pytest.raises(KeyError):
        family.draw("7", "train", Random(3))


def test_asking_for_too_many_distinct_problems_says_so() -> None:
    with pytest.raises(ValueError, match="level 1 has fewer than 600"):
        family.distinct("1", "held-out", 600, Random(4))


def test_spread_takes_the_levels_in_turn() -> None:
    problems = family.spread(14, "held-out", Random(5))
    assert [problem.level for problem in problems[:7]] == list(family.LEVELS)


def test_task_files_are_what_the_trainer_reads(tmp_path: Path) -> None:
    problems = [family.draw(level, "train", Random(6)) for level in family.LEVELS]
    family.write_tasks(tmp_path / "tasks.jsonl", problems, prefix="train")
    rows = [json.loads(line) for line in (tmp_path / "tasks.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == [f"train-{index}" for index in range(7)]
    for row, problem in zip(rows, problems, strict=True):
        assert (row["level"], row["prompt"]) == (problem.level, problem.prompt)
        assert ("math" in row) != ("code" in row)
