"""The walls around a math worker: what it may use is its memory, its processor and one socket.

Built once in the template, closed by each worker around itself. A wall that the kernel does not have is reported and
left out.
"""

import os
import resource
import signal
from dataclasses import dataclass

from scorer.kernel import landlock, libc, seccomp
from scorer.kernel.layers import Layer
from scorer.kernel.probe import fails_in_a_child

CPU_SECONDS = 600
"""Processor time of a worker's whole life: a backstop, should the service be unable to watch. The kernel kills."""
# Memory, own signals, time, its socket and what is open already. Nothing that opens, connects, starts or signals.
_ALLOWED = """
    read write pread64 recvfrom sendto shutdown close mmap munmap mremap mprotect brk madvise futex rt_sigaction
    rt_sigprocmask rt_sigreturn sigaltstack clock_gettime clock_getres gettimeofday time getrandom getpid gettid
    getrusage sched_yield restart_syscall exit exit_group
"""


@dataclass(frozen=True)
class Walls:
    """What is in force for every worker."""

    layers: tuple[Layer, ...]
    ruleset: int | None
    """Landlock ruleset without any right, as a descriptor."""
    program: bytes | None
    """The filter of system calls."""


def prepare() -> Walls:
    """Finds out what the kernel has. To be called where children can be waited for."""
    ruleset, files = _landlock()
    program, calls = _seccomp()
    limits = Layer("rlimits", True, "address space, processor time, processes, file size, open files, core")
    privileges = Layer("dropped_privileges", True, "no capabilities, no_new_privs, not dumpable")
    return Walls((files, calls, limits, privileges), ruleset, program)


def close(walls: Walls, address_space: int, parent: int) -> None:
    """Closes the walls around the calling process for good.

    Args:
        walls: As prepared.
        address_space: Bytes.
        parent: The process whose end ends this one.

    Raises:
        OSError: A wall that should be in force cannot be closed, or the parent is gone.
    """
    libc.drop_capabilities()
    libc.prctl(libc.PR_SET_DUMPABLE, 0)
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise ProcessLookupError("the template is gone")
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    if walls.ruleset is not None:
        landlock.restrict(walls.ruleset)
        os.close(walls.ruleset)
    for kind, limit in (
        (resource.RLIMIT_AS, address_space),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        ceiling = resource.getrlimit(kind)[1]
        limit = limit if ceiling == resource.RLIM_INFINITY else min(limit, ceiling)
        resource.setrlimit(kind, (limit, limit))
    if walls.program is not None:
        seccomp.install(walls.program)


def _landlock() -> tuple[int | None, Layer]:
    version = landlock.abi()
    if version == 0:
        return None, Layer("landlock", False, "the kernel has no Landlock")
    try:
        ruleset = landlock.ruleset(version, readable=(), devices=(), writable=())
    except OSError as error:
        return None, Layer("landlock", False, str(error))

    def probe() -> None:
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
        landlock.restrict(ruleset)

    reason = fails_in_a_child(probe)
    if reason is not None:
        os.close(ruleset)
        return None, Layer("landlock", False, reason)
    return ruleset, Layer("landlock", True, landlock.describe(version))


def _seccomp() -> tuple[bytes | None, Layer]:
    program = seccomp.assemble(dict.fromkeys(_ALLOWED.split(), "allow"), {})

    def probe() -> None:
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
        seccomp.install(program)
        try:
            os.setsid()
        except PermissionError:
            return
        raise OSError("a filter was loaded but a denied call went through")

    reason = fails_in_a_child(probe)
    if reason is not None:
        return None, Layer("seccomp", False, reason)
    return program, Layer("seccomp", True, f"{len(_ALLOWED.split())} system calls of {os.uname().machine}")
