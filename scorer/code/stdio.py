"""Tests by standard input and output: one run for each case; outputs are compared here, outside of the run."""

from codaserve.v1 import scorer_pb2 as pb
from scorer.code import reasons
from scorer.code.compare import first_different_line
from scorer.code.reasons import Finding
from scorer.code.runner import Runner, claims_of, off_the_loop
from scorer.sandbox.run import Result

_SHOWN = 200


async def judge_stdio(task: pb.CodeTask, source: str, runner: Runner) -> list[pb.CaseOutcome]:
    """Outcomes of the cases, ending with the first that did not pass unless partial credit is asked for."""
    outcomes: list[pb.CaseOutcome] = []
    for case in task.stdio.cases:
        result = await runner.run({"kind": "stdio", "source": source}, case.input)
        finding = await _find(result, case.output, runner.limits)
        outcomes.append(finding.outcome(result.wall_seconds, result.cpu_seconds))
        if not finding.passed and not task.partial_credit:
            break
    return outcomes


async def _find(result: Result, expected: str, limits: pb.RunLimits) -> Finding:
    claimed = (reasons.of_claim(claim) for claim in await claims_of(result))
    failed = reasons.of_limit(result, limits) or next(filter(None, claimed), None) or reasons.of_exit(result)
    if failed is not None:
        return failed
    got = result.stdout.decode("utf-8", "surrogateescape")
    line = await off_the_loop(len(got) + len(expected), lambda: first_different_line(got, expected))
    if line is None:
        return reasons.PASSED
    there = got.split("\n")[line - 1 : line]
    shown = f": {there[0][:_SHOWN]!r}" if there else ", which is missing"
    return Finding(pb.REASON_WRONG_ANSWER, f"the output differs in line {line}{shown}")
