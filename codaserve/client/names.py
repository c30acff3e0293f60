"""The IP addresses behind DNS names.

gRPC can resolve a name too, but keeps what it finds behind one channel: who has room and who only fails could not be
told apart. It also looks again only when a connection fails, so that a server which is added gets nothing.
"""

import asyncio
import ipaddress
import logging
import re
import socket
import time
from collections.abc import Sequence

logger = logging.getLogger(__name__)

EVERY_SECONDS = 10.0
"""Between two looks at names while items are under way, when nothing fails."""
LEAST_SECONDS = 1.0
"""Between two looks when something does."""
ANSWER_SECONDS = 5.0
"""For the resolver to answer, and for a connection that tells which family to use."""
FAMILIES = (socket.AF_INET, socket.AF_INET6)
_NAMED = re.compile(r"([A-Za-z0-9_.-]+):([0-9]+)")


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, with the port.

    A name with addresses of both families stands for servers that have one of each: those of the family over which a
    connection is made first are given, all of them if there is no connection.

    Raises:
        OSError: The name has none now, or the resolver does not answer.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    hosts = {(family, where[0]) for family, _, _, _, where in found if family in FAMILIES}
    if len({family for family, _ in hosts}) > 1:
        family = await _reached(host, port)
        hosts = {(f, name) for f, name in hosts if family in (f, None)}
    return sorted(f"[{name}]:{port}" if family == socket.AF_INET6 else f"{name}:{port}" for family, name in hosts)


async def _reached(host: str, port: int) -> int | None:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            connection, _ = await loop.create_connection(asyncio.Protocol, host, port, happy_eyeballs_delay=0.25)
    except OSError:  # a timeout too
        return None
    family: int = connection.get_extra_info("socket").family
    connection.abort()
    return family


class Names:
    """What the user gave, and the addresses for which it stands now."""

    def __init__(self, given: Sequence[str]) -> None:
        """Looks at nothing yet: until then, and until a name has an address, each stands for itself."""
        self._addresses: dict[str, tuple[str, ...]] = {name: (name,) for name in given}
        self._hosts = {name: match[1] for name in given if (match := _NAMED.fullmatch(name)) and not _is_ip(match[1])}
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()

    @property
    def any(self) -> bool:
        """Whether there is a name that may stand for other addresses later."""
        return bool(self._hosts)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Of all that was given, each once."""
        return tuple(dict.fromkeys(address for addresses in self._addresses.values() for address in addresses))

    def name(self, address: str) -> str | None:
        """The name that stands for an address now, `host:port`; None if the user gave the address itself."""
        for name in self._hosts:
            if address != name and address in self._addresses[name]:
                return name
        return None

    async def look(self, age: float = 0.0) -> None:
        """Resolves all names, unless that was done less than `age` seconds ago. What cannot be resolved now stays."""
        if not self._hosts:
            return
        async with self._looking:
            if time.monotonic() - self._looked_at < age:
                return
            await asyncio.gather(*(self._look(name) for name in self._hosts))
            self._looked_at = time.monotonic()

    async def _look(self, name: str) -> None:
        before = self._addresses[name]
        try:
            async with asyncio.timeout(2 * ANSWER_SECONDS):
                now = tuple(await resolve(self._hosts[name], int(name.rpartition(":")[2])))
        except (OSError, UnicodeError) as error:  # UnicodeError: no name could be so
            logger.warning("%s cannot be resolved and stays %s: %s", name, ", ".join(before), error or "no answer")
            return
        if now and now != before:
            self._addresses[name] = now
            logger.info("%s stands for %s", name, ", ".join(now))


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
