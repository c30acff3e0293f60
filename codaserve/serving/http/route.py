"""One way into a server."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from codaserve.serving.access.client import Client
from codaserve.serving.http.messages import Answer, Message, Problem, detail

Body = TypeVar("Body", bound=Message)


class Nothing(Message):
    """The body of requests that have none."""


@dataclass(frozen=True)
class Route(Generic[Body]):
    """A method and a path, what may come there and what answers.

    Attributes:
        method: GET or POST.
        path: Without query.
        dialect: Whose dialect it is, for the page.
        summary: What it does, for the page.
        body: What the body has to be.
        reply: What the answer is, for the page; None if that is not an object.
        handle: Answers. May raise `Refused` and `ProblemError`, which `complain` tells.
        complain: The dialect's way of telling a problem.
        open: Whether it may be asked without a token: whoever restarts services has none.
    """

    method: str
    path: str
    dialect: str
    summary: str
    body: type[Body]
    reply: type[Message] | None
    handle: Callable[[Client, Body], Awaitable[Answer]]
    complain: Callable[[Problem], Answer] = detail
    open: bool = False
