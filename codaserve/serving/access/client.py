"""Who calls."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote


@dataclass(frozen=True, slots=True)
class Quota:
    """What one client may have; None is no bound."""

    items_in_flight: int | None = None
    """Items that wait or are worked on."""
    items_per_second: float | None = None
    """Items of each second on average."""


@dataclass(frozen=True, slots=True)
class Client:
    """A caller, as quotas, order and logs tell it from others."""

    name: str
    """The kind of proof and what it says: "token:NAME", "certificate:SUBJECT" or "peer:HOST". Hosts are told apart by
    address without port, so that many connections are still one client."""
    quota: Quota | None = None
    """Its own quota; None means everybody's."""
    admin: bool = True
    """Whether it may change what is served. Where tokens are asked for, only those that are marked so may."""


ANYBODY = Client("peer:")
"""Of a call that came by no transport."""


def by_token(name: str, quota: Quota | None, *, admin: bool = False) -> Client:
    """Who holds a token of this name."""
    return Client(f"token:{name}", quota, admin)


def by_certificate(subject: str) -> Client:
    """Who showed a certificate of this subject."""
    return Client(f"certificate:{subject}")


@lru_cache(4096)
def by_peer(peer: str) -> Client:
    """Who called from an address.

    Args:
        peer: As gRPC writes it, "ipv4:10.0.0.3:41230", "ipv6:%5B::1%5D:41230" or "unix:", or "10.0.0.3:41230".
    """
    kind, separator, rest = unquote(peer).partition(":")
    if kind not in ("ipv4", "ipv6", "unix"):
        kind, rest = "", unquote(peer)
    if kind == "unix":
        return Client("peer:unix")
    host, separator, _ = rest.rpartition(":")
    return Client("peer:" + (host if separator else rest).strip("[]"))
