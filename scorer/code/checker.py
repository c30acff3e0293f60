"""A task's own program that says whether what came is right.

It runs in a sandbox of its own: all it has in common with the candidate is what came of that. Of a checker that fails
on what came, a second run tells whose fault that is: one that accepts what is expected failed because of what came.
"""

import json
import math
from dataclasses import dataclass
from typing import Any

from codaserve.v1 import scorer_pb2 as pb
from scorer.code import reasons
from scorer.code.reasons import Finding
from scorer.code.runner import Runner, claims_of, off_the_loop
from scorer.errors import TaskError
from scorer.sandbox.guest import crossing
from scorer.sandbox.guest.codec import LENGTH, NotPlainError, Opaque
from scorer.sandbox.run import Result

FUNCTION = "check"
CHANNEL_BYTES = 64 << 10
_MOST_BYTES = 1 << 30
_MOST_ITEMS = 1 << 24
_DEEPEST = 110  # a value that came, and what it is passed in
_TAGS = {"set": b"E", "frozenset": b"Z"}


@dataclass(frozen=True)
class _Failed:
    """The checker gave no score.

    Attributes:
        why: What it did; nothing of the values that it was given.
        answered: Whether it gave something that is no score.
    """

    why: str
    answered: bool = False


class Checker:
    """The checker of one task."""

    def __init__(self, checker: pb.Checker, field: str, runner: Runner) -> None:
        """Args:
        checker: The program.
        field: Path of its field.
        runner: Performs its runs, with CHANNEL_BYTES.
        """
        self._source = checker.source
        self._field = field
        self._runner = runner

    async def find(self, given: Any, got: Any, expected: Any, size: int) -> Finding:
        """What it says of what came.

        Args:
            given: The input.
            got: What came.
            expected: What is expected; None if the case says nothing of it.
            size: About how many bytes all of these have.

        Raises:
            TaskError: The checker does not work.
            SandboxError: It cannot be run.
            MachineLoaded: The machine slowed it twice.
        """
        score = await self._score([(given, got, expected)], size)
        if isinstance(score, _Failed):
            await self._accuse(score, given, expected, size)
            return Finding(pb.REASON_WRONG_ANSWER, f"the checker failed on what came: {score.why}")
        if score == 1:
            return reasons.PASSED
        detail = f"the checker gave {score:g}" if score else "the checker does not accept what came"
        return Finding(pb.REASON_WRONG_ANSWER, detail, score)

    async def _accuse(self, failed: _Failed, given: Any, expected: Any, size: int) -> None:
        """Returns if the checker failed because of what came, and raises TaskError if it would have failed anyway."""
        if expected is None:
            control = await self._score([], 0)
            if isinstance(control, _Failed):
                raise self._fault(control.why)
            if failed.answered:
                raise self._fault(failed.why)
            return
        control = await self._score([(given, expected, expected)], size)
        if isinstance(control, _Failed):
            raise self._fault(f"fails on what is expected: {control.why}")
        if control != 1:
            raise self._fault(f"fails ({failed.why}), and gives what is expected {control:g} in place of 1")

    def _fault(self, message: str) -> TaskError:
        return TaskError(f"the checker does not work: {message}; correct it", field=f"{self._field}.source")

    async def _score(self, calls: list[tuple[Any, Any, Any]], size: int) -> float | _Failed:
        """The score of the only call; 1 if there is none and the checker could be loaded."""
        try:
            payload = await off_the_loop(size, lambda: self._payload(calls))
        except NotPlainError as error:
            raise TaskError(f"the case cannot be given to a checker: {error}", field=self._field) from error
        result = await self._runner.run(payload)
        return _read(result, await claims_of(result), self._runner.limits, bool(calls))

    def _payload(self, calls: list[tuple[Any, Any, Any]]) -> dict[str, Any]:
        writer = _Writer(_MOST_BYTES, _MOST_ITEMS)
        writer.deepest = _DEEPEST
        writer.write([(call, ()) for call in calls])
        encoded = b"".join(writer.parts).hex()
        return {"kind": "literals", "setup": "", "source": self._source, "entry_point": FUNCTION, "calls": encoded}


class _Writer(crossing.Writer):
    """Writes also what a candidate returned, as it was decoded."""

    def write_other(self, value: Any, depth: int) -> None:
        """Adds a set, or a dictionary with keys other than text. Raises NotPlainError."""
        if not isinstance(value, Opaque):
            super().write_other(value, depth)
            return
        is_dictionary = value.kind == "dict"
        self.put(b"M" if is_dictionary else _TAGS[value.kind])
        self.put(LENGTH.pack(len(value.items) // 2 if is_dictionary else len(value.items)))
        for item in value.items:
            self.write(item, depth + 1)


def _read(result: Result, claims: list[tuple[Any, ...]], limits: pb.RunLimits, called: bool) -> float | _Failed:
    if (over := reasons.of_limit(result, limits)) is not None:
        return _Failed(over.detail)
    for claim in claims:
        match claim:
            case ("compile", str(message)):
                return _Failed(f"it does not compile: {message}")
            case ("missing",):
                return _Failed(f"it does not define {FUNCTION}(input, output, expected)")
            case ("error", float(), float(), str(kind), str(), int(), str(place)):
                _, _, line = place.partition(":")
                return _Failed(f"{kind} in line {line}" if line != "0" else kind)
            case ("invalid", *_):
                return _Failed("its answer is neither true, false nor a number from 0 to 1", answered=True)
            case ("value", float(), float(), bytes(value)):
                return _score_of(value)
            case ("loaded",) if not called:
                return 1.0
    ended = reasons.of_exit(result)
    return _Failed("it ended before it answered" if ended is None else ended.detail)


def _score_of(value: bytes) -> float | _Failed:
    try:
        score = crossing.OutsideReader(value).read_only()
    except NotPlainError:
        score = None
    if isinstance(score, (bool, int, float)) and 0 <= score <= 1 and math.isfinite(score):
        return float(score)
    return _Failed("its answer is neither true, false nor a number from 0 to 1", answered=True)


def plain_input(case: pb.CallCase) -> list[Any]:
    """What a checker is given as the input of a call: arguments and keyword arguments."""
    return [json.loads(case.arguments or "[]"), json.loads(case.keyword_arguments or "{}")]
