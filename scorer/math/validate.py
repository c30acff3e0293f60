"""Refuses malformed tasks, naming the field at fault, and reads what a task asks for."""

import math
from functools import lru_cache

from codaserve.v1 import scorer_pb2 as pb
from scorer.errors import TaskError
from scorer.math import golds
from scorer.math.judgement import DEFAULTS, Options

MAX_CHOICES = 26
"""They are labelled with the letters A to Z."""
MAX_GOLD_CHARS = 1 << 15
"""Characters of all gold answers of a task together: all are read before anything else is done."""
MAX_CHOICE_CHARS = 1 << 16
"""Characters of all options of a multiple choice question together."""
CACHED_CHARS = 1000
"""What is found about a longer gold answer is not kept: texts that are kept must not fill the memory."""
_FORMS = {value: name.removeprefix("FORM_").lower() for name, value in pb.AnswerForm.items() if value}


def check_task(task: pb.MathTask, max_golds: int) -> None:
    """Checks gold answers and submission, as far as can be seen without reading them.

    Raises:
        TaskError: They are missing, empty or too many.
    """
    if not task.gold:
        raise TaskError("math.gold is empty; give at least one gold answer", field="math.gold")
    if len(task.gold) > max_golds:
        message = f"math.gold has {len(task.gold)} answers; at most {max_golds} are accepted"
        raise TaskError(message, field="math.gold")
    size = sum(map(len, task.gold))
    if size > MAX_GOLD_CHARS:
        message = f"math.gold has {size} characters; at most {MAX_GOLD_CHARS} are accepted"
        raise TaskError(message, field="math.gold")
    for index, gold in enumerate(task.gold):
        if not gold.strip():
            field = f"math.gold[{index}]"
            raise TaskError(f"{field} is empty; give the answer as text or LaTeX", field=field)
    if task.WhichOneof("submission") is None:
        raise TaskError("neither math.response nor math.answer is set; set one of them", field="math.response")


def check_golds(task: pb.MathTask, options: Options) -> None:
    """Checks that answers can be compared with the gold answers: with one that is broken, equal text would be a free
    reward and every other answer wrong.

    Raises:
        TaskError: One cannot be read.
    """
    for index, gold in enumerate(task.gold):
        reason = _broken(gold, options)
        if reason is not None:
            field = f"math.gold[{index}]"
            raise TaskError(f"{field} cannot be used: {reason}", field=field)


def _broken(gold: str, options: Options) -> str | None:
    small = len(gold) <= CACHED_CHARS and options == DEFAULTS
    return _broken_before(gold) if small else golds.check(gold, options)


@lru_cache(maxsize=4096)  # the golds of a group come many times
def _broken_before(gold: str) -> str | None:
    return golds.check(gold, DEFAULTS)


def read_options(task: pb.MathTask) -> Options:
    """What a task asks for beyond its gold answers.

    Raises:
        TaskError: A tolerance, choice or form is malformed.
    """
    if not (
        task.forms
        or task.choices
        or task.absolute_tolerance
        or task.relative_tolerance
        or task.HasField("order_matters")
        or task.HasField("unit_matters")
    ):
        return DEFAULTS
    return Options(
        order_matters=task.order_matters if task.HasField("order_matters") else None,
        unit_matters=task.unit_matters if task.HasField("unit_matters") else None,
        absolute_tolerance=_tolerance(task.absolute_tolerance, "absolute_tolerance", math.inf),
        relative_tolerance=_tolerance(task.relative_tolerance, "relative_tolerance", 1.0),
        choices=_choices(task),
        forms=_forms(task),
    )


def _tolerance(value: float, name: str, bound: float) -> float:
    if not 0 <= value < bound:  # also false for NaN
        wanted = "a finite number from 0 on" if bound == math.inf else f"a number from 0 to below {bound:g}"
        raise TaskError(f"math.{name} is {value:g}; it must be {wanted}", field=f"math.{name}")
    return value


def _choices(task: pb.MathTask) -> tuple[str, ...]:
    if len(task.choices) > MAX_CHOICES:
        message = f"math.choices has {len(task.choices)} options; at most {MAX_CHOICES} can be labelled A to Z"
        raise TaskError(message, field="math.choices")
    size = sum(map(len, task.choices))
    if size > MAX_CHOICE_CHARS:
        message = f"math.choices has {size} characters; at most {MAX_CHOICE_CHARS} are accepted"
        raise TaskError(message, field="math.choices")
    for index, choice in enumerate(task.choices):
        if not choice.strip():
            field = f"math.choices[{index}]"
            raise TaskError(f"{field} is empty; give the option's text", field=field)
    return tuple(task.choices)


def _forms(task: pb.MathTask) -> tuple[str, ...]:
    for index, form in enumerate(task.forms):
        if form not in _FORMS:
            field = f"math.forms[{index}]"
            raise TaskError(f"{field} is {form}, which is no known form", field=field)
    if len(set(task.forms)) < len(task.forms):
        raise TaskError("math.forms names a form twice; name each once", field="math.forms")
    if pb.FORM_AS_GIVEN in task.forms and len(task.forms) > 1:
        raise TaskError("math.forms has FORM_AS_GIVEN and others; it stands alone", field="math.forms")
    return tuple(_FORMS[form] for form in task.forms)
