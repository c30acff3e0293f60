"""A checker that is a Python function: check(input, output, expected) gives the score.

It runs in a sandbox of its own: all it has in common with the candidate is what came of that.
"""

import math
from typing import Any

from codaserve.v1 import scorer_pb2 as pb
from scorer.code import reasons
from scorer.code.checker import Failed
from scorer.code.question import Question
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


class PythonChecker:
    """The function of one task."""

    def __init__(self, source: str, field: str, runner: Runner) -> None:
        """Args:
        source: The program that defines it.
        field: Path of the checker's field.
        runner: Performs its runs, with CHANNEL_BYTES.
        """
        self._source = source
        self._field = field
        self._runner = runner

    async def score(self, question: Question) -> float | Failed:
        """What it answers.

        Raises:
            TaskError: It cannot be given the case.
            SandboxError: It cannot be run.
            MachineLoaded: The machine slowed it twice.
        """
        try:
            payload = await off_the_loop(question.size, lambda: self._payload([question.values()]))
        except NotPlainError as error:
            raise TaskError(f"the case cannot be given to a checker: {error}", field=self._field) from error
        result = await self._runner.run(payload)
        return _read(result, await claims_of(result), self._runner.limits, called=True)

    async def load(self) -> Failed | None:
        """Why it does not even load; None if it does. Raises as `score` does."""
        result = await self._runner.run(self._payload([]))
        loaded = _read(result, await claims_of(result), self._runner.limits, called=False)
        return loaded if isinstance(loaded, Failed) else None

    def close(self) -> None:
        """Nothing is held."""

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


def _read(result: Result, claims: list[tuple[Any, ...]], limits: pb.RunLimits, *, called: bool) -> float | Failed:
    if (over := reasons.of_limit(result, limits)) is not None:
        return Failed(over.detail)
    for claim in claims:
        match claim:
            case ("compile", str(message)):
                return Failed(f"it does not compile: {message}")
            case ("missing", *_):
                return Failed(f"it does not define {FUNCTION}(input, output, expected)")
            case ("error", float(), float(), str(kind), str(), int(), str(place)):
                _, _, line = place.partition(":")
                return Failed(f"{kind} in line {line}" if line != "0" else kind)
            case ("invalid", *_):
                return Failed("its answer is neither true, false nor a number from 0 to 1")
            case ("value", float(), float(), bytes(value)):
                return _score_of(value)
            case ("loaded",) if not called:
                return 1.0
    ended = reasons.of_exit(result)
    return Failed("it ended before it answered" if ended is None else ended.detail)


def _score_of(value: bytes) -> float | Failed:
    try:
        score = crossing.OutsideReader(value).read_only()
    except NotPlainError:
        score = None
    if isinstance(score, (bool, int, float)) and 0 <= score <= 1 and math.isfinite(score):
        return float(score)
    return Failed("its answer is neither true, false nor a number from 0 to 1")
