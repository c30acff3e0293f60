import signal
from typing import Any

import pytest

from codaserve.v1 import scorer_pb2 as pb
from scorer.code import reasons
from scorer.sandbox.run import Limit, Result

LIMITS = pb.RunLimits(cpu_seconds=2, wall_seconds=5, output_bytes=100)


def ended(status: int = 0, limit: Limit | None = None, cpu: float = 0.1) -> Result:
    return Result(status, limit, b"", b"", b"", 0.2, cpu, 1)


def error(kind: str, text: str = "text", number: int = 0, place: str = "program:3") -> tuple[Any, ...]:
    return ("error", 0.0, 0.0, kind, text, number, place)


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (ended(-9, Limit.CPU), pb.REASON_TIME_LIMIT),
        (ended(-9, Limit.WALL), pb.REASON_TIME_LIMIT),
        (ended(-9, Limit.MEMORY), pb.REASON_MEMORY_LIMIT),
        (ended(-9, Limit.PROCESSES), pb.REASON_FORBIDDEN_OPERATION),
        (ended(-9, Limit.FILES), pb.REASON_OUTPUT_LIMIT),
        (ended(-9, Limit.OUTPUT), pb.REASON_OUTPUT_LIMIT),
        (ended(-9, Limit.CHANNEL), pb.REASON_INVALID_VALUE),
        (ended(-signal.SIGXCPU), pb.REASON_TIME_LIMIT),
        (ended(-signal.SIGKILL, cpu=2.0), pb.REASON_TIME_LIMIT),
    ],
)
def test_limits_decide(result: Result, reason: int) -> None:
    finding = reasons.of_limit(result, LIMITS)
    assert finding is not None and finding.reason == reason and finding.detail


def test_a_program_that_kills_itself_early_is_over_no_limit() -> None:
    assert reasons.of_limit(ended(-signal.SIGKILL), LIMITS) is None


@pytest.mark.parametrize(
    ("status", "reason", "detail"),
    [
        (-signal.SIGSYS, pb.REASON_FORBIDDEN_OPERATION, "forbidden"),
        (-signal.SIGSEGV, pb.REASON_RUNTIME_ERROR, "SIGSEGV"),
        (-40, pb.REASON_RUNTIME_ERROR, "signal 40"),
        (3, pb.REASON_RUNTIME_ERROR, "status 3"),
    ],
)
def test_signals_and_statuses_are_named(status: int, reason: int, detail: str) -> None:
    finding = reasons.of_exit(ended(status))
    assert finding is not None and finding.reason == reason and detail in finding.detail
    assert reasons.of_exit(ended(0)) is None


@pytest.mark.parametrize(
    ("claim", "reason", "detail"),
    [
        (error("ValueError"), pb.REASON_RUNTIME_ERROR, "ValueError: text (line 3 of the program)"),
        (error("ValueError", "", place=":0"), pb.REASON_RUNTIME_ERROR, "ValueError"),
        (error("MemoryError"), pb.REASON_MEMORY_LIMIT, "an allocation went over the memory limit"),
        (error("OSError", number=30), pb.REASON_FORBIDDEN_OPERATION, "OSError: text (line 3 of the program)"),
        (error("OSError", number=28), pb.REASON_OUTPUT_LIMIT, "OSError: text (line 3 of the program)"),
        (error("AssertionError"), pb.REASON_RUNTIME_ERROR, "AssertionError: text (line 3 of the program)"),
        (error("AssertionError", place="script:4"), pb.REASON_ASSERTION_FAILED,
         "an assertion failed (line 4 of the script)"),
        (error("AssertionError", place="setup:4"), pb.REASON_ASSERTION_FAILED,
         "an assertion failed (line 4 of the setup)"),
        (error("KeyError", place="setup:4"), pb.REASON_RUNTIME_ERROR, "KeyError (line 4 of the setup)"),
        (error("KeyError", place="script:4"), pb.REASON_RUNTIME_ERROR, "KeyError (line 4 of the script)"),
        (("missing",), pb.REASON_MISSING_ENTRY_POINT, "the program does not define the entry point"),
        (("compile", "SyntaxError"), pb.REASON_COMPILE_ERROR, "SyntaxError"),
    ],
)  # fmt: skip
def test_claims_become_findings(claim: tuple[Any, ...], reason: int, detail: str) -> None:
    assert reasons.of_claim(claim) == reasons.Finding(reason, detail)  # type: ignore[arg-type]


@pytest.mark.parametrize("claim", [("ready",), ("error",), ("error", 1, 2, 3, 4, 5, 6), ("compile", 7), ("x" * 99,)])
def test_what_the_guest_would_not_write_is_no_finding(claim: tuple[Any, ...]) -> None:
    assert reasons.of_claim(claim) is None


def test_details_are_cut_and_free_of_what_disturbs_terminals() -> None:
    outcome = reasons.Finding(pb.REASON_RUNTIME_ERROR, "\ud800\x1b\t" + "x" * 5000).outcome(ended())
    assert outcome.detail == "??\t" + "x" * 1021
