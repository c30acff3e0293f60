"""Judges code tasks: finds the program, runs it by the kind of its tests, sums up."""

import asyncio
import itertools
from collections.abc import Sequence

import codaserve
from codaserve.v1 import scorer_pb2 as pb
from scorer.code import reasons, validate
from scorer.code.asserts import judge_asserts
from scorer.code.calls import judge_calls
from scorer.code.extract import Program, extract_program
from scorer.code.runner import Runner, off_the_loop
from scorer.code.settings import CodeSettings, RunLimitSettings
from scorer.code.stdio import judge_stdio
from scorer.errors import DeadlineExceeded
from scorer.sandbox.pool import SlotPool

_KINDS = {"stdio": judge_stdio, "calls": judge_calls, "asserts": judge_asserts}
_STDIO_CHANNEL_BYTES = 64 << 10
_BYTE_ORDER_MARK = "\ufeff"


class CodeJudge:
    """Judges any number of tasks at once; as many runs as there are slots go on at one time."""

    def __init__(self, settings: CodeSettings) -> None:
        self._settings = settings
        self._pool = SlotPool(settings.sandbox)

    async def start(self) -> None:
        """Starts the sandbox.

        Raises:
            SandboxError: It cannot be started; IsolationError when a required layer cannot be had.
        """
        await self._pool.start()

    async def close(self) -> None:
        """Ends all runs and the sandbox."""
        await self._pool.close()

    @property
    def slots(self) -> int:
        """Runs at one time."""
        return self._pool.size

    @property
    def languages(self) -> list[pb.Language]:
        """Languages that programs may be in; known after `start`."""
        return [pb.Language(name="python", version=self._pool.python_version)]

    @property
    def preloaded(self) -> list[str]:
        """Packages that Python programs find loaded, with their versions; known after `start`."""
        return self._pool.preloaded

    @property
    def isolation(self) -> list[pb.IsolationLayer]:
        """Layers of isolation; known after `start`."""
        return [
            pb.IsolationLayer(name=layer.name, active=layer.active, detail=layer.detail) for layer in self._pool.layers
        ]

    @property
    def default_run(self) -> pb.RunLimits:
        """Limits of a run that does not ask for others."""
        return self._limits(self._settings.default_run)

    @property
    def max_run(self) -> pb.RunLimits:
        """The most that a run may ask for."""
        return self._limits(self._settings.max_run)

    def _limits(self, section: RunLimitSettings) -> pb.RunLimits:
        limits = pb.RunLimits(**section.model_dump())
        if not any(layer.name == "pid_namespace" and layer.active for layer in self._pool.layers):
            limits.processes = 1  # without it a tree of processes cannot be ended as a whole
        return limits

    async def judge(self, task: pb.CodeTask, *, deadline: float) -> pb.Verdict:
        """The verdict on a task. Cancelling the awaiting task ends its run.

        Args:
            task: What to judge.
            deadline: Seconds of the running loop's `time()`.

        Raises:
            TaskError: The task is malformed.
            DeadlineExceeded: There was no verdict by the deadline.
            SandboxError: Runs cannot be performed.
        """
        language = validate.check_language(task)
        validate.check_task(task, self._settings.max_cases)
        limits = validate.resolve_limits(task.limits, self.default_run, self.max_run)
        if task.WhichOneof("submission") == "source":
            program = Program(task.source, "given") if task.source.strip() else None
        else:
            program = await off_the_loop(len(task.response), lambda: extract_program(task.response, language))
        kind = task.WhichOneof("tests") or ""
        channel_bytes = _STDIO_CHANNEL_BYTES if kind == "stdio" else self._settings.max_value_bytes
        runner = Runner(self._pool, limits, channel_bytes)
        if program is None:
            verdict = pb.Verdict(
                correct=False, score=0.0, reason=pb.REASON_NO_ANSWER, detail="there is no program in the submission"
            )
        else:
            try:
                async with asyncio.timeout_at(deadline):
                    # The interpreter skips the mark in a file, but not in a text.
                    outcomes = await _KINDS[kind](task, program.source.removeprefix(_BYTE_ORDER_MARK), runner)
            except TimeoutError:
                raise DeadlineExceeded("the deadline passed before all runs were done") from None
            verdict = _sum_up(outcomes, _count(task), task.partial_credit)
            verdict.extraction_rule = program.rule
        verdict.matched_rule = kind
        verdict.shared_process = kind == "asserts" and task.asserts.shared_process
        verdict.wall_seconds = runner.wall_seconds
        verdict.cpu_seconds = runner.cpu_seconds
        verdict.peak_memory_bytes = runner.peak_memory_bytes
        verdict.verifier_version = f"codaserve {codaserve.__version__}, python {self._pool.python_version}"
        return verdict


def _count(task: pb.CodeTask) -> int:
    match task.WhichOneof("tests"):
        case "stdio":
            return len(task.stdio.cases)
        case "calls":
            return len(task.calls.cases)
        case _:
            return 1


def _sum_up(outcomes: Sequence[pb.CaseOutcome], count: int, partial_credit: bool) -> pb.Verdict:
    """The verdict that outcomes amount to; cases beyond them were skipped."""
    passed = sum(outcome.reason == pb.REASON_PASSED for outcome in outcomes)
    correct = passed == count
    index, failed = next(
        ((index, outcome) for index, outcome in enumerate(outcomes) if outcome.reason != pb.REASON_PASSED), (0, None)
    )
    detail = f"case {index + 1} of {count}: {failed.detail}" if failed is not None else f"{count} of {count} passed"
    skipped = itertools.repeat(pb.CaseOutcome(skipped=True), count - len(outcomes))
    return pb.Verdict(
        correct=correct,
        score=passed / count if partial_credit else float(correct),
        reason=pb.REASON_PASSED if failed is None else failed.reason,
        detail=reasons.printable(detail),
        cases=[*outcomes, *skipped],
    )
