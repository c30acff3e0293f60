"""Bearer tokens from a file that may change while the server runs.

One token in a line: a name, the token, and optionally the name's own quota, and `admin` for a token that may change
what is served (a critic's Reload).

    # name        token                                                            quota, mark
    trainer-a     Zx7Qm2...                                                        items=512 rate=200
    operator      Kd81nv...                                                        admin
    evaluation    sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08

A name may have several tokens, so that one can be replaced without an interruption: add the new one, move the clients,
take the old one out. Tokens are kept and compared as SHA-256 digests.
"""

import hashlib
import logging
import re
import time
from collections.abc import Callable
from pathlib import Path

from codaserve.configuration import ConfigurationError
from codaserve.serving.access.client import Client, Quota, by_token

LOOK_SECONDS = 1.0
"""Between two looks whether the file has changed."""
SHORTEST = 16
"""Characters of a token at least: what is shorter can be guessed."""
ADMIN = "admin"
"""The mark of a token that may change what is served."""
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_log = logging.getLogger(__name__)


class TokenFile:
    """The tokens that are valid now. Not thread-safe."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Reads the file.

        Args:
            path: The file.
            clock: Seconds, never going back.

        Raises:
            ConfigurationError: It cannot be read or used; the text names the line, never a token.
        """
        self._path = path
        self._clock = clock
        self._seen = _state(path)
        self._clients = read(path)
        self._looked = clock()

    def find(self, token: str) -> Client | None:
        """Who holds a token; None for nobody. What is wrong with a changed file is logged, and the last good one
        stays in force."""
        if self._clock() - self._looked >= LOOK_SECONDS:
            self._look()
        return self._clients.get(hashlib.sha256(token.encode()).digest())

    def _look(self) -> None:
        self._looked = self._clock()
        state = _state(self._path)
        if state == self._seen:
            return
        self._seen = state
        try:
            self._clients = read(self._path)
        except ConfigurationError as error:
            _log.error("the tokens of before stay in force: %s", error)
        else:
            _log.info("tokens read again: %d", len(self._clients))


def read(path: Path) -> dict[bytes, Client]:
    """The clients of a file by the digests of their tokens.

    Raises:
        ConfigurationError: It cannot be read or used.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"tokens: {path} cannot be read: {error}") from error
    clients: dict[bytes, Client] = {}
    quotas: dict[str, Quota | None] = {}
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        where = f"tokens: {path}, line {number}"
        if len(words) < 2 or not _NAME.fullmatch(words[0]):
            raise ConfigurationError(f"{where}: expected a name of letters, digits, '.', '_' and '-', and a token")
        name, token, *options = words
        admin = options.count(ADMIN) == 1
        if admin:
            options.remove(ADMIN)
        quota = _quota(options, where)
        if quotas.setdefault(name, quota) != quota:
            raise ConfigurationError(f"{where}: {name} has another quota in a line before")
        digest = _digest(token, where)
        if digest in clients:
            raise ConfigurationError(f"{where}: the token is given twice")
        clients[digest] = by_token(name, quota, admin=admin)
    if not clients:
        raise ConfigurationError(f"tokens: {path} has no token; leave the setting out to serve without")
    return clients


def _digest(token: str, where: str) -> bytes:
    if token.startswith("sha256:"):
        match = _DIGEST.fullmatch(token)
        if match is None:
            raise ConfigurationError(f"{where}: after sha256: 64 hexadecimal digits in lower case are expected")
        return bytes.fromhex(match[1])
    if len(token) < SHORTEST:
        raise ConfigurationError(f"{where}: the token has {len(token)} characters; use at least {SHORTEST}")
    return hashlib.sha256(token.encode()).digest()


def _quota(options: list[str], where: str) -> Quota | None:
    values: dict[str, float] = {}
    for option in options:
        key, _, value = option.partition("=")
        try:
            values[key] = float(value)
        except ValueError:
            values[key] = 0.0
        if key not in ("items", "rate") or not 0 < values[key] < 1e9:
            raise ConfigurationError(
                f"{where}: {option!r} is no quota; write items=N, rate=N or both, N above 0, and {ADMIN} at most once"
            )
    if not values:
        return None
    items = values.get("items")
    return Quota(None if items is None else max(int(items), 1), values.get("rate"))


def _state(path: Path) -> tuple[int, ...]:
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_mtime_ns, status.st_ino, status.st_size
