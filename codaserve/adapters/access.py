"""Tokens and certificates for scorers and critics, from the environment: most trainers pass no such thing on."""

import os

from codaserve.client.access import Access

TEXTS = ("token", "token_file", "ca", "certificate", "key", "server_name")
YES, NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")


def environment_access() -> Access:
    """CODASERVE_TOKEN, CODASERVE_TOKEN_FILE, CODASERVE_TLS (1 or 0), CODASERVE_CA, CODASERVE_CERTIFICATE, CODASERVE_KEY
    and CODASERVE_SERVER_NAME, as the fields of `codaserve.client.Access`; without any, for servers on loopback.

    Raises:
        ValueError: They do not fit together.
    """
    tls = os.environ.get("CODASERVE_TLS", "").strip().lower()
    if tls not in (*YES, *NO):
        raise ValueError(f"CODASERVE_TLS is {tls!r}; it must be 1 or 0")
    texts = {name: os.environ.get(f"CODASERVE_{name.upper()}") or None for name in TEXTS}
    try:
        return Access(tls=tls in YES, **texts)  # type: ignore[arg-type]
    except ValueError as error:
        raise ValueError(f"the environment's CODASERVE_ variables: {error}") from error
