"""A server that others than this machine can reach needs a lock, or somebody's word that it does not."""

import ipaddress

from codaserve.configuration import ConfigurationError


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address. A name other than localhost may be any address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def refuse_open(host: str, *, locked: bool, allowed: bool) -> None:
    """Refuses an address that others can reach without encryption or token.

    Args:
        host: Where the server is to listen.
        locked: Whether there is TLS, or a token is asked for.
        allowed: Whether it was said that it may be open all the same.

    Raises:
        ConfigurationError: It would be open, and nobody said that it may.
    """
    if not (is_loopback(host) or locked or allowed):
        raise ConfigurationError(
            f"host: {host} can be reached from other machines, and whoever reaches it may use the server. Set tokens "
            "or tls.certificate and tls.key; or, where a network policy or a proxy keeps others out, insecure_public"
        )


def refuse_open_metrics(host: str, *, allowed: bool) -> None:
    """Refuses an address for metrics and probes that others can reach: that port has neither encryption nor tokens.

    Args:
        host: Where it is to be.
        allowed: Whether it was said that it may be open.

    Raises:
        ConfigurationError: It would be open, and nobody said that it may.
    """
    if not (is_loopback(host) or allowed):
        raise ConfigurationError(
            f"metrics.host: {host} can be reached from other machines, and the port for metrics and probes asks for no "
            "token and does not encrypt. Set metrics.insecure_public where that may be so"
        )
