"""A program of any language as tests run it: once for each case, however it got ready."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Protocol

from codaserve.v1 import scorer_pb2 as pb
from scorer.code import reasons
from scorer.code.languages.toolchain import Toolchain
from scorer.code.reasons import Finding
from scorer.code.runner import Runner, claims_of
from scorer.sandbox.artifact import Artifact
from scorer.sandbox.files import Files
from scorer.sandbox.guest.limits import Limits
from scorer.sandbox.run import Request, Result


class Program(Protocol):
    """A program that reads standard input and writes standard output."""

    async def run(self, runner: Runner, stdin: str) -> Result:
        """Runs it. Raises as `Runner.perform` does."""
        ...

    async def failure(self, result: Result, limits: pb.RunLimits) -> Finding | None:
        """Why a run did not come to its proper end; None if it did."""
        ...

    def close(self) -> None:
        """Frees what it holds."""
        ...


@dataclasses.dataclass(frozen=True)
class PythonProgram:
    """A program that a fork of the warm interpreter runs."""

    source: str

    async def run(self, runner: Runner, stdin: str) -> Result:
        """Runs it. Raises as `Runner.perform` does."""
        return await runner.run({"kind": "stdio", "source": self.source}, stdin)

    async def failure(self, result: Result, limits: pb.RunLimits) -> Finding | None:
        """Why a run did not come to its proper end; None if it did."""
        claimed = (reasons.of_claim(claim) for claim in await claims_of(result))
        return reasons.of_limit(result, limits) or next(filter(None, claimed), None) or reasons.of_exit(result)

    def close(self) -> None:
        """Nothing is held."""


@dataclasses.dataclass(frozen=True)
class ExecutedProgram:
    """A compiled or checked program of another language; closing it frees what compiling made."""

    toolchain: Toolchain
    names: Mapping[str, str]
    artifact: Artifact

    async def run(self, runner: Runner, stdin: str) -> Result:
        """Runs it. Raises as `Runner.perform` does."""
        return await runner.perform(self._request(runner, stdin.encode(), None))

    async def run_on(self, runner: Runner, files: Files) -> Result:
        """Runs it with files in its folder and their names as its arguments. Raises as `Runner.perform` does."""
        return await runner.perform(self._request(runner, None, files))

    def _request(self, runner: Runner, stdin: bytes | None, files: Files | None) -> Request:
        entry = self.toolchain.entry
        given = runner.sandbox_limits()
        layout = [] if files is None else files.layout
        command = self.toolchain.command(entry.run, self.names, given.memory_bytes) or ["program"]
        payload = {
            "kind": "execute",
            "argv": command + [name for name, _ in layout],
            "environment": self.toolchain.environment(self.names, given.memory_bytes),
            "file": self.names["artifact"] if entry.run else None,
            "files": layout,
        }
        return Request(
            json.dumps(payload).encode(),
            stdin,
            with_the_runtime(given, self.toolchain),
            executes=True,
            artifact=self.artifact,
            files=files,
        )

    async def failure(self, result: Result, limits: pb.RunLimits) -> Finding | None:
        """Why a run did not come to its proper end; None if it did."""
        ended = reasons.of_limit(result, limits) or reasons.of_exit(result)
        if ended is None or ended.reason != pb.REASON_RUNTIME_ERROR:
            return ended
        entry = self.toolchain.entry
        said = result.stderr.decode("utf-8", "replace")
        if any(mark in said for mark in entry.out_of_memory):
            return Finding(pb.REASON_MEMORY_LIMIT, f"an allocation went over the memory limit; {ended.detail}")
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        if not lines:
            return ended
        complaint = next(filter(entry.complaint.search, lines), lines[-1])
        told = Finding(ended.reason, f"{ended.detail}: {complaint}")
        refused = any(mark in said for mark in entry.refused)
        return dataclasses.replace(told, reason=pb.REASON_FORBIDDEN_OPERATION) if refused else told

    def close(self) -> None:
        """Frees the artifact."""
        self.artifact.close()


@dataclasses.dataclass(frozen=True)
class RejectedProgram:
    """A program that the compiler did not take: every case ends as compiling did.

    Attributes:
        finding: Why.
        compiling: The compiler's run.
    """

    finding: Finding
    compiling: Result

    async def run(self, runner: Runner, stdin: str) -> Result:
        """The compiler's run, without what it said."""
        return dataclasses.replace(self.compiling, stdout=b"", stderr=b"", artifact=None)

    async def failure(self, result: Result, limits: pb.RunLimits) -> Finding | None:
        """Why there is nothing to run."""
        return self.finding

    def close(self) -> None:
        """Nothing is held."""


def with_the_runtime(limits: Limits, toolchain: Toolchain) -> Limits:
    """A program's limits and what the language's runtime needs for itself."""
    entry = toolchain.entry
    return dataclasses.replace(
        limits,
        cpu_seconds=limits.cpu_seconds + entry.startup_seconds,
        wall_seconds=limits.wall_seconds + 2 * entry.startup_seconds,
        memory_bytes=limits.memory_bytes + entry.overhead_bytes,
        processes=limits.processes + entry.threads,
        reserve=entry.reserve,
    )
