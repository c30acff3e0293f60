"""Where a command's lines come from."""

import sys
from pathlib import Path
from typing import IO


def open_input(name: str) -> IO[bytes]:
    """A file of lines; `-` is standard input. Raises OSError."""
    return sys.stdin.buffer if name == "-" else Path(name).open("rb")


def size_of(file: IO[bytes]) -> int | None:
    """Bytes of an open file; None when it is none."""
    return Path(file.name).stat().st_size if isinstance(file.name, str) and Path(file.name).is_file() else None
