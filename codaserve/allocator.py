"""How the C library's allocator treats memory that programs with tensors give back."""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Of malloc.h, see mallopt(3)."""
_KEPT = 2**30
_LARGE = 2**25
"""glibc's own highest value of the threshold when it adapts it, bytes."""


def keep_freed_memory() -> None:
    """Keeps freed memory for the next tensor, up to a GiB; blocks of 32 MiB and more are still given back at once.

    By default glibc returns what is free at the end of a heap to the system, and every pass of a model takes it again,
    page by page: a tenth of a small critic's time. Does nothing where the C library has no mallopt.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGE)
        mallopt(_TRIM_THRESHOLD, _KEPT)
