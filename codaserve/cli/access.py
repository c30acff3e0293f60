"""Command line arguments for services that ask who one is."""

import argparse

from codaserve.client.access import Access

_NAMES = ("token_file", "tls", "ca", "certificate", "key", "server_name")


def add_access_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds them, in a group of their own."""
    group = parser.add_argument_group("services that ask who one is")
    group.add_argument("--token-file", metavar="FILE", help="file with the bearer token")
    group.add_argument("--tls", action="store_true", help="encrypt, and trust the system's authorities")
    group.add_argument("--ca", metavar="FILE", help="authorities of the servers' certificates; implies --tls")
    group.add_argument("--certificate", metavar="FILE", help="certificate to show to the servers, with --key")
    group.add_argument("--key", metavar="FILE", help="private key of the certificate")
    group.add_argument("--server-name", metavar="NAME", help="name in the servers' certificates, if not the address's")


def access_of(arguments: argparse.Namespace) -> Access:
    """What was given.

    Raises:
        ValueError: The arguments do not fit together.
    """
    return Access(**{name: getattr(arguments, name) for name in _NAMES})
