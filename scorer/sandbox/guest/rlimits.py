"""Limits that the kernel keeps for each process of a run (setrlimit(2))."""

import resource

from scorer.sandbox.guest.limits import Limits

_STACK_BYTES = 64 << 20
_OPEN_FILES = 256
_PENDING_SIGNALS = 128


def lower_at_once() -> None:
    """Puts the calling process under what holds for every run, and its forks inherit. Raises OSError."""
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_MEMLOCK, 0)
    _set(resource.RLIMIT_SIGPENDING, _PENDING_SIGNALS)  # counted for all processes of a user


def lower(limits: Limits, most_processes: int | None) -> None:
    """Puts the calling process under a run's own limits for good.

    Args:
        limits: Of the run.
        most_processes: How many processes and threads the user may have, None where the user has others besides.

    Raises:
        OSError: The kernel refuses.
    """
    cpu = int(limits.cpu_seconds) + 1
    _set(resource.RLIMIT_CPU, cpu, cpu + 1)
    _set(resource.RLIMIT_AS if limits.reserve else resource.RLIMIT_DATA, limits.memory_bytes)
    # Programs raise that of their stack themselves, which address space bounds, but the limit on data does not.
    stack = min(_STACK_BYTES, limits.memory_bytes // 2)
    _set(resource.RLIMIT_STACK, stack, resource.RLIM_INFINITY if limits.reserve else stack)
    _set(resource.RLIMIT_FSIZE, limits.file_bytes)
    _set(resource.RLIMIT_NOFILE, _OPEN_FILES)
    if most_processes is not None:
        _set(resource.RLIMIT_NPROC, most_processes)


def _set(kind: int, soft: int, hard: int | None = None) -> None:
    """Lowers a limit; one that is lower already stays."""
    ceiling = resource.getrlimit(kind)[1]
    wanted = soft if hard is None else hard
    bound = min((limit for limit in (wanted, ceiling) if limit != resource.RLIM_INFINITY), default=wanted)
    resource.setrlimit(kind, (soft if bound == resource.RLIM_INFINITY else min(soft, bound), bound))
