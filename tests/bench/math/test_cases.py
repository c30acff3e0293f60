import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from bench.math.cases import HOSTILE, Case, load, sample, split_hostile


def line(number: int, **more: Any) -> dict[str, Any]:
    return {"id": str(number), "gold": "1", "label": True, "category": "forms", "answer": str(number), **more}


def write(folder: Path, name: str, *lines: dict[str, Any]) -> None:
    text = "".join(json.dumps(one) + "\n" for one in lines).encode()
    folder.joinpath(name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)


def test_plain_and_packed_files_are_sets(tmp_path: Path) -> None:
    write(tmp_path, "b.jsonl", line(1))
    write(tmp_path, "a.jsonl.gz", line(2, response="it is 2", answer=None), line(3))
    sets = load(tmp_path)
    assert list(sets) == ["a", "b"]
    assert [case.id for case in sets["a"]] == ["2", "3"]
    assert sets["a"][0].task.response == "it is 2"
    assert sets["b"][0].task.answer == "1"


def test_an_empty_answer_is_an_answer(tmp_path: Path) -> None:
    write(tmp_path, "a.jsonl", line(1, answer=""))
    assert load(tmp_path)["a"][0].task.WhichOneof("submission") == "answer"


def test_what_has_no_gold_answer_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, "programs.jsonl", {"task_id": "1", "prompt": "def f():"})
    with pytest.raises(FileNotFoundError, match="no cases"):
        load(tmp_path)


def test_a_set_that_is_not_there_is_named(tmp_path: Path) -> None:
    write(tmp_path, "a.jsonl", line(1))
    with pytest.raises(FileNotFoundError, match="no set named b; it has a"):
        load(tmp_path, ["a", "b"])


def case(number: int, category: str = "forms") -> Case:
    return Case(str(number), "1", True, category, None, str(number // 2))


def test_hostile_cases_become_a_set_of_their_own() -> None:
    split = split_hostile({"a": [case(0), case(2, "dos")], "b": [case(4, "dos")]})
    assert {name: [one.id for one in cases] for name, cases in split.items()} == {"a": ["0"], HOSTILE: ["2", "4"]}


def test_a_sample_is_the_same_each_time_and_asks_nothing_twice() -> None:
    cases = [case(number) for number in range(100)]
    chosen = sample(cases, 20, once_a_gold=False)
    assert chosen == sample(cases, 20, once_a_gold=False)
    assert len({one.answer for one in chosen}) == 20
    assert len(sample(cases, 1000, once_a_gold=False)) == 50


def test_a_sample_may_have_each_gold_once() -> None:
    cases = [Case(str(number), str(number % 7), True, "", None, str(number)) for number in range(100)]
    assert sorted(one.gold for one in sample(cases, 1000, once_a_gold=True)) == list("0123456")
