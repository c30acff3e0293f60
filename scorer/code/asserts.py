"""Tests by an assert script.

The script runs in a process of its own and the candidate in another; only plain data crosses between them, so that a
candidate can answer calls but not touch the script, what it expects or its verdict. A script that only compares calls
with literals needs no process: the calls are made in the candidate's and compared here. Where a task asks for it, the
script shares the candidate's process, and a candidate that goes to lengths can deceive it.
"""

from typing import Any

from codaserve.v1 import scorer_pb2 as pb
from scorer.code import literals, reasons
from scorer.code.called import builtin_called
from scorer.code.compare import UndecidableError, holds
from scorer.code.literals import Assertions
from scorer.code.reasons import Finding
from scorer.code.runner import Runner, claims_of, off_the_loop
from scorer.code.tally import Tally
from scorer.errors import TaskError
from scorer.sandbox.guest.codec import NotPlainError
from scorer.sandbox.guest.crossing import OutsideReader
from scorer.sandbox.run import Result

_PARSING = 8
"""How much longer it takes to parse a text than to move it."""
_ENDED_EARLY = Finding(pb.REASON_RUNTIME_ERROR, "the program ended before the script did")


async def judge_asserts(task: pb.CodeTask, source: str, runner: Runner) -> Tally:
    """The one outcome.

    Raises:
        TaskError: Setup or script do not compile, or the setup fails by itself, or the script passes what cannot cross.
    """
    setup, script, entry_point = task.asserts.setup, task.asserts.script, task.entry_point
    if "." in entry_point:
        script, entry_point = _checking_method(script, entry_point), ""
    entry_point = entry_point or builtin_called(setup, script)
    program = {"setup": setup, "source": source, "entry_point": entry_point}
    finding = None
    if task.asserts.shared_process:
        result = await runner.run({"kind": "asserts", "script": script, **program})
        finding = _find_shared(result, await claims_of(result), runner.limits)
    else:
        found = await off_the_loop(_PARSING * len(script), lambda: literals.find(setup, script, entry_point))
        if found is not None:
            payload = {"kind": "literals", **program, "entry_point": found.function, "calls": found.calls}
            result = await runner.run(payload)
            claims = await claims_of(result)
            finding = await off_the_loop(
                len(result.channel), lambda: _find_literals(found, result, claims, runner.limits)
            )
        if finding is None:
            result = await runner.run(program, script={"setup": setup, "script": script, "entry_point": entry_point})
            finding = _find_paired(result, await claims_of(result), runner.limits)
    tally = Tally(task)
    tally.add(finding.outcome(result))
    return tally


def _checking_method(script: str, entry_point: str) -> str:
    """The script, at its end its check(candidate) of a method, each call on an instance of its own."""
    owner, _, method = entry_point.partition(".")
    called = f"getattr({owner.removesuffix('()')}(), {method!r})(*positional, **named)"
    return f"{script}\ncheck(lambda *positional, **named: {called})\n"


def _check_task(result: Result, claims: list[tuple[Any, ...]], limits: pb.RunLimits) -> None:
    """Raises TaskError for what the task is at fault for, if claims are those that no candidate can have made."""
    for claim in claims:
        match claim:
            case ("task", str(field), str(message)):
                raise TaskError(f"the {field} {message}", field=f"code.asserts.{field}")
    if not claims:
        over = reasons.of_limit(result, limits) is not None
        what = "does not end within the limits of a run" if over else "ends the process that it runs in"
        raise TaskError(f"the setup {what}", field="code.asserts.setup")


def _find_shared(result: Result, claims: list[tuple[Any, ...]], limits: pb.RunLimits) -> Finding:
    # What comes first was written before any of the candidate's code ran.
    _check_task(result, claims[:1], limits)
    failed = reasons.of_limit(result, limits) or _first_failure(claims) or reasons.of_exit(result)
    return failed or (reasons.PASSED if ("end",) in claims else _ENDED_EARLY)


def _find_paired(result: Result, claims: list[tuple[Any, ...]], limits: pb.RunLimits) -> Finding:
    # All claims are the script's own. How the program ended matters only where the script missed it.
    _check_task(result, claims, limits)
    if ("end",) in claims and result.limit is None:
        return reasons.PASSED
    failed = reasons.of_limit(result, limits) or _first_failure(claims) or reasons.of_exit(result)
    return failed or _ENDED_EARLY


def _find_literals(
    found: Assertions, result: Result, claims: list[tuple[Any, ...]], limits: pb.RunLimits
) -> Finding | None:
    """None if a value is of a kind that only Python itself can compare, or the setup needs the program."""
    if claims[:1] == [("late",)]:
        return None
    _check_task(result, claims[:1], limits)
    answers = claims[claims.index(("loaded",)) + 1 :] if ("loaded",) in claims else []
    for assertion, claim in zip(found.assertions, answers, strict=False):
        match claim:
            case ("value", float(), float(), bytes(value)):
                try:
                    if not holds(OutsideReader(value).read_only(), assertion.relation, assertion.expected):
                        return reasons.failed_assertion(f" (line {assertion.line} of the script)")
                except UndecidableError:
                    return None
                except NotPlainError as error:
                    return Finding(pb.REASON_INVALID_VALUE, str(error))
            case ("invalid", *_) if assertion.relation != "==":
                return None
            case _:
                return reasons.of_claim(claim) or _ENDED_EARLY
    failed = reasons.of_limit(result, limits)
    if failed is None and len(answers) >= len(found.assertions):
        return reasons.PASSED
    return failed or _first_failure(claims) or reasons.of_exit(result) or _ENDED_EARLY


def _first_failure(claims: list[tuple[Any, ...]]) -> Finding | None:
    return next(filter(None, map(reasons.of_claim, claims)), None)
