"""One client of each kind in a process, for callers in any thread and any event loop."""

import asyncio
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from codaserve.adapters import relay
from codaserve.adapters.access import environment_access
from codaserve.client.access import Access
from codaserve.client.aio import AsyncCriticClient, AsyncScorerClient
from codaserve.client.background import background
from codaserve.client.retry import RetryPolicy

DEFAULTS = {
    "scorer": ("CODASERVE_SCORERS", "127.0.0.1:50051"),
    "critic": ("CODASERVE_CRITICS", "127.0.0.1:50052"),
}
"""The environment variable with a service's addresses, and the address without either."""


@dataclass(frozen=True)
class Service:
    """Where a service is, what it asks for, and how long it is waited for."""

    kind: Literal["scorer", "critic"]
    addresses: tuple[str, ...]
    timeout: float
    max_outage: float
    access: Access

    @classmethod
    def at(
        cls,
        kind: Literal["scorer", "critic"],
        addresses: Sequence[str] | str,
        timeout: float,
        max_outage: float,
        access: Access | None = None,
    ) -> "Service":
        """Addresses as given, a list or separated by commas, else of the environment variable, else the default; access
        as given, else of the environment."""
        variable, default = DEFAULTS[kind]
        several = addresses or os.environ.get(variable) or default
        found = several.replace(",", " ").split() if isinstance(several, str) else several
        return cls(kind, tuple(found), timeout, max_outage, environment_access() if access is None else access)

    def ask(self, messages: Sequence[Any]) -> list[Any]:
        """Scores items, or values groups of states; answers in order, failures among them."""
        if _after_fork:
            return relay.ask(self, messages)
        return background().run(self.answer(messages))

    async def ask_async(self, messages: Sequence[Any]) -> list[Any]:
        """The same for asyncio programs."""
        if _after_fork:
            return await asyncio.to_thread(relay.ask, self, messages)
        answers = asyncio.run_coroutine_threadsafe(self.answer(messages), background().loop)
        return await asyncio.wrap_future(answers)

    async def answer(self, messages: Sequence[Any]) -> list[Any]:
        """On the background loop alone."""
        client = self._client()
        if isinstance(client, AsyncScorerClient):
            return list(await client.score(messages))
        return list(await client.evaluate(messages))

    def _client(self) -> AsyncScorerClient | AsyncCriticClient:
        with _lock:
            if self not in _clients:
                kind = AsyncScorerClient if self.kind == "scorer" else AsyncCriticClient
                policy = RetryPolicy(max_outage=self.max_outage)
                _clients[self] = kind(self.addresses, timeout=self.timeout, retry=policy, access=self.access)
            return _clients[self]


_lock = threading.Lock()
_clients: dict[Service, AsyncScorerClient | AsyncCriticClient] = {}
_after_fork = False
"""This process was forked: if gRPC had been used before, by whomever, it would break here."""


def _forked() -> None:
    global _lock, _after_fork
    _lock = threading.Lock()  # a thread that is not here may have held it
    _after_fork = True  # the clients stay where they are: to free one would call gRPC


os.register_at_fork(after_in_child=_forked)
