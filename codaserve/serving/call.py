"""The call that is being served, known to whatever works for it: in the order of work, in logs, in quotas."""

import itertools
import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass, field

from codaserve.serving.access.client import Client

_OURS = secrets.token_hex(4)
_numbers = itertools.count()
_ACCEPTED = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(slots=True)
class Call:
    """One call, of whichever transport."""

    request_id: str
    """The caller's, or one that was made here."""
    client: Client | None = None
    """The caller as far as its token tells; None when no token was asked for."""
    trace: str | None = None
    """The span that it belongs to, as W3C `traceparent`."""
    certified: bool = False
    """Whether the caller had to show a certificate."""
    authorization: str | None = field(default=None, repr=False)
    """What it showed in place of one; checked again with each message of a stream."""


CURRENT: ContextVar[Call | None] = ContextVar("codaserve_call", default=None)
"""Set by the transport when a call begins; tasks that are started for it inherit it."""


def begin(request_id: str | None, client: Client | None = None) -> Call:
    """Makes a call the current one.

    Args:
        request_id: The caller's, if it sent one: 1 to 128 printable ASCII characters without blanks; others are
            replaced.
        client: The caller, if it is known already.
    """
    if request_id is None or not _ACCEPTED.fullmatch(request_id):
        request_id = f"{_OURS}{next(_numbers):08x}"
    call = Call(request_id, client)
    CURRENT.set(call)
    return call
