"""Checks the scratch folders that the operator supplies for machines on which the slots may mount none."""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

from scorer.kernel.cgroups import unescaped
from scorer.sandbox.errors import SandboxError

MOST_BYTES = 4 << 30
"""A file system that takes more is no bound for what a run may write."""
_KEY = "code.sandbox.scratch"
_REMEDY = "mount one for each slot, as in: docker run --tmpfs /scratch/0:size=64m,mode=1777"


def claim(folders: Sequence[Path], slots: int) -> list[int]:
    """Descriptors that keep the folders for this service as long as they are open.

    Args:
        folders: One for each slot, or none.
        slots: How many there are.

    Raises:
        SandboxError: A folder cannot be used; says why and what to do.
    """
    if not folders:
        return []
    if len(folders) < slots:
        raise SandboxError(
            f"{_KEY} names {len(folders)} folders for {slots} slots; {_REMEDY}, or set code.sandbox.slots to fewer"
        )
    kinds = _kinds()
    held: list[int] = []
    devices: dict[int, Path] = {}
    try:
        for folder in folders[:slots]:
            held.append(_opened(folder))
            device = os.fstat(held[-1]).st_dev
            if device in devices:
                raise SandboxError(f"{_KEY}: {folder} is the same file system as {devices[device]}; {_REMEDY}")
            devices[device] = folder
            _check(folder, held[-1], kinds)
    except BaseException:
        for descriptor in held:
            os.close(descriptor)
        raise
    return held


def _kinds() -> dict[str, str]:
    """Types of file systems by mount point; of several at one point, the last is the one that is seen."""
    found = {}
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        before, _, after = line.partition(" - ")
        found[unescaped(before.split()[4])] = after.split()[0]
    return found


def _opened(folder: Path) -> int:
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise SandboxError(f"{_KEY}: {folder} cannot be opened ({error.strerror}); {_REMEDY}") from error


def _check(folder: Path, descriptor: int, kinds: dict[str, str]) -> None:
    if kinds.get(str(folder.resolve())) != "tmpfs":
        raise SandboxError(f"{_KEY}: {folder} is no tmpfs of its own; {_REMEDY}")
    size = os.fstatvfs(descriptor)
    if size.f_blocks == 0 or size.f_blocks * size.f_frsize > MOST_BYTES:
        raise SandboxError(f"{_KEY}: {folder} is not bounded to {MOST_BYTES >> 30} GiB or less; {_REMEDY}")
    if size.f_files == 0:
        raise SandboxError(f"{_KEY}: {folder} counts no files, so that it has no bound for them; {_REMEDY}")
    if size.f_flag & os.ST_RDONLY or not os.access(folder, os.W_OK | os.X_OK):
        raise SandboxError(f"{_KEY}: {folder} cannot be written by uid {os.getuid()}; {_REMEDY}")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SandboxError(f"{_KEY}: another service uses {folder}; {_REMEDY}") from None
