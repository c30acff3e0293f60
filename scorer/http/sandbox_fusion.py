"""SandboxFusion: `/run_code` and `/v1/ping`, as verl's client and the package `sandbox-fusion` call them.

A program is run once and nothing is judged. "Success" and "Failed" say how it ended; "SandboxError" says that the fault
is ours. What can pass (a full queue, a machine too loaded, a server that stops) has the status 504 besides, the only
one upon which verl's client tries again; the package tries again upon any error.

Differences: `files`, `fetch_files` and `args` are refused; a time limit is one of elapsed and of processor time, and
one above the server's is refused; a program that writes more than the server's default is ended.
"""

import asyncio
import logging
from typing import Any

from pydantic import Field

from codaserve.serving.access.client import Client
from codaserve.serving.http.messages import Answer, Message, Problem, ProblemError, answer_json, detail, malformed
from codaserve.serving.http.route import Nothing, Route
from codaserve.serving.refusal import Refused
from codaserve.v1 import scorer_pb2 as pb
from scorer.code.execution import Executed, Execution
from scorer.code.runner import off_the_loop
from scorer.code.settings import LEAST_MEMORY_BYTES
from scorer.errors import DeadlineExceeded, MachineLoaded, TaskError
from scorer.http.desk import LATER_MS, Desk
from scorer.sandbox.errors import SandboxError
from scorer.sandbox.run import Limit

PATIENCE_SECONDS = 8.0
"""How long a run may wait for room and its turn on top of its own time: verl's client gives up after ten
seconds, and does not try again then; upon an answer that comes before it does."""
LONGEST_PAUSE_SECONDS = 1.0
"""After which a run that found the queue full looks again, whatever the hint is."""
LANGUAGES = {
    "python": "python",
    "cpp": "cpp",
    "c": "c",
    "java": "java",
    "nodejs": "javascript",
    "js": "javascript",
    "typescript": "typescript",
    "ts": "typescript",
    "go": "go",
    "rust": "rust",
    "bash": "bash",
}
"""Names of SandboxFusion's and ours; more of theirs are not there."""
_COMPILED = {"cpp", "c", "java", "go", "rust"}
"""What SandboxFusion compiles apart from running it; others are only checked here before they run."""
_SEVERAL = {"bash"}
"""What is of no use without other processes."""
_TIME = (Limit.CPU, Limit.WALL)
_log = logging.getLogger(__name__)


class RunCodeRequest(Message):
    """What to run."""

    code: str
    """The program."""
    language: str
    """One of SandboxFusion's names."""
    stdin: str | None = None
    """Its input."""
    compile_timeout: float = Field(10, gt=0)
    """Seconds that the compiler may take."""
    run_timeout: float = Field(10, gt=0)
    """Seconds that the program may take."""
    memory_limit: int = Field(-1, alias="memory_limit_MB")
    """Mebibytes that it may take; the server's default if that is not above 0."""
    files: dict[str, str | None] = Field(default_factory=dict)
    """Has to be empty."""
    fetch_files: list[str] = Field(default_factory=list)
    """Has to be empty."""
    args: list[str] = Field(default_factory=list)
    """Has to be empty."""


class CommandResult(Message):
    """How a compiler or a program ended."""

    status: str
    """Finished, TimeLimitExceeded or Error."""
    execution_time: float | None = None
    """Elapsed seconds."""
    cpu_time: float | None = None
    """Seconds of processor time."""
    return_code: int | None = None
    """Exit status; negative, the signal that ended it."""
    stdout: str | None = None
    """Standard output."""
    stderr: str | None = None
    """Standard error."""


class RunCodeReply(Message):
    """What came of it."""

    status: str
    """Success, Failed or SandboxError."""
    message: str
    """For SandboxError, why."""
    compile_result: CommandResult | None = None
    """Of languages that are compiled."""
    run_result: CommandResult | None = None
    """Absent if the compiler failed."""
    executor_pod_name: str | None = None
    """Never there."""
    files: dict[str, str] = Field(default_factory=dict)
    """Empty."""


def routes(desk: Desk) -> list[Route[Any]]:
    """What clients of SandboxFusion call."""

    async def run_code(client: Client, body: RunCodeRequest) -> Answer:
        execution = _execution(body, desk)
        seconds = body.compile_timeout + body.run_timeout + PATIENCE_SECONDS
        try:
            executed = await _run(desk, client, execution, seconds)
        except TaskError as error:
            return _sandbox_error(Problem(200, error.message))
        except (DeadlineExceeded, MachineLoaded) as error:
            return _sandbox_error(Problem(504, f"the machine is too loaded: {error}", retry_after_ms=LATER_MS))
        except SandboxError as error:
            _log.error("a run failed", exc_info=error)
            return _sandbox_error(Problem(504, "the run could not be performed", retry_after_ms=LATER_MS))
        size = len(executed.result.stdout) + len(executed.result.stderr)
        return await off_the_loop(size, lambda: answer_json(reply_to(body.language, executed).model_dump()))

    async def ping(client: Client, body: Nothing) -> Answer:
        desk.refuse_when_stopping()
        return answer_json("pong")

    summary = "Runs a program once and judges nothing"
    return [
        Route("POST", "/run_code", "SandboxFusion", summary, RunCodeRequest, RunCodeReply, run_code, complain),
        Route("GET", "/v1/ping", "SandboxFusion", "Whether it is there", Nothing, None, ping, complain, open=True),
    ]


