"""What a checker is asked of a case: in values if it is Python, in files if it is of another language."""

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, NoReturn

from codaserve.v1 import scorer_pb2 as pb
from scorer.sandbox.guest.codec import Opaque

NAMES = ("input.txt", "output.txt", "answer.txt")
"""Of the files: what was given, what came, what is expected."""


class NotJsonError(Exception):
    """What came has no form in JSON; says what has none."""


class Question(ABC):
    """A case and what came of it."""

    @property
    @abstractmethod
    def size(self) -> int:
        """About how many bytes all of it has."""

    @property
    @abstractmethod
    def expects(self) -> bool:
        """Whether the case says what is expected."""

    @abstractmethod
    def control(self) -> "Question":
        """The same with what is expected in place of what came."""

    @abstractmethod
    def values(self) -> tuple[Any, Any, Any]:
        """What was given, what came, what is expected; None if nothing is."""

    @abstractmethod
    def contents(self) -> dict[str, bytes]:
        """The same as files by NAMES; empty if nothing is expected. Raises NotJsonError."""


@dataclass(frozen=True)
class OfOutput(Question):
    """About what a program wrote, byte for byte."""

    case: pb.StdioCase
    output: bytes

    @property
    def size(self) -> int:
        """About how many bytes all of it has."""
        return self.case.ByteSize() + len(self.output)

    @property
    def expects(self) -> bool:
        """Whether the case says what is expected; no output is nothing."""
        return bool(self.case.output)

    def control(self) -> Question:
        """The same with what is expected in place of what came."""
        return OfOutput(self.case, self.case.output.encode())

    def values(self) -> tuple[Any, Any, Any]:
        """Texts; bytes of the output that are not UTF-8 are lone surrogates."""
        return self.case.input, self.output.decode("utf-8", "surrogateescape"), self.case.output or None

    def contents(self) -> dict[str, bytes]:
        """The bytes as they are."""
        return dict(zip(NAMES, (self.case.input.encode(), self.output, self.case.output.encode()), strict=True))


@dataclass(frozen=True)
class OfValue(Question):
    """About what a call returned.

    Attributes:
        case: The call.
        value: As it was decoded.
        bytes_read: How many bytes that took.
    """

    case: pb.CallCase
    value: Any
    bytes_read: int

    @property
    def size(self) -> int:
        """About how many bytes all of it has."""
        return self.case.ByteSize() + self.bytes_read

    @property
    def expects(self) -> bool:
        """Whether the case says what is expected."""
        return bool(self.case.expected)

    def control(self) -> Question:
        """The same with what is expected in place of what came."""
        return OfValue(self.case, json.loads(self.case.expected), len(self.case.expected))

    def values(self) -> tuple[Any, Any, Any]:
        """[arguments, keyword arguments] and plain values."""
        return self._input(), self.value, json.loads(self.case.expected) if self.expects else None

    def contents(self) -> dict[str, bytes]:
        """The same in JSON, each in one line: equal texts for what a program and a task write differently."""
        expected = _json(json.loads(self.case.expected)) if self.expects else b""
        return dict(zip(NAMES, (_json(self._input()), _json(self.value), expected), strict=True))

    def _input(self) -> list[Any]:
        return [json.loads(self.case.arguments or "[]"), json.loads(self.case.keyword_arguments or "{}")]


def _refuse(value: Any) -> NoReturn:
    raise NotJsonError(value.kind if isinstance(value, Opaque) else type(value).__name__)


def _json(value: Any) -> bytes:
    try:
        text = json.dumps(value, ensure_ascii=False, default=_refuse)
    except ValueError as error:
        raise NotJsonError("an integer of thousands of digits") from error
    return text.encode("utf-8", "backslashreplace") + b"\n"  # lone surrogates, as JSON writes them
