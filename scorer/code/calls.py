"""Tests by function calls: returned values leave the run as plain data and are compared here, outside of it.

All cases share one run as long as it lasts. A case in which the run ends (a crash, a limit) after others were answered
gets a run with limits of its own before it is judged, and the cases after it go on in another.
"""

import json
import math
from collections.abc import Iterable
from typing import Any

from codaserve.v1 import scorer_pb2 as pb
from scorer.code import reasons
from scorer.code.compare import values_match
from scorer.code.reasons import Finding
from scorer.code.runner import Runner, claims_of, off_the_loop
from scorer.sandbox.run import Result

_SHOWN = 200


async def judge_calls(task: pb.CodeTask, source: str, runner: Runner) -> list[pb.CaseOutcome]:
    """Outcomes of the cases, ending with the first that did not pass unless partial credit is asked for."""
    cases = task.calls.cases
    outcomes: list[pb.CaseOutcome] = []
    while len(outcomes) < len(cases):
        rest = cases[len(outcomes) :]
        payload = {
            "kind": "calls",
            "source": source,
            "entry_point": task.entry_point,
            "cases": [[case.arguments, case.keyword_arguments] for case in rest],
            "stop": not task.partial_credit,
        }
        result = await runner.run(payload)
        claims = await claims_of(result)
        if ("loaded",) not in claims:
            finding = _end(result, claims, runner.limits)
            spent = (result.wall_seconds, result.cpu_seconds)
            return outcomes + [finding.outcome(*spent)] * (len(rest) if task.partial_credit else 1)
        answers = claims[claims.index(("loaded",)) + 1 :]
        judged = await off_the_loop(len(result.channel), lambda: _judge(answers, rest, task, result))  # noqa: B023
        outcomes += judged
        if not task.partial_credit and outcomes and outcomes[-1].reason != pb.REASON_PASSED:
            break
        if not judged:
            finding = _end(result, [], runner.limits)
            outcomes.append(finding.outcome(result.wall_seconds, result.cpu_seconds))
            if not task.partial_credit:
                break
    return outcomes


def _end(result: Result, claims: list[tuple[Any, ...]], limits: pb.RunLimits) -> Finding:
    """Why a run ended before it answered."""
    return (
        reasons.of_limit(result, limits)
        or next(filter(None, map(reasons.of_claim, claims)), None)
        or reasons.of_exit(result)
        or Finding(pb.REASON_RUNTIME_ERROR, "the program ended before the call returned")
    )


def _judge(
    claims: list[tuple[Any, ...]], cases: Iterable[pb.CallCase], task: pb.CodeTask, result: Result
) -> list[pb.CaseOutcome]:
    """Outcomes of the cases that the run answered, up to the first that did not pass when that is decisive."""
    outcomes: list[pb.CaseOutcome] = []
    for claim, case in zip(claims, cases, strict=False):
        match claim:
            case ("value", float(), float(), value):
                finding = _compare(value, case, task.calls.float_tolerance)
            case _:
                failed = reasons.of_claim(claim)
                if failed is None:
                    break
                finding = failed
        outcomes.append(
            finding.outcome(_bounded(claim[1], result.wall_seconds), _bounded(claim[2], result.cpu_seconds))
        )
        if not finding.passed and not task.partial_credit:
            break
    return outcomes


def _compare(value: Any, case: pb.CallCase, float_tolerance: float) -> Finding:
    if values_match(value, json.loads(case.expected), float_tolerance):
        return reasons.PASSED
    return Finding(pb.REASON_WRONG_ANSWER, f"the call returned {_show(value)}")


def _show(value: Any) -> str:
    try:
        shown = repr(value)
    except ValueError:  # an integer of thousands of digits
        return "a value that is too long to show"
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "..."


def _bounded(claimed: Any, most: float) -> float:
    """A time that the run claims, as far as it can be true."""
    return min(max(float(claimed), 0.0), most) if isinstance(claimed, float) and math.isfinite(claimed) else 0.0
