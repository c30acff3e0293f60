"""Refuses malformed tasks before anything runs, naming the field at fault."""

import json
import math
import re
from typing import Any

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.languages import LANGUAGES, LanguageEntry
from scorer.code.settings import LEAST_MEMORY_BYTES
from scorer.errors import TaskError

_CHECK = re.compile(r"^(?:async\s+)?def\s+check\s*\(\s*\w+\s*(?::\s*[\w.]+(?:\[[^=:)]*\])?\s*)?,?\s*\)", re.MULTILINE)
"""The head of check(candidate), whose one parameter may have a type."""


def check_language(task: pb.CodeTask) -> LanguageEntry:
    """The language of a task.

    Raises:
        TaskError: It is missing or unknown.
    """
    if not task.language:
        raise TaskError("language is empty; name one of " + _known(), field="code.language")
    entry = LANGUAGES.get(task.language)
    if entry is None:
        raise TaskError(
            f"language {task.language[:64]!r} is not supported; this server has {_known()}",
            field="code.language",
            code=pb.FAILURE_UNSUPPORTED_LANGUAGE,
        )
    return entry


def _known() -> str:
    return ", ".join(sorted(LANGUAGES))


def check_task(task: pb.CodeTask, max_cases: int) -> None:
    """Checks everything but language and limits.

    Raises:
        TaskError: Submission or tests are missing or malformed.
    """
    if task.WhichOneof("submission") is None:
        raise TaskError("neither response nor source is set; set one of them", field="code.response")
    kind = task.WhichOneof("tests")
    if kind is None:
        raise TaskError("the task has no tests; set stdio, calls or asserts", field="code.tests")
    if task.entry_point and not task.entry_point.isidentifier():
        raise TaskError("entry_point is not a Python name; give the name of one function", field="code.entry_point")
    if kind == "asserts":
        _check_asserts(task)
        return
    cases = len(task.stdio.cases) if kind == "stdio" else len(task.calls.cases)
    if cases == 0:
        raise TaskError("there are no cases; give at least one", field=f"code.{kind}.cases")
    if cases > max_cases:
        message = f"{cases} cases are more than Info.limits.max_cases = {max_cases}; split the task"
        raise TaskError(message, field=f"code.{kind}.cases")
    if kind == "calls":
        _check_calls(task)


def _check_asserts(task: pb.CodeTask) -> None:
    if not task.asserts.script.strip():
        raise TaskError("the script is empty; give assertions or check(candidate)", field="code.asserts.script")
    if not task.entry_point and _CHECK.search(task.asserts.script):
        raise TaskError("the script defines check(candidate); name the function to check", field="code.entry_point")


def _check_calls(task: pb.CodeTask) -> None:
    if not task.entry_point:
        raise TaskError("entry_point is empty; name the function that the cases call", field="code.entry_point")
    tolerance = task.calls.float_tolerance
    if not (math.isfinite(tolerance) and tolerance >= 0):
        raise TaskError("the tolerance must be a number from 0 on", field="code.calls.float_tolerance")
    for index, case in enumerate(task.calls.cases):
        where = f"code.calls.cases[{index}]"
        if case.arguments and not isinstance(parse_json(case.arguments, f"{where}.arguments"), list):
            raise TaskError("not a JSON array; give the positional arguments as one", field=f"{where}.arguments")
        if case.keyword_arguments and not isinstance(
            parse_json(case.keyword_arguments, f"{where}.keyword_arguments"), dict
        ):
            raise TaskError("not a JSON object; give keyword arguments as one", field=f"{where}.keyword_arguments")
        if not case.expected:
            raise TaskError("no expected value; give it as JSON (null for none)", field=f"{where}.expected")
        parse_json(case.expected, f"{where}.expected")


def parse_json(text: str, field: str) -> Any:
    """The value of a JSON text.

    Raises:
        TaskError: It is not JSON, or nested too deeply, or holds an integer of thousands of digits.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise TaskError(f"not usable as JSON: {reason}", field=field) from error


def resolve_limits(asked: pb.RunLimits, default: pb.RunLimits, most: pb.RunLimits) -> pb.RunLimits:
    """Limits of a task's runs: the default for each that is zero.

    Raises:
        TaskError: One is negative, not a number, or above what the server allows.
    """
    resolved = pb.RunLimits()
    for descriptor in pb.RunLimits.DESCRIPTOR.fields:
        name = descriptor.name
        value, bound = getattr(asked, name), getattr(most, name)
        if not 0 <= value <= bound:  # also false for NaN
            message = f"{value:g} is outside of 0 (the default) to {bound:g}, the most that this server allows"
            raise TaskError(message, field=f"code.limits.{name}")
        setattr(resolved, name, value or min(getattr(default, name), bound))
    if resolved.memory_bytes < LEAST_MEMORY_BYTES:
        message = f"the interpreter alone needs more; ask for at least {LEAST_MEMORY_BYTES}"
        raise TaskError(message, field="code.limits.memory_bytes")
    return resolved