async def _run(desk: Desk, client: Client, execution: Execution, seconds: float) -> Executed:
    """As `Desk.run`, but waits for room in a full queue, too: verl's client would come back twice within three seconds,
    and then count the test as failed."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while True:
        try:
            return await desk.run(client, execution, begun + seconds - loop.time())
        except Refused as refused:
            left = begun + PATIENCE_SECONDS - loop.time()
            if refused.retry_after_ms is None or left <= 0:
                raise
            await asyncio.sleep(min(refused.retry_after_ms / 1000, left, LONGEST_PAUSE_SECONDS))


def complain(problem: Problem) -> Answer:
    """Faults of the request as FastAPI tells them; all else is a SandboxError."""
    return detail(problem) if problem.status < 429 else _sandbox_error(problem)


def _sandbox_error(problem: Problem) -> Answer:
    can_pass = problem.retry_after_ms is not None or problem.status == 503
    reply = RunCodeReply(status="SandboxError", message=problem.message)
    return answer_json(reply.model_dump(), 504 if can_pass else 200, retry_after_ms=problem.retry_after_ms)


def _execution(body: RunCodeRequest, desk: Desk) -> Execution:
    """What is asked for. Raises ProblemError where that cannot be had here."""
    for name in ("files", "fetch_files", "args"):
        if getattr(body, name):
            raise ProblemError(malformed(f"{name} are not supported by this server; leave them out", name))
    if body.language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise ProblemError(malformed(f"{body.language[:64]!r} is not there; this server knows {known}", "language"))
    judge = desk.judge
    most_seconds = min(judge.max_run.cpu_seconds, judge.max_run.wall_seconds)
    _within("run_timeout", body.run_timeout, most_seconds, "code.max_run")
    if body.language in _COMPILED:
        most_seconds = min(judge.max_compile.cpu_seconds, judge.max_compile.wall_seconds)
        _within("compile_timeout", body.compile_timeout, most_seconds, "code.compile")
    compiling = pb.RunLimits()
    if body.language in _COMPILED:
        compiling = pb.RunLimits(cpu_seconds=body.compile_timeout, wall_seconds=body.compile_timeout)
    running = pb.RunLimits(cpu_seconds=body.run_timeout, wall_seconds=body.run_timeout)
    if body.memory_limit > 0:
        most = judge.max_run.memory_bytes >> 20
        if body.memory_limit > most:
            message = f"{body.memory_limit} are more than {most}, the most here (code.max_run.memory_bytes)"
            raise ProblemError(malformed(message, "memory_limit_MB"))
        running.memory_bytes = max(body.memory_limit << 20, LEAST_MEMORY_BYTES)
    several = body.language in _SEVERAL and pb.PROFILE_PROC in judge.profiles
    return Execution(LANGUAGES[body.language], body.code, body.stdin or "", compiling, running, several)


def _within(name: str, asked: float, most: float, setting: str) -> None:
    if asked > most:
        raise ProblemError(malformed(f"{asked:g} s are more than {most:g} s, the most here ({setting})", name))


def reply_to(language: str, executed: Executed) -> RunCodeReply:
    """What came of a run, as SandboxFusion tells it."""
    compiled = language in _COMPILED
    ended = _command(executed)
    failed = executed.finding is not None
    if executed.rejected and compiled:
        return RunCodeReply(status="Failed", message="", compile_result=ended)
    compiling = CommandResult(
        status="Finished", execution_time=executed.compile_seconds, return_code=0, stdout="", stderr=""
    )
    return RunCodeReply(
        status="Failed" if failed else "Success",
        message="",
        compile_result=compiling if compiled else None,
        run_result=ended,
    )


def _command(executed: Executed) -> CommandResult:
    result, finding = executed.result, executed.finding
    out_of_time = result.limit in _TIME or (finding is not None and finding.reason == pb.REASON_TIME_LIMIT)
    stderr = result.stderr.decode("utf-8", "replace")
    if finding is not None and not out_of_time and (result.limit is not None or not stderr.strip()):
        stderr = f"{stderr}\n{finding.detail}".lstrip("\n")  # nothing else would say why
    code = result.exit if finding is None or result.exit else 1
    return CommandResult(
        status="TimeLimitExceeded" if out_of_time else "Finished",
        execution_time=result.wall_seconds,
        cpu_time=result.cpu_seconds,
        return_code=None if out_of_time else code,
        stdout=result.stdout.decode("utf-8", "replace"),
        stderr=stderr,
    )
