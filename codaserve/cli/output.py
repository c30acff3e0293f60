"""Where a command's results go."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def open_output(name: str) -> Iterator[IO[bytes]]:
    """Gives a file for results; `-` is standard output.

    Results are written to `NAME.partial`, which takes the name when the block ends. When it raises, an interrupt
    included, the partial file stays: hours of results are not thrown away, and yet are never mistaken for all of them.
    It has whole lines only, except after a full disk, which may cut the last one. A device or pipe is written to
    directly.

    Raises:
        OSError: The file cannot be written.
    """
    path = Path(name)
    if name == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    elif path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
    else:
        partial = partial_path(name)
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)


def partial_path(name: str) -> Path:
    """Where results lie until they are complete."""
    return Path(f"{name}.partial")
