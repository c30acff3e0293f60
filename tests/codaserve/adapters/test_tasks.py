import json
from typing import Any

import pytest

from codaserve.adapters.tasks import answered, group_of, task_item, task_or, text_of
from codaserve.v1 import scorer_pb2 as pb

CODE = {"language": "python", "asserts": {"script": "assert f(1) == 1"}}


@pytest.mark.parametrize(
    ("task", "gold"),
    [
        ("1/2", ["1/2"]),
        (7, ["7"]),
        (["a", 2.5], ["a", "2.5"]),
        ("{1, 2}", ["{1, 2}"]),
        ('{"x": 1}', ['{"x": 1}']),
        ({"gold": "3"}, ["3"]),
        ({"math": {"gold": ["3"], "order_matters": None}, "code": None}, ["3"]),
        (json.dumps({"math": {"gold": ["3"]}}), ["3"]),
    ],
)
def test_what_says_the_right_answer(task: Any, gold: list[str]) -> None:
    assert list(task_item(task).math.gold) == gold


def test_rows_of_other_kinds() -> None:
    assert task_item({"math": None, "code": CODE}).code.language == "python"
    assert task_item(json.dumps({"code": CODE})).code.asserts.script == "assert f(1) == 1"
    item = pb.ScoreItem(math=pb.MathTask(gold=["1"]))
    assert answered(item, "so 1", id="a", group="g").math.response == "so 1"
    assert not item.math.response
    assert answered({"code": CODE}, "lone \ud800", id="", group="").code.response == "lone ?"


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("", "may be empty"),
        ([], "gold answer is needed"),
        (True, "gold answer as text"),
        (float("nan"), "gold answer as text"),
        (None, "gold answer as text"),
        ({}, "one of math"),
        ({"math": {"gold": ["1"]}, "gold": "1"}, "one of math"),
        ({"maths": {}}, "unknown name"),
        ({"math": {"golds": ["1"]}}, "golds"),
        ({"math": {"gold": ["1"], "answer": "1"}}, "leave out math.answer"),
        (pb.ScoreItem(), "one of math"),
    ],
)
def test_what_does_not(task: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        task_item(task)


@pytest.mark.parametrize("task", [{"gold": "3"}, {"maths": {}}, '{"gold": "3"}', pb.ScoreItem()])
def test_a_task_goes_before_an_answer(task: Any) -> None:
    assert task_or(task, "4") is task


@pytest.mark.parametrize(
    "task", [None, "math", "3", "", 3, ["3"], {}, {"math": None, "code": None}, '{"subject": "math"}']
)
def test_what_is_only_called_a_task_does_not(task: Any) -> None:
    assert task_or(task, "4") == "4"


def test_the_text_of_a_completion() -> None:
    said = [{"role": "user", "content": "no"}, {"role": "assistant", "content": "5"}, {"role": "tool", "content": "t"}]
    assert text_of("5") == text_of(said) == "5"
    assert text_of([{"role": "assistant", "content": [{"type": "text", "text": "a"}, {"type": "image"}]}]) == "a"
    assert text_of([{"role": "user", "content": "5"}]) == text_of([{"role": "assistant", "content": None}]) == ""
    with pytest.raises(ValueError, match="found int"):
        text_of(5)


def test_one_group_for_one_prompt() -> None:
    assert group_of("a") == group_of("a") != group_of("b")
    assert group_of([{"role": "user", "content": "a"}]) != group_of("a")
