import math
from typing import Any

import pytest

from codaserve.v1 import scorer_pb2 as pb
from scorer.errors import TaskError
from scorer.math.judgement import Options
from scorer.math.validate import check_task, read_options


def task(**fields: Any) -> pb.MathTask:
    return pb.MathTask(**{"gold": ["1"], "answer": "1", **fields})


def test_nothing_is_asked_for_by_default() -> None:
    assert read_options(task()) == Options()


def test_everything_that_can_be_asked_for() -> None:
    asked = task(
        order_matters=False,
        unit_matters=True,
        absolute_tolerance=0.5,
        relative_tolerance=0.25,
        choices=["a", "b"],
        forms=[pb.FORM_INTEGER, pb.FORM_MIXED_NUMBER],
    )
    assert read_options(asked) == Options(False, True, 0.5, 0.25, ("a", "b"), ("integer", "mixed_number"))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (task(choices=["a", "b" * 70_000]), "math.choices"),
        (task(absolute_tolerance=-1), "math.absolute_tolerance"),
        (task(absolute_tolerance=math.inf), "math.absolute_tolerance"),
        (task(absolute_tolerance=math.nan), "math.absolute_tolerance"),
        (task(relative_tolerance=-0.1), "math.relative_tolerance"),
        (task(relative_tolerance=1), "math.relative_tolerance"),
        (task(relative_tolerance=math.nan), "math.relative_tolerance"),
        (task(choices=["x"] * 27), "math.choices"),
        (task(choices=["x", " "]), "math.choices[1]"),
        (task(forms=[pb.FORM_UNSPECIFIED]), "math.forms[0]"),
        (task(forms=[pb.FORM_INTEGER, 99]), "math.forms[1]"),
        (task(forms=[pb.FORM_INTEGER, pb.FORM_INTEGER]), "math.forms"),
        (task(forms=[pb.FORM_INTEGER, pb.FORM_AS_GIVEN]), "math.forms"),
    ],
)
def test_malformed_wishes_name_the_field(wrong: pb.MathTask, field: str) -> None:
    with pytest.raises(TaskError) as caught:
        read_options(wrong)
    assert caught.value.field == field
    assert field in caught.value.message


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (pb.MathTask(answer="1"), "math.gold"),
        (task(gold=["1"] * 3), "math.gold"),
        (task(gold=["1+" * 9000 + "1", "1+" * 9000 + "1"]), "math.gold"),
        (task(gold=["1", "\n"]), "math.gold[1]"),
        (pb.MathTask(gold=["1"]), "math.response"),
    ],
)
def test_malformed_tasks_name_the_field(wrong: pb.MathTask, field: str) -> None:
    with pytest.raises(TaskError) as caught:
        check_task(wrong, max_golds=2)
    assert caught.value.field == field


def test_empty_responses_are_wellformed() -> None:
    check_task(pb.MathTask(gold=["1"], response=""), max_golds=1)
