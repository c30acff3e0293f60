"""Tests by function calls: returned values leave the run as plain data and are compared here, outside of it.

All cases share one run as long as it lasts. A case in which the run ends (a crash, a limit) after others were answered
gets a run with limits of its own before it is judged, and the cases after it go on in another.
"""

import json
import math
from typing import Any

from codaserve.v1 import scorer_pb2 as pb
from scorer.code import reasons, show
from scorer.code.checker import Checker
from scorer.code.compare import values_match
from scorer.code.question import OfValue
from scorer.code.reasons import Finding
from scorer.code.runner import Runner, claims_of, off_the_loop
from scorer.code.tally import Tally, stops_early
from scorer.code.unordered import items_match
from scorer.sandbox.run import Result

_SHOWN = 200


async def judge_calls(task: pb.CodeTask, source: str, runner: Runner, checker: Checker | None) -> Tally:
    """The outcomes of the cases, as far as they are wanted. Raises as `Runner.perform` and `Checker.find` do."""
    cases = task.calls.cases
    tally = Tally(task)
    while not tally.decided:
        rest = cases[len(tally.outcomes) :]
        payload = {
            "kind": "calls",
            "source": source,
            "entry_point": task.entry_point,
            "cases": [[case.arguments, case.keyword_arguments] for case in rest],
            "stop": stops_early(task),
        }
        result = await runner.run(payload)
        claims = await claims_of(result)
        if ("loaded",) not in claims:
            outcome = _end(result, claims, runner.limits).outcome(result)
            while not tally.decided:
                tally.add(outcome)
            break
        before = len(tally.outcomes)
        for claim, case in zip(claims[claims.index(("loaded",)) + 1 :], rest, strict=False):
            if tally.decided or not await _add(tally, task.calls, case, claim, result, checker):
                break
        if len(tally.outcomes) == before:
            tally.add(_end(result, [], runner.limits).outcome(result))
    return tally


def _end(result: Result, claims: list[tuple[Any, ...]], limits: pb.RunLimits) -> Finding:
    """Why a run ended before it answered."""
    return (
        reasons.of_limit(result, limits)
        or next(filter(None, map(reasons.of_claim, claims)), None)
        or reasons.of_exit(result)
        or Finding(pb.REASON_RUNTIME_ERROR, "the program ended before the call returned")
    )


async def _add(
    tally: Tally,
    tests: pb.CallTests,
    case: pb.CallCase,
    claim: tuple[Any, ...],
    result: Result,
    checker: Checker | None,
) -> bool:
    """Adds the outcome of a case that the run answered; whether it did."""
    got = ""
    match claim:
        case ("value", float(), float(), value):
            size = len(result.channel)
            if checker is None:
                finding = await off_the_loop(size, lambda: _compare(value, case, tests))
            else:
                finding = await checker.find(OfValue(case, value, size))
            if not finding.passed:
                got = show.value(value)
        case _:
            failed = reasons.of_claim(claim)
            if failed is None:
                return False
            finding = failed
    # A forged frame may be a short one.
    spent = [
        _bounded(*pair)
        for pair in zip((*claim[1:3], 0.0, 0.0), (result.wall_seconds, result.cpu_seconds), strict=False)
    ]
    tally.add(finding.outcome(result, *spent), got)
    return True


def _compare(value: Any, case: pb.CallCase, tests: pb.CallTests) -> Finding:
    expected = json.loads(case.expected)
    match = items_match if tests.unordered and isinstance(expected, list) else values_match
    if match(value, expected, tests.float_tolerance):
        return reasons.PASSED
    shown = show.value(value)
    shown = shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "..."
    return Finding(pb.REASON_WRONG_ANSWER, f"the call returned {shown}")


def _bounded(claimed: Any, most: float) -> float:
    """A time that the run claims, as far as it can be true."""
    return min(max(float(claimed), 0.0), most) if isinstance(claimed, float) and math.isfinite(claimed) else 0.0
