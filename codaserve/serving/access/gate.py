"""Lets callers in, or not."""

from pathlib import Path

from codaserve.serving.access.client import Client
from codaserve.serving.access.tokens import TokenFile
from codaserve.serving.refusal import Refused, Why

_HOW = 'send the header or metadata "authorization: Bearer TOKEN"'


class Gate:
    """Checks bearer tokens. Not thread-safe."""

    def __init__(self, tokens: Path | None) -> None:
        """Args:
        tokens: File of the valid ones; None lets everybody in.

        Raises:
            ConfigurationError: The file cannot be read or used.
        """
        self._tokens = None if tokens is None else TokenFile(tokens)

    @property
    def needs_token(self) -> bool:
        """Whether a caller has to send one."""
        return self._tokens is not None

    def check(self, authorization: str | None) -> Client | None:
        """Who a caller is by its token; None where tokens are not asked for.

        Args:
            authorization: The header of that name, or the metadata.

        Raises:
            Refused: UNAUTHENTICATED, since there is no valid token in it.
        """
        if self._tokens is None:
            return None
        if not authorization:
            raise Refused(Why.UNAUTHENTICATED, f"a token is needed; {_HOW}")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Refused(Why.UNAUTHENTICATED, f"the authorization is no bearer token; {_HOW}")
        client = self._tokens.find(token.strip())
        if client is None:
            raise Refused(Why.UNAUTHENTICATED, "the token is not one of the server's")
        return client
