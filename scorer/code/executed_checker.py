"""A checker of any language but Python, by testlib's convention.

It is compiled once for all tasks that have it and run once for each case, with the names of three files as its
arguments: the input, the output and the answer that is expected. Its exit status is what it says.
"""

import re

from codaserve.v1 import scorer_pb2 as pb
from scorer.code import reasons
from scorer.code.checker import Failed
from scorer.code.compiled import CompiledPrograms, Shared
from scorer.code.languages.entry import LanguageEntry
from scorer.code.languages.program import ExecutedProgram, RejectedProgram
from scorer.code.languages.toolchain import Toolchain
from scorer.code.question import Question
from scorer.code.runner import Runner, off_the_loop
from scorer.sandbox.files import Files
from scorer.sandbox.run import Result

CHANNEL_BYTES = 64 << 10
_SAID_BYTES = 64 << 10
_SAID_POINTS = re.compile(rb"\s*(?:points\s+)?((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?:\s|$)")
_LONGEST_POINTS = 256


class ExecutedChecker:
    """The program of one task."""

    def __init__(
        self, toolchain: Toolchain, source: str, runner: Runner, compiling: Runner, programs: CompiledPrograms
    ) -> None:
        """Args:
        toolchain: Of its language.
        source: The program.
        runner: Performs its runs, which may have several processes.
        compiling: Performs the compiler's.
        programs: Where compiled ones are kept.
        """
        self._toolchain = toolchain
        self._source = source
        self._runner = runner
        self._compiling = compiling
        self._programs = programs
        self._shared: Shared | None = None

    async def score(self, question: Question) -> float | Failed:
        """What its exit status says.

        Raises:
            NotJsonError: It cannot be given what came.
            SandboxError: It cannot be compiled or run.
            MachineLoaded: The machine slowed it twice.
        """
        program = await self._compiled()
        if isinstance(program, RejectedProgram):
            return _uncompiled(program)
        contents = await off_the_loop(question.size, question.contents)
        with Files(contents) as files:
            result = await program.run_on(self._runner, files)
        return _read(result, self._runner.limits, self._toolchain.entry)

    async def load(self) -> Failed | None:
        """Why it cannot be compiled; None if it can. Raises as `score` does."""
        program = await self._compiled()
        return _uncompiled(program) if isinstance(program, RejectedProgram) else None

    def close(self) -> None:
        """Gives the compiled program back."""
        if self._shared is not None:
            self._programs.give_back(self._shared)
            self._shared = None

    async def _compiled(self) -> ExecutedProgram | RejectedProgram:
        if self._shared is None:
            self._shared = await self._programs.take(self._toolchain, self._source, self._compiling)
        return self._shared.program


def _uncompiled(program: RejectedProgram) -> Failed:
    return Failed(f"it does not compile: {program.finding.detail}", answered=True)


def _read(result: Result, limits: pb.RunLimits, entry: LanguageEntry) -> float | Failed:
    if (over := reasons.of_limit(result, limits)) is not None:
        return Failed(over.detail)
    ended = reasons.of_exit(result)
    if ended is None:
        return 1.0
    match result.exit:  # testlib's _wa, _pe and _points
        case 1 | 2 if _threw(result.stderr, entry):
            return Failed(f"{ended.detail} after an exception")
        case 1 | 2:
            return 0.0
        case 7:
            return _points(result.stderr)
    return Failed(ended.detail, answered=result.exit > 0)


def _threw(said: bytes, entry: LanguageEntry) -> bool:
    """Whether a runtime that ends with such a status itself says that an exception was not caught."""
    lines = said[:_SAID_BYTES].decode("utf-8", "replace").splitlines()
    return any(entry.complaint.search(line.strip()) for line in lines)


def _points(said: bytes) -> float | Failed:
    found = _SAID_POINTS.match(said[:_LONGEST_POINTS])
    points = float(found[1]) if found else -1.0
    if 0 <= points <= 1:
        return points
    return Failed("it ended with exit status 7, but its standard error does not begin with points from 0 to 1", True)
