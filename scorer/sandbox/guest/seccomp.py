"""The system calls that a run may make: an allow-list as a seccomp filter.

clone3 fails with ENOSYS, which makes the C library fall back to clone, whose flags a filter can see.
"""

import os
from collections.abc import Callable
from functools import partial

from scorer.kernel import bpf, seccomp


def _names(text: str) -> list[str]:
    return text.split()


# Plain computing: memory, time, own identity, descriptors and files (what can be reached is the file system's matter).
_COMPUTE = _names("""
    read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 open openat creat close
    close_range stat fstat lstat newfstatat statx statfs fstatfs access faccessat faccessat2 lseek mmap
    mprotect munmap mremap brk madvise msync mincore rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending
    rt_sigtimedwait rt_sigsuspend sigaltstack pipe pipe2 select pselect6 poll ppoll epoll_create
    epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2 timerfd_create
    timerfd_settime timerfd_gettime dup dup2 dup3 fsync fdatasync truncate ftruncate getdents
    getdents64 getcwd chdir fchdir rename renameat renameat2 mkdir mkdirat rmdir link linkat unlink unlinkat
    symlink symlinkat readlink readlinkat umask fallocate copy_file_range sendfile fadvise64 readahead
    gettimeofday time getrlimit getrusage sysinfo times getpid getppid getuid geteuid getgid getegid
    getgroups getresuid getresgid getpgrp gettid getcpu uname nanosleep getitimer
    setitimer alarm pause sched_yield sched_getaffinity sched_getparam sched_getscheduler
    sched_get_priority_max sched_get_priority_min getpriority set_robust_list set_tid_address rseq futex
    futex_waitv arch_prctl exit exit_group getrandom restart_syscall membarrier wait4 waitid sendto recvfrom
    shutdown
""")

# Landlock does not cover these, so they need a file system of the run's own.
_ATTRIBUTES = _names("chmod fchmod fchmodat utime utimes utimensat futimesat")

# Only where the run may have processes of its own.
_PROCESSES = _names("fork vfork execve setpgid setsid flock")

_NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW* flag that clone takes
_CLONE_PARENT, _CLONE_THREAD = 0x8000, 0x10000  # the kernel takes a thread only with the memory and handlers of its own
_AF_UNIX, _SOCK_STREAM, _SOCK_FLAGS = 1, 1, 0o2004000
_PR_SET_NAME, _PR_GET_NAME = 15, 16
_IOCTLS = (0x5401, 0x5411, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS, sizes, FIONREAD, FIONBIO, close-on-exec
_F_SETLK, _F_SETLKW, _F_SETOWN = 6, 7, 8
_FCNTLS = (1030, 1031, 1032, 1033, 1034)  # F_DUPFD_CLOEXEC, sizes of pipes, seals; not leases and notices
_CLOCK_OF_A_TASK, _CLOCK_OF_A_THREAD = 0x80000000, 4  # as in clock_getcpuclockid(3)
_OWN_CLOCKS = (0xFFFFFFF8, 0xFFFFFFF9, 0xFFFFFFFA)  # of pid 0, which is the caller
# These stand for what is known only in the run.
_OWN_PID, _SECRET_LOW, _SECRET_HIGH, _OWN_CLOCK = 0x5EA1C0DE, 0x5EA1C0DF, 0x5EA1C0E0, 0x5EA1C0E1


class Policy:
    """A filter that is assembled once and only patched with what is known of each run."""

    def __init__(self, *, processes: bool, private_files: bool) -> None:
        """Chooses the calls.

        Args:
            processes: Whether the run may have other processes, execute programs and signal its processes; else it is
                one process, and may have threads.
            private_files: Whether the run sees no file but its own, so that it may change modes and times.
        """
        names = _COMPUTE + (_ATTRIBUTES if private_files else []) + (_PROCESSES if processes else [])
        verdicts = dict.fromkeys(names, "allow") | {name: name for name in _CHECKS}
        # A timer takes its place for signals from all processes of the user; programs fall back to others.
        verdicts["clone3"] = verdicts["timer_create"] = "unknown"
        if processes:
            verdicts |= {"clone": "clone", "kill": "allow", "tgkill": "allow"}
        else:
            # A lock tells other runs that it is there, in files that all can read, and one process needs none.
            verdicts |= {"clone": "thread", "flock": "pretend", "fcntl": "fcntl of one process"}
        checks: dict[str, Callable[[bpf.Assembler], None]] = {
            name: partial(_write_check, name=name) for name in (*_CHECKS, "clone", "thread", "fcntl of one process")
        }
        self._usual = seccomp.Prepared(seccomp.assemble(verdicts, checks), [_OWN_PID, _OWN_CLOCK])
        verdicts["execveat"] = "execveat"
        assembled = seccomp.assemble(verdicts, checks | {"execveat": _write_secret_check})
        self._for_an_execution = seccomp.Prepared(assembled, [_OWN_PID, _OWN_CLOCK, _SECRET_LOW, _SECRET_HIGH])

    def program(self, pid: int, secret: int | None = None) -> bytes:
        """The filter for the process with this pid, as an array of struct sock_filter.

        With a secret of 64 bits, execveat is let through if that is its sixth argument, of which the kernel knows
        nothing. Who has to guess it needs 2^63 calls, and the program that is executed cannot know it: it was in memory
        that the execution replaced. So this opens the filter once.
        """
        return self._prepared(secret).fill(_values(pid, secret))

    def install(self, secret: int | None = None) -> None:
        """Puts the calling process under the filter for good; needs no_new_privs. Raises OSError."""
        self._prepared(secret).install(_values(os.getpid(), secret))

    def _prepared(self, secret: int | None) -> seccomp.Prepared:
        return self._usual if secret is None else self._for_an_execution


def _values(pid: int, secret: int | None) -> dict[int, int]:
    values = {_OWN_PID: pid, _OWN_CLOCK: _scheduled_clock(pid)}
    if secret is not None:
        values |= {_SECRET_LOW: secret & 0xFFFFFFFF, _SECRET_HIGH: secret >> 32}
    return values


def _scheduled_clock(pid: int) -> int:
    """The number of the clock of a process, as clock_getcpuclockid(3) makes it."""
    return (~pid << 3 | 2) & 0xFFFFFFFF


_CLOCKS = ("clock_gettime", "clock_getres", "clock_nanosleep")
_CHECKS = ("kill", "tgkill", "prlimit64", "getsid", "getpgid", "socketpair", "ioctl", "prctl", "fcntl", *_CLOCKS)


def _write_check(code: bpf.Assembler, name: str) -> None:
    """The checks of calls that are allowed with some arguments only."""
    code.load(bpf.argument(1 if name in ("ioctl", "fcntl", "fcntl of one process") else 0))
    match name:
        case "clone":
            code.if_any_bit(_NEW_NAMESPACES | _CLONE_PARENT, then="deny", otherwise="allow")
        case "thread":
            code.if_any_bit(_NEW_NAMESPACES, then="deny")
            code.if_any_bit(_CLONE_THREAD, then="allow", otherwise="deny")
        case "kill" | "tgkill":
            code.if_equal(_OWN_PID, then="allow", otherwise="deny")
        case "prlimit64" | "getsid" | "getpgid":  # what is there beside the run is not for it to know
            code.if_equal(0, then="allow")
            code.if_equal(_OWN_PID, then="allow", otherwise="deny")
        case "socketpair":  # event loops wake themselves through one; a connected stream reaches nobody else
            code.if_equal(_AF_UNIX, otherwise="deny")
            code.load(bpf.argument(1))
            code.if_any_bit(~(_SOCK_STREAM | _SOCK_FLAGS) & 0xFFFFFFFF, then="deny", otherwise="allow")
        case "ioctl" | "prctl":
            for value in _IOCTLS if name == "ioctl" else (_PR_SET_NAME, _PR_GET_NAME):
                code.if_equal(value, then="allow")
            code.jump("deny")
        case "fcntl" | "fcntl of one process":  # F_SETOWN, F_SETSIG and their kin send signals to other processes
            for value in () if name == "fcntl" else (_F_SETLK, _F_SETLKW):
                code.if_equal(value, then="pretend")
            for value in _FCNTLS:
                code.if_equal(value, then="allow")
            code.if_at_least(_F_SETOWN, then="deny", otherwise="allow")
        case "clock_gettime" | "clock_getres" | "clock_nanosleep":  # the kernel refuses clocks of foreign threads
            code.if_at_least(_CLOCK_OF_A_TASK, otherwise="allow")
            for value in (*_OWN_CLOCKS, _OWN_CLOCK):
                code.if_equal(value, then="allow")
            code.if_any_bit(_CLOCK_OF_A_THREAD, then="allow", otherwise="deny")


def _write_secret_check(code: bpf.Assembler) -> None:
    low = bpf.argument(5)
    code.load(low)
    code.if_equal(_SECRET_LOW, otherwise="deny")
    code.load(low + 4)
    code.if_equal(_SECRET_HIGH, then="allow", otherwise="deny")
