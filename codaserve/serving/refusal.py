"""Why a call is refused before any work, in no transport's words."""

from enum import Enum


class Why(Enum):
    """Kinds of refusals; in brackets what gRPC and HTTP call them."""

    UNAUTHENTICATED = "unauthenticated"
    """The caller did not prove who it is (UNAUTHENTICATED, 401)."""
    INVALID = "invalid"
    """The request is malformed or larger than a limit; sending it again cannot help (INVALID_ARGUMENT, 400)."""
    EXHAUSTED = "exhausted"
    """There is no room now, or the caller's quota is used up (RESOURCE_EXHAUSTED, 429)."""
    STOPPING = "stopping"
    """The service is shutting down; another one may take it (UNAVAILABLE, 503)."""


class Refused(Exception):  # noqa: N818 - not an error of anybody
    """A call that is not worked on.

    Attributes:
        why: What kind of refusal it is.
        message: One sentence for people that names the limit and the remedy.
        retry_after_ms: When to come back, milliseconds; None when that cannot help.
        reason: What metrics call it: the bound that was reached, else the kind.
    """

    def __init__(self, why: Why, message: str, *, retry_after_ms: int | None = None, reason: str = "") -> None:
        super().__init__(message)
        self.why = why
        self.message = message
        self.retry_after_ms = retry_after_ms
        self.reason = reason or why.value
