"""Files that are in memory only."""

import os

_MFD_EXEC = 0x10


def memory_file() -> int:
    """An empty memory file that may be sealed and executed. Raises OSError."""
    flags = os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING
    try:
        return os.memfd_create("file", flags | _MFD_EXEC)
    except OSError:  # a kernel before 6.3, where every memory file may be executed
        return os.memfd_create("file", flags)
