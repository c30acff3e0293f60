"""Connections that wait for nobody: uvicorn's, with a bound on their number and on the patience with each."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from codaserve.serving.http.settings import HttpSettings
from codaserve.serving.http.tls import SUBJECT, subject

REFUSED_TOGETHER = 100
"""Refused connections that are given time to read that; more are closed at once."""
REFUSED_SECONDS = 2.0
"""How much time."""
FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n"
    b"content-type: text/plain\r\ncontent-length: 43\r\n\r\ntoo many connections; come back in a second"
)


class Connection(H11Protocol):
    """A connection that is closed when no request comes, when a request's head is not complete, or when an answer is
    not taken within the patience. The body's time is bounded where it is read, the work's where it is done.
    """

    settings = HttpSettings()

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None
        self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Takes the connection or, when there are too many, answers that."""
        super().connection_made(transport)
        shown = subject(transport.get_extra_info("peercert"))
        if shown is not None:
            self.app_state = {**self.app_state, SUBJECT: shown}
        # Whatever the client has not taken counts as waiting, so that `pause_writing` hears of it.
        transport.set_write_buffer_limits(high=1, low=0)  # with 0, TLS would pause when nothing waits
        over = len(self.connections) - self.settings.max_connections
        if over > 0:
            self._refuse(at_once=over > REFUSED_TOGETHER)
        else:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the timers."""
        for timer in (self._timer, self._writing):
            if timer is not None:
                timer.cancel()
        self._timer = self._writing = None
        super().connection_lost(exc)
        self._unset_keepalive_if_required()

    def _refuse(self, *, at_once: bool) -> None:
        """Says that there are too many connections, and lets the client say what it has to: a connection that is closed
        while a request comes in takes the answer with it."""
        self._refused = True
        self.transport.write(FULL)
        if at_once or not self.transport.can_write_eof():
            self.transport.close()
        else:
            self.transport.write_eof()
        self._timer = self.loop.call_later(REFUSED_SECONDS, self._give_up)

    def data_received(self, data: bytes) -> None:
        """Passes on what the client sent."""
        if not self._refused and not self.transport.is_closing():
            super().data_received(data)
            self._watch()

    def pause_writing(self) -> None:
        """Begins to lose patience: the client does not take what it is sent."""
        self.flow.pause_writing()
        if self._writing is None:
            self._writing = self.loop.call_later(self.settings.patience_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The client took all of it."""
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        self.flow.resume_writing()

    def _watch(self) -> None:
        """Has a timer run while the head of a request is waited for, and only then."""
        busy = self.cycle is not None and not self.cycle.response_complete
        if busy and self._timer is not None:
            self._timer.cancel()
            self._timer = None
        elif not busy and self._timer is None:
            self._timer = self.loop.call_later(self.settings.patience_seconds, self._give_up)

    def _give_up(self) -> None:
        self._timer = None
        self.transport.abort()
