"""How a server says where it listens."""

import sys
from pathlib import Path

from codaserve.files import write_atomically
from codaserve.settings import ConfigurationError


def announce(name: str, address: str, file: Path | None) -> None:
    """Says where a server listens, in a file, too, if there is one to be. Raises ConfigurationError."""
    if file is not None:
        try:
            write_atomically(file, address + "\n")
        except OSError as error:
            raise ConfigurationError(f"address_file: cannot be written: {error}") from error
    print(f"{name} listening on {address}", file=sys.stderr, flush=True)
