"""What a run's end means: from limits, signals and the run's own claims to the closed list of reasons."""

import errno
import signal
from dataclasses import dataclass
from typing import Any

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.show import printable
from scorer.sandbox.run import Limit, Result

_FORBIDDEN = {errno.EPERM, errno.EACCES, errno.EROFS}
_WROTE_TOO_MUCH = {errno.EFBIG, errno.ENOSPC}


@dataclass(frozen=True)
class Finding:
    """Why a case did not pass, or that it did.

    Attributes:
        reason: REASON_PASSED or why not.
        detail: A sentence for people.
        part: The score of a case that did not pass; what a checker may give.
    """

    reason: "pb.Reason"
    detail: str = ""
    part: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether the case counts as passed."""
        return self.reason == pb.REASON_PASSED

    def outcome(
        self, result: Result, wall_seconds: float | None = None, cpu_seconds: float | None = None
    ) -> pb.CaseOutcome:
        """As the contract has it, of the run that showed it; its times unless others are given."""
        return pb.CaseOutcome(
            reason=self.reason,
            detail=printable(self.detail),
            wall_seconds=result.wall_seconds if wall_seconds is None else wall_seconds,
            cpu_seconds=result.cpu_seconds if cpu_seconds is None else cpu_seconds,
            score=1.0 if self.passed else self.part,
            repeated=result.repeated,
        )


PASSED = Finding(pb.REASON_PASSED)


def of_limit(result: Result, limits: pb.RunLimits) -> Finding | None:
    """The limit for which a run was ended, if any."""
    match result.limit:
        case Limit.CPU:
            return _over_cpu(limits)
        case Limit.WALL:
            detail = f"not done after {limits.wall_seconds:g} s of elapsed time"
            return Finding(pb.REASON_TIME_LIMIT, detail)
        case Limit.MEMORY:
            return Finding(pb.REASON_MEMORY_LIMIT, f"more than {limits.memory_bytes} bytes of memory")
        case Limit.OUTPUT:
            return Finding(pb.REASON_OUTPUT_LIMIT, f"more than {limits.output_bytes} bytes of output")
        case Limit.CHANNEL:
            return Finding(pb.REASON_INVALID_VALUE, "the returned values are too large")
        case Limit.PROCESSES:
            return Finding(pb.REASON_FORBIDDEN_OPERATION, f"more than {limits.processes} processes and threads")
        case Limit.FILES:
            return Finding(pb.REASON_OUTPUT_LIMIT, "more files, or more bytes in them, than are allowed")
        case Limit.TOGETHER:
            detail = "not run, since all cases together have taken longer than this server allows"
            return Finding(pb.REASON_TIME_LIMIT, detail)
        case _:
            killed_late = result.exit == -signal.SIGKILL and result.cpu_seconds >= limits.cpu_seconds
            return _over_cpu(limits) if killed_late or result.exit == -signal.SIGXCPU else None


def _over_cpu(limits: pb.RunLimits) -> Finding:
    return Finding(pb.REASON_TIME_LIMIT, f"not done after {limits.cpu_seconds:g} s of processor time")


def of_claim(claim: tuple[Any, ...]) -> Finding | None:
    """The failure that a frame tells of, None if it tells of none or is not one that the guest would write."""
    match claim:
        case ("compile", str(message)):
            return Finding(pb.REASON_COMPILE_ERROR, message)
        case ("missing",) | ("missing", ""):
            return Finding(pb.REASON_MISSING_ENTRY_POINT, "the program does not define the entry point")
        case ("missing", str(message)):
            return Finding(pb.REASON_MISSING_ENTRY_POINT, message)
        case ("tests", int(failed), int(run)):
            return Finding(pb.REASON_ASSERTION_FAILED, f"{failed} failures in {run} tests of unittest in the script")
        case ("invalid", float(), float(), str(message)):
            return Finding(pb.REASON_INVALID_VALUE, message)
        case ("error", float(), float(), str(kind), str(text), int(number), str(place)):
            return _of_exception(kind, text, number, place)
        case _:
            return None


def _of_exception(kind: str, text: str, number: int, place: str) -> Finding:
    where, _, line = place.partition(":")
    at = f" (line {line} of the {where})" if where else ""
    in_tests = where in ("script", "setup")
    if kind == "AssertionError" and in_tests:
        return failed_assertion(at)
    # The text of what script and setup raise may hold expected values.
    told = f"{kind}{at}" if in_tests or not text else f"{kind}: {text}{at}"
    if kind == "MemoryError":
        return Finding(pb.REASON_MEMORY_LIMIT, "an allocation went over the memory limit")
    if number in _FORBIDDEN or (kind == "RuntimeError" and text == "can't start new thread"):
        return Finding(pb.REASON_FORBIDDEN_OPERATION, told)
    if number in _WROTE_TOO_MUCH:
        return Finding(pb.REASON_OUTPUT_LIMIT, told)
    return Finding(pb.REASON_RUNTIME_ERROR, told)


def failed_assertion(at: str) -> Finding:
    """An assertion of the task's that does not hold, and where it stands."""
    return Finding(pb.REASON_ASSERTION_FAILED, f"an assertion failed{at}")


def of_exit(result: Result) -> Finding | None:
    """What exit status or signal say; None for status 0."""
    if result.exit == -signal.SIGSYS:
        return Finding(pb.REASON_FORBIDDEN_OPERATION, "ended for a forbidden system call")
    if result.exit < 0:
        return Finding(pb.REASON_RUNTIME_ERROR, f"ended by {_signal_name(-result.exit)}")
    return Finding(pb.REASON_RUNTIME_ERROR, f"ended with exit status {result.exit}") if result.exit else None


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
