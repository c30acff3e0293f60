"""Tests by an assert script, which runs in one process with the candidate.

Passing takes the script's end, so leaving early does not pass. A candidate that goes to lengths can still deceive a
script that shares its process; tests by calls or by standard output cannot be deceived that way.
"""

from typing import Any

from codaserve.v1 import scorer_pb2 as pb
from scorer.code import reasons
from scorer.code.reasons import Finding
from scorer.code.runner import Runner, claims_of
from scorer.errors import TaskError
from scorer.sandbox.run import Result


async def judge_asserts(task: pb.CodeTask, source: str, runner: Runner) -> list[pb.CaseOutcome]:
    """The one outcome.

    Raises:
        TaskError: Setup or script do not compile, or the setup fails by itself.
    """
    payload = {
        "kind": "asserts",
        "source": source,
        "entry_point": task.entry_point,
        "setup": task.asserts.setup,
        "script": task.asserts.script,
    }
    result = await runner.run(payload)
    claims = await claims_of(result)
    # What comes first was written before any of the candidate's code ran.
    match claims[:1]:
        case [("task", str(field), str(message))]:
            raise TaskError(f"the {field} {message}", field=f"code.asserts.{field}")
        case [] if reasons.of_limit(result, runner.limits) is not None:
            raise TaskError("the setup does not end within the limits of a run", field="code.asserts.setup")
    finding = _find(result, claims, runner.limits)
    return [finding.outcome(result.wall_seconds, result.cpu_seconds)]


def _find(result: Result, claims: list[tuple[Any, ...]], limits: pb.RunLimits) -> Finding:
    failed = reasons.of_limit(result, limits) or next(filter(None, map(reasons.of_claim, claims)), None)
    failed = failed or reasons.of_exit(result)
    if failed is not None:
        return failed
    if ("end",) in claims:
        return reasons.PASSED
    return Finding(pb.REASON_RUNTIME_ERROR, "the program ended before the script did")
