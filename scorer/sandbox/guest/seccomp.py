"""The system calls that a run may make: an allow-list as a seccomp filter.

What is not on the list fails with EPERM, so that the program sees a PermissionError. clone3 fails with ENOSYS, which
makes the C library fall back to clone, whose flags a filter can see. Calls of a foreign architecture kill the run.
"""

import ctypes
import errno
import os
import struct

from scorer.sandbox.guest import bpf, libc, syscalls

ALLOW = 0x7FFF0000
KILL = 0x80000000
_SECCOMP_MODE_FILTER = 2


def errno_action(number: int) -> int:
    """The action that makes a call fail with this error number."""
    return 0x00050000 | number


def _names(text: str) -> list[str]:
    return text.split()


# Plain computing: memory, time, own identity, descriptors and files (what can be reached is the file system's matter).
_COMPUTE = _names("""
    read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 open openat creat close
    close_range stat fstat lstat newfstatat statx statfs fstatfs access faccessat faccessat2 lseek mmap
    mprotect munmap mremap brk madvise msync mincore rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending
    rt_sigtimedwait rt_sigsuspend sigaltstack pipe pipe2 select pselect6 poll ppoll epoll_create
    epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2 timerfd_create
    timerfd_settime timerfd_gettime dup dup2 dup3 flock fsync fdatasync truncate ftruncate getdents
    getdents64 getcwd chdir fchdir rename renameat renameat2 mkdir mkdirat rmdir link linkat unlink unlinkat
    symlink symlinkat readlink readlinkat umask fallocate copy_file_range sendfile fadvise64 readahead
    gettimeofday time getrlimit getrusage sysinfo times getpid getppid getuid geteuid getgid getegid
    getgroups getresuid getresgid getpgrp getpgid getsid gettid getcpu uname nanosleep clock_gettime
    clock_getres clock_nanosleep getitimer setitimer alarm pause timer_create timer_settime timer_gettime
    timer_delete timer_getoverrun sched_yield sched_getaffinity sched_getparam sched_getscheduler
    sched_get_priority_max sched_get_priority_min getpriority set_robust_list set_tid_address rseq futex
    futex_waitv arch_prctl exit exit_group getrandom restart_syscall membarrier wait4 waitid sendto recvfrom
    shutdown
""")

# Landlock does not cover these, so they need a file system of the run's own.
_ATTRIBUTES = _names("chmod fchmod fchmodat utime utimes utimensat futimesat")

# Only where the run may have processes of its own.
_PROCESSES = _names("fork vfork execve setpgid setsid")

_NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW* flag that clone takes
_AF_UNIX, _SOCK_STREAM, _SOCK_FLAGS = 1, 1, 0o2004000
_PR_SET_NAME, _PR_GET_NAME = 15, 16
_IOCTLS = (0x5401, 0x5411, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS, sizes, FIONREAD, FIONBIO, close-on-exec
_F_SETOWN, _F_LINUX_SPECIFIC = 8, 1024
_OWN_PID = 0x5EA1C0DE  # stands for the run's pid until it is known


class Policy:
    """A filter that is assembled once and only patched with the pid of each run."""

    def __init__(self, *, processes: bool, private_files: bool) -> None:
        """Chooses the calls.

        Args:
            processes: Whether the run may have other processes and threads, and signal them.
            private_files: Whether the run sees no file but its own, so that it may change modes and times.
        """
        names = _COMPUTE + (_ATTRIBUTES if private_files else []) + (_PROCESSES if processes else [])
        self._architecture, self._numbers = syscalls.of_this_machine()
        verdicts = dict.fromkeys(names, "allow") | {name: name for name in _CHECKS}
        verdicts["clone3"] = "unknown"
        verdicts["clone"] = "clone" if processes else "deny"
        if processes:
            verdicts |= {"kill": "allow", "tgkill": "allow"}
        self._verdicts = {self._numbers[name]: verdict for name, verdict in verdicts.items() if name in self._numbers}
        self._assembled = self._assemble()

    def program(self, pid: int) -> bytes:
        """The filter for the process with this pid, as an array of struct sock_filter."""
        return self._assembled.replace(struct.pack("=I", _OWN_PID), struct.pack("=I", pid))

    def install(self) -> None:
        """Puts the calling process under the filter for good; needs no_new_privs. Raises OSError."""
        program = self.program(os.getpid())
        buffer = ctypes.create_string_buffer(program, len(program))
        header = _FilterProgram(len(program) // 8, ctypes.addressof(buffer))
        libc.prctl(libc.PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(header))

    def _assemble(self) -> bytes:
        code = bpf.Assembler()
        code.load(bpf.ARCHITECTURE)
        code.if_equal(self._architecture, otherwise="foreign")
        code.load(bpf.NUMBER)
        self._search(code, _intervals(self._verdicts))
        for check in (*_CHECKS, "clone"):
            code.label(check)
            _write_check(code, check)
        for label, action in _ACTIONS.items():
            code.label(label)
            code.give(action)
        return code.assemble()

    def _search(self, code: bpf.Assembler, intervals: list[tuple[int, str]]) -> None:
        """Binary search: the kernel walks the filter for every call that its cache cannot answer."""
        if len(intervals) == 1:
            code.jump(intervals[0][1])
            return
        middle = len(intervals) // 2
        right = f"from {intervals[middle][0]}"
        code.if_at_least(intervals[middle][0], then=right)
        self._search(code, intervals[:middle])
        code.label(right)
        self._search(code, intervals[middle:])


class _FilterProgram(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


_ACTIONS = {
    "allow": ALLOW,
    "deny": errno_action(errno.EPERM),
    "unknown": errno_action(errno.ENOSYS),
    "foreign": KILL,
}
_CHECKS = ("kill", "tgkill", "prlimit64", "socketpair", "ioctl", "prctl", "fcntl")


def _intervals(verdicts: dict[int, str]) -> list[tuple[int, str]]:
    """Starts of the runs of consecutive numbers with one verdict; what is not named is denied."""
    found = [(0, verdicts.get(0, "deny"))]
    for number in range(1, max(verdicts) + 2):
        verdict = verdicts.get(number, "deny")
        if verdict != found[-1][1]:
            found.append((number, verdict))
    return found


def _write_check(code: bpf.Assembler, name: str) -> None:
    """The checks of calls that are allowed with some arguments only."""
    code.load(bpf.argument(1 if name in ("ioctl", "fcntl") else 0))
    match name:
        case "clone":
            code.if_any_bit(_NEW_NAMESPACES, then="deny", otherwise="allow")
        case "kill" | "tgkill":
            code.if_equal(_OWN_PID, then="allow", otherwise="deny")
        case "prlimit64":
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
        case "fcntl":  # F_SETOWN, F_SETSIG and their kin send signals to other processes
            code.if_at_least(_F_LINUX_SPECIFIC, then="allow")
            code.if_at_least(_F_SETOWN, then="deny", otherwise="allow")
