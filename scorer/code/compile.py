"""Compiles a submission once, inside the same walls as its runs; the result is used for all of its tests."""

import dataclasses
import json
from collections.abc import Mapping

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.languages.program import ExecutedProgram, RejectedProgram
from scorer.code.languages.toolchain import Toolchain
from scorer.code.reasons import Finding, of_exit, of_limit
from scorer.code.runner import Runner, off_the_loop
from scorer.sandbox.artifact import Artifact
from scorer.sandbox.run import Limit, Request, Result

_SHOWN_LINES = 12
_READ_BYTES = 8192


async def compile_program(toolchain: Toolchain, source: str, runner: Runner) -> ExecutedProgram | RejectedProgram:
    """The program, to be closed by the caller, or why there is none.

    Args:
        toolchain: Of the program's language.
        source: The program.
        runner: Under the limits of compilers.

    Raises:
        SandboxError: The compiler could not be run.
        MachineLoaded: The machine slowed it twice.
    """
    entry = toolchain.entry
    names = await off_the_loop(len(source), lambda: entry.names(source))
    # A lone surrogate is not a character, and no file holds one.
    text = Artifact.of(source.encode("utf-8", "replace"))
    if not entry.compile:
        return ExecutedProgram(toolchain, names, text)
    try:
        result = await runner.perform(_request(toolchain, names, text, runner))
    except BaseException:
        text.close()
        raise
    failed = _failure(result, runner.limits)
    if names["artifact"] == names["source"]:
        if failed is None:
            return ExecutedProgram(toolchain, names, text)
        text.close()
        return RejectedProgram(failed, result)
    text.close()
    if result.artifact is None:
        failed = failed or Finding(
            pb.REASON_COMPILE_ERROR, f"the compiled program is missing or larger than {runner.limits.file_bytes} bytes"
        )
    elif failed is None:
        return ExecutedProgram(toolchain, names, result.artifact)
    else:
        result.artifact.close()
    return RejectedProgram(failed, result)


def _request(toolchain: Toolchain, names: Mapping[str, str], text: Artifact, runner: Runner) -> Request:
    given = runner.sandbox_limits()
    payload = {
        "kind": "execute",
        "argv": toolchain.command(toolchain.entry.compile, names, given.memory_bytes),
        "environment": toolchain.environment(names, given.memory_bytes),
        "file": names["source"],
    }
    return Request(
        json.dumps(payload).encode(),
        None,
        dataclasses.replace(given, reserve=False),
        executes=True,
        artifact=text,
        collect=names["artifact"] if names["artifact"] != names["source"] else None,
    )


def _failure(result: Result, limits: pb.RunLimits) -> Finding | None:
    """Why a compilation gave nothing; None if it did."""
    said = result.stderr if result.stderr.strip() else result.stdout
    lines = [line.rstrip() for line in said[:_READ_BYTES].decode("utf-8", "replace").splitlines() if line.strip()]
    told = "\n".join(lines[:_SHOWN_LINES])
    over = of_limit(result, limits)
    if over is not None:
        what = "the compiler said too much" if result.limit is Limit.OUTPUT else f"the compiler was {over.detail}"
        return Finding(pb.REASON_COMPILE_ERROR, f"{what}: {told}" if told else what)
    ended = of_exit(result)
    if ended is not None:
        return Finding(pb.REASON_COMPILE_ERROR, told or f"the compiler {ended.detail}")
    return None
