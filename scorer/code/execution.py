"""A program that is only run: once, on one input, and nothing is judged."""

from dataclasses import dataclass

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.languages.program import Program, RejectedProgram
from scorer.code.reasons import Finding
from scorer.code.runner import Runner
from scorer.sandbox.run import Result


@dataclass(frozen=True)
class Execution:
    """What to run.

    Attributes:
        language: A name of the table of languages.
        source: The program.
        stdin: Its input.
        compiling: Limits of the compiler; a zero is the default's.
        running: Limits of the program; a zero is the default's.
        several: Whether the program may have other processes.
    """

    language: str
    source: str
    stdin: str
    compiling: pb.RunLimits
    running: pb.RunLimits
    several: bool = False


@dataclass(frozen=True)
class Executed:
    """What came of it.

    Attributes:
        rejected: The compiler's run, if it did not take the program.
        result: The program's run; the compiler's if that did not take the program.
        finding: Why that did not come to its proper end; None if it did.
        compile_seconds: Elapsed time of compiling; 0 where there is nothing to compile.
    """

    rejected: bool
    result: Result
    finding: Finding | None
    compile_seconds: float = 0.0


async def run_once(program: Program, stdin: str, runner: Runner, compile_seconds: float) -> Executed:
    """Runs a program that is ready. Raises as `Runner.perform` does."""
    if isinstance(program, RejectedProgram):
        return Executed(True, program.compiling, program.finding, compile_seconds)
    result = await program.run(runner, stdin)
    return Executed(False, result, await program.failure(result, runner.limits), compile_seconds)
