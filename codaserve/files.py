"""Writing files so that a reader sees the old content or the new one, never a part."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def atomic_writer(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Gives a binary file that takes the place of `path` when the block ends, and vanishes when it raises.

    The temporary file lies in the same folder, since a rename is atomic only within one file system; it is synced
    before the rename, so that a crash cannot leave an empty file under the final name.

    Raises:
        OSError: The folder is missing or not writable, or the disk is full.
    """
    target = Path(path)
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123, a descriptor has no Path
            os.fchmod(descriptor, _mode_for(target))
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def remove_leftovers(path: str | os.PathLike[str]) -> None:
    """Removes what an `atomic_writer` of `path` left beside it when it was killed. For when nobody else writes it.

    Raises:
        OSError: The folder is not writable.
    """
    target = Path(path)
    for left in target.parent.glob(f".{target.name}.*.tmp"):
        left.unlink(missing_ok=True)


def write_atomically(path: str | os.PathLike[str], content: bytes | str) -> None:
    """Writes a whole file at once; text is UTF-8.

    Raises:
        OSError: As `atomic_writer`.
    """
    with atomic_writer(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


def sync(path: str | os.PathLike[str]) -> None:
    """Puts a file, or the entries of a folder, on disk before something else counts on it. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _mode_for(target: Path) -> int:
    """The mode of the file that is replaced, else 0o644: mkstemp's 0o600 would surprise readers of shared results."""
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        return 0o644
