"""Refuses malformed tasks before anything runs, naming the field at fault."""

import json
import math
import re
from collections.abc import Container
from typing import Any

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.languages import LANGUAGES, LanguageEntry
from scorer.code.settings import LEAST_MEMORY_BYTES
from scorer.errors import TaskError

_CHECK = re.compile(r"^(?:async\s+)?def\s+check\s*\(\s*\w+\s*(?::\s*[\w.]+(?:\[[^=:)]*\])?\s*)?,?\s*\)", re.MULTILINE)
_CHECKED = re.compile(r"^check\s*\(", re.MULTILINE)
_DOES_SOMETHING = re.compile(
    r"^(?!(?:async\s+def|def|class|import|from)\b|[@#)\]}]|\"\"\"|'''|\w+\s*(?::[^=\n]+)?=[^=(\n]*$)\S", re.MULTILINE
)
"""A statement at the top level that is no definition, as far as its first line tells."""
"""The head of check(candidate), whose one parameter may have a type."""


def check_language(task: pb.CodeTask) -> LanguageEntry:
    """The language of a task.

    Raises:
        TaskError: It is missing or unknown.
    """
    return _language(task.language, "code.language")


def _language(name: str, field: str) -> LanguageEntry:
    if not name:
        raise TaskError("language is empty; name one of " + _known(), field=field)
    entry = LANGUAGES.get(name)
    if entry is None:
        raise TaskError(
            f"language {name[:64]!r} is not supported; this server has {_known()}",
            field=field,
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
    _check_entry_point(task.entry_point)
    if kind != "stdio" and task.language != "python":
        raise TaskError(f"{kind} are for Python programs; use stdio for other languages", field="code.tests")
    if kind == "asserts":
        _check_asserts(task)
        return
    tests = task.stdio if kind == "stdio" else task.calls
    if not tests.cases:
        raise TaskError("there are no cases; give at least one", field=f"code.{kind}.cases")
    if len(tests.cases) > max_cases:
        message = f"{len(tests.cases)} cases are more than Info.limits.max_cases = {max_cases}; split the task"
        raise TaskError(message, field=f"code.{kind}.cases")
    if not (math.isfinite(tests.float_tolerance) and tests.float_tolerance >= 0):
        raise TaskError("the tolerance must be a number from 0 on", field=f"code.{kind}.float_tolerance")
    if tests.HasField("checker"):
        _check_checker(tests, kind or "")
    if kind == "stdio":
        _check_stdio(task.stdio)
    else:
        _check_calls(task)


def _check_entry_point(entry_point: str) -> None:
    owner, dot, method = entry_point.partition(".")
    names = [owner.removesuffix("()"), method] if dot else [entry_point]
    if entry_point and not all(map(str.isidentifier, names)):
        message = "entry_point is not a Python name; give that of one function, or of a method as Class().method"
        raise TaskError(message, field="code.entry_point")


def check_profile(task: pb.CodeTask, offered: Container[int]) -> None:
    """Checks that the server has the profile of a task.

    Raises:
        TaskError: It has not.
    """
    if task.profile and task.profile not in offered:
        raise TaskError(
            "this server does not have that profile (Info.limits.profiles): it could not end a tree of processes as a "
            "whole; leave it out if the program starts no processes, or send the task to a server that has it",
            field="code.profile",
        )


def _check_checker(tests: pb.StdioTests | pb.CallTests, kind: str) -> None:
    field = f"code.{kind}.checker"
    for name in ("comparison", "float_tolerance", "unordered"):
        if getattr(tests, name, False):
            raise TaskError(f"a checker judges in place of {name}; leave out one of both", field=f"code.{kind}.{name}")
    _language(tests.checker.language, f"{field}.language")
    if not tests.checker.source.strip():
        raise TaskError("the checker is empty; docs/code.md says what it has to do", field=f"{field}.source")


def _check_stdio(tests: pb.StdioTests) -> None:
    if tests.comparison not in pb.OutputComparison.values():
        raise TaskError("there is no such comparison; docs/code.md names them", field="code.stdio.comparison")
    if tests.float_tolerance and tests.comparison != pb.COMPARE_TOKENS:
        raise TaskError("a tolerance needs COMPARE_TOKENS; set comparison to it", field="code.stdio.float_tolerance")


def _check_asserts(task: pb.CodeTask) -> None:
    if not task.asserts.script.strip():
        raise TaskError("the script is empty; give assertions or check(candidate)", field="code.asserts.script")
    script, defines_check = task.asserts.script, _CHECK.search(task.asserts.script) is not None
    if not task.entry_point and defines_check and not _CHECKED.search(script):
        raise TaskError("the script defines check(candidate); name the function to check", field="code.entry_point")
    if "." in task.entry_point and not defines_check:
        message = "a method is given to check(candidate), which the script does not define; leave out entry_point"
        raise TaskError(message, field="code.entry_point")
    if not (task.entry_point and "check" in script) and not _DOES_SOMETHING.search(script):
        message = "the script only defines and asserts nothing, so that every program would pass; call what it defines"
        raise TaskError(message, field="code.asserts.script")


def _check_calls(task: pb.CodeTask) -> None:
    if not task.entry_point:
        raise TaskError("entry_point is empty; name the function that the cases call", field="code.entry_point")
    for index, case in enumerate(task.calls.cases):
        where = f"code.calls.cases[{index}]"
        if case.arguments and not isinstance(parse_json(case.arguments, f"{where}.arguments"), list):
            raise TaskError("not a JSON array; give the positional arguments as one", field=f"{where}.arguments")
        if case.keyword_arguments and not isinstance(
            parse_json(case.keyword_arguments, f"{where}.keyword_arguments"), dict
        ):
            raise TaskError("not a JSON object; give keyword arguments as one", field=f"{where}.keyword_arguments")
        if not case.expected:
            if task.calls.HasField("checker"):
                continue
            raise TaskError("no expected value; give it as JSON (null for none)", field=f"{where}.expected")
        expected = parse_json(case.expected, f"{where}.expected")
        near = task.calls.unordered and task.calls.float_tolerance and isinstance(expected, list)
        if near and any(isinstance(item, (list, dict)) for item in expected):
            message = "arrays or objects in any order cannot be compared with a tolerance; give a checker instead"
            raise TaskError(message, field="code.calls.float_tolerance")


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
