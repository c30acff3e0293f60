"""Files that are in memory only."""

import fcntl
import os

_MFD_EXEC = 0x10
_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL


def memory_file() -> int:
    """An empty memory file that may be sealed and executed. Raises OSError."""
    flags = os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING
    try:
        return os.memfd_create("file", flags | _MFD_EXEC)
    except OSError:  # a kernel before 6.3, where every memory file may be executed
        return os.memfd_create("file", flags)


def seal(descriptor: int) -> None:
    """Lets nobody change a memory file any more. Closes it and raises OSError if somebody may still write to it."""
    try:
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
    except OSError:
        os.close(descriptor)
        raise


def filled(*content: bytes) -> int:
    """A memory file of this content, one part after the other, positioned at its begin. Raises OSError."""
    descriptor = memory_file()
    try:
        at = 0
        for part in content:
            left = memoryview(part)
            while left:
                written = os.pwrite(descriptor, left, at)
                at, left = at + written, left[written:]
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
