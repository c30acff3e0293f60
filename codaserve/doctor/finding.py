"""What a verdict says about an attack: held or not, and by what."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from codaserve.doctor.attack import Attack
from codaserve.v1 import scorer_pb2 as pb

_REPORT = re.compile(r"\b(HELD|BREACH)\b[ ]?([^\n\r'\"]*)")
_REPORT_LINE = re.compile(r"^(HELD|BREACH)\b[ ]?([^\n\r]*)", re.MULTILINE)
_USERS = re.compile(r"root:[^:\s]{0,150}:\d+:")
_ERRNO = re.compile(r"\bE[A-Z0-9]{2,}\b")
_BY_ERRNO = {
    "EPERM": "seccomp",
    "ENOSYS": "seccomp",
    "EACCES": "landlock",
    "ENOENT": "mount_namespace",
    "EROFS": "mount_namespace",
    "ENOSPC": "mount_namespace",
    "ESRCH": "pid_namespace",
    "ENETUNREACH": "network_namespace",
    "EMFILE": "rlimits",
    "EAGAIN": "rlimits",
    "EFBIG": "rlimits",
    "ENOMEM": "rlimits",
}
_BY_REASON = {
    pb.REASON_TIME_LIMIT: "time limit",
    pb.REASON_MEMORY_LIMIT: "memory limit",
    pb.REASON_OUTPUT_LIMIT: "output limit",
    pb.REASON_COMPILE_ERROR: "compiler",
}
NAMED = frozenset(
    {
        "user_namespace",
        "mount_namespace",
        "pid_namespace",
        "network_namespace",
        "ipc_namespace",
        "uts_namespace",
        "landlock",
        "seccomp",
        "rlimits",
        "cgroups",
        "dropped_privileges",
    }
)
"""The layers that Info tells of; every other name in an attack's record is there always."""


class Status(StrEnum):
    """How an attack or a check ended."""

    PASSED = "passed"
    FAILED = "FAILED"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """How one attack or check ended."""

    status: Status
    seen: str
    """What was observed, or why it was skipped."""
    layer: str = ""
    """What held it; empty where nothing did."""


def failed(seen: str) -> Finding:
    """It was not held."""
    return Finding(Status.FAILED, seen)


def classify(attack: Attack, result: pb.ScoreResult, active: Collection[str]) -> Finding:
    """Judges what came of an attack.

    Args:
        attack: What was sent.
        result: What was answered.
        active: Names of the layers that Info says are in force.
    """
    if result.WhichOneof("outcome") != "verdict":
        return failed(describe(result))
    verdict = result.verdict
    if not verdict.HasField("correct") or not verdict.HasField("score"):
        return failed(f"undecided: {describe(result)}")
    if attack.honest:
        if verdict.correct and verdict.score == 1:
            return Finding(Status.PASSED, "correct", "")
        return failed(describe(result))
    if verdict.correct or verdict.score != 0:
        return failed("was judged correct")
    if _USERS.search(_texts(verdict)):
        return failed("the verdict shows the host's users")
    word, told = _report(verdict)
    if word == "BREACH":
        return failed(told or "breach")
    if word == "HELD":
        return Finding(Status.PASSED, told or "held", _layer_of_report(attack, told, active))
    if verdict.reason in attack.ends:
        return Finding(Status.PASSED, describe(result), _layer_of_reason(attack, verdict.reason, active))
    return failed(f"no word of what happened: {describe(result)}")


def describe(result: pb.ScoreResult) -> str:
    """A result in one line."""
    if result.WhichOneof("outcome") == "failure":
        failure = result.failure
        return one_line(f"{_name(pb.FailureCode.items(), failure.code)}: {failure.message}")
    if result.WhichOneof("outcome") is None:
        return "a result without verdict and failure"
    reason = _name(pb.Reason.items(), result.verdict.reason).removeprefix("REASON_").lower().replace("_", " ")
    detail = result.verdict.detail or next((case.detail for case in result.verdict.cases if case.detail), "")
    return one_line(f"{reason}: {detail}" if detail else reason)


def one_line(text: str) -> str:
    """Text that may stand in a table: one line, printable, cut after 300 characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:300].strip()


def _name(names: Iterable[tuple[str, int]], number: int) -> str:
    return next((name for name, value in names if value == number), str(number))


def _texts(verdict: pb.Verdict) -> str:
    shown = verdict.first_failure
    return "\n".join([verdict.detail, shown.got, shown.expected, *(case.detail for case in verdict.cases)])


def _report(verdict: pb.Verdict) -> tuple[str, str]:
    """The program's own word: from its output, or from the sentence about it where the server shows no output."""
    told = list(_REPORT_LINE.finditer(verdict.first_failure.got))
    if not told and verdict.reason == pb.REASON_WRONG_ANSWER:
        # Only then: what a compiler says quotes the source.
        told = list(_REPORT.finditer("\n".join([*(case.detail for case in verdict.cases), verdict.detail])))
    found = next((match for match in told if match[1] == "BREACH"), told[0] if told else None)
    return (found[1], one_line(found[2])) if found else ("", "")


def _layer_of_report(attack: Attack, told: str, active: Collection[str]) -> str:
    for name in _ERRNO.findall(told):
        layer = _BY_ERRNO.get(name)
        if layer in active and layer in attack.layers:
            return layer or ""
    return _first(attack, active)


def _layer_of_reason(attack: Attack, reason: "pb.Reason", active: Collection[str]) -> str:
    if reason == pb.REASON_FORBIDDEN_OPERATION and "seccomp" in active and "seccomp" in attack.layers:
        return "seccomp"
    return _BY_REASON.get(reason) or _first(attack, active)


def _first(attack: Attack, active: Collection[str]) -> str:
    return next((layer for layer in attack.layers if layer in active or layer not in NAMED), "kernel's own rules")
