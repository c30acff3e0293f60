"""Requests and answers as dialects see them."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, PrivateAttr

JSON = "application/json"


class Message(BaseModel):
    """Base of what a dialect's bodies are; names that it does not know are ignored."""

    model_config = ConfigDict(use_attribute_docstrings=True)
    _size: int = PrivateAttr(default=0)

    @property
    def size(self) -> int:
        """Bytes in which it came: work that grows with them is for a thread when they are many."""
        return self._size

    def sized(self, size: int) -> Self:
        """Itself, with its size noted."""
        self._size = size
        return self


@dataclass(frozen=True)
class Answer:
    """What is sent back.

    Attributes:
        status: HTTP status.
        body: The bytes.
        kind: Their media type.
        headers: Further headers, by name in lower case.
    """

    status: int
    body: bytes
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


def answer_json(content: Any, status: int = 200, *, retry_after_ms: int | None = None) -> Answer:
    """A value as JSON.

    Args:
        content: What `json` takes, without numbers that are not finite.
        status: HTTP status.
        retry_after_ms: When to come back, if that can help.
    """
    headers = {} if retry_after_ms is None else {"retry-after": str(max(math.ceil(retry_after_ms / 1000), 1))}
    return Answer(status, json.dumps(content, ensure_ascii=False, allow_nan=False).encode(), headers=headers)


@dataclass(frozen=True)
class Problem:
    """Why a request is not answered as it wished; each dialect has its own way of saying so.

    Attributes:
        status: HTTP status by the usual meaning.
        message: One sentence for people that names the field or the limit and the remedy.
        faults: Of a malformed body: for each fault the path in the body and what is wrong there.
        retry_after_ms: When to come back, milliseconds; None when that cannot help.
    """

    status: int
    message: str
    faults: Sequence[tuple[tuple[str | int, ...], str]] = ()
    retry_after_ms: int | None = None


def malformed(message: str, *path: str | int) -> Problem:
    """A body that can be read but makes no sense, at a field."""
    return Problem(422, message, faults=((path, message),))


class ProblemError(Exception):
    """Raised by dialects to have a problem told.

    Attributes:
        problem: What is told.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def detail(problem: Problem) -> Answer:
    """The shape that servers made with FastAPI use: a text, or one entry for each fault."""
    faults = [{"type": "value_error", "loc": ["body", *path], "msg": message} for path, message in problem.faults]
    return answer_json({"detail": faults or problem.message}, problem.status, retry_after_ms=problem.retry_after_ms)
