"""Tests by standard input and output: one run for each case; outputs are judged here, outside of the run."""

from codaserve.v1 import scorer_pb2 as pb
from scorer.code import reasons
from scorer.code.checker import Checker
from scorer.code.languages.program import Program
from scorer.code.outputs import difference
from scorer.code.question import OfOutput
from scorer.code.reasons import Finding
from scorer.code.runner import Runner, off_the_loop
from scorer.code.show import printable_bytes
from scorer.code.tally import Tally
from scorer.sandbox.run import Result


async def judge_stdio(task: pb.CodeTask, program: Program, runner: Runner, checker: Checker | None) -> Tally:
    """The outcomes of the cases, as far as they are wanted. Raises as `Runner.perform` and `Checker.find` do."""
    tally = Tally(task)
    for case in task.stdio.cases:
        result = await program.run(runner, case.input)
        finding = await program.failure(result, runner.limits) or await _find(task.stdio, case, result, checker)
        tally.add(finding.outcome(result), printable_bytes(result.stdout))
        if tally.decided:
            break
    return tally


async def _find(tests: pb.StdioTests, case: pb.StdioCase, result: Result, checker: Checker | None) -> Finding:
    """What the output of a program that came to its end says."""
    if checker is not None:
        return await checker.find(OfOutput(case, result.stdout))
    size = len(result.stdout) + len(case.output)
    differs = await off_the_loop(
        size, lambda: difference(result.stdout, case.output.encode(), tests.comparison, tests.float_tolerance)
    )
    return reasons.PASSED if differs is None else Finding(pb.REASON_WRONG_ANSWER, str(differs))
