"""Filters of system calls: an allow-list, with checks of arguments where a call is allowed with some only.

What is not on the list fails with EPERM, so that Python sees a PermissionError. Calls of a foreign architecture kill
the process.
"""

import ctypes
import errno
from collections.abc import Callable, Mapping

from scorer.kernel import bpf, libc, syscalls

ALLOW = 0x7FFF0000
KILL = 0x80000000
_SECCOMP_MODE_FILTER = 2


def errno_action(number: int) -> int:
    """The action that makes a call fail with this error number."""
    return 0x00050000 | number


_ACTIONS = {
    "allow": ALLOW,
    "deny": errno_action(errno.EPERM),
    "unknown": errno_action(errno.ENOSYS),
}


def assemble(verdicts: Mapping[str, str], checks: Mapping[str, Callable[[bpf.Assembler], None]]) -> bytes:
    """A filter for this machine, as an array of struct sock_filter.

    Args:
        verdicts: By name of a call: "allow", "deny", "unknown" (it fails with ENOSYS) or the name of a check. Calls
            that this machine does not have are left out; all others are denied.
        checks: Each writes instructions that end in jumps to verdicts.
    """
    architecture, numbers = syscalls.of_this_machine()
    code = bpf.Assembler()
    code.load(bpf.ARCHITECTURE)
    code.if_equal(architecture, then="native")
    code.give(KILL)
    code.label("native")
    code.load(bpf.NUMBER)
    _search(code, _intervals({numbers[name]: verdict for name, verdict in verdicts.items() if name in numbers}))
    for label, check in checks.items():
        code.label(label)
        check(code)
    for label, action in _ACTIONS.items():
        code.label(label)
        code.give(action)
    return code.assemble()


def install(program: bytes) -> None:
    """Puts the calling process under a filter for good; needs no_new_privs. Raises OSError."""
    buffer = ctypes.create_string_buffer(program, len(program))
    header = _FilterProgram(len(program) // 8, ctypes.addressof(buffer))
    libc.prctl(libc.PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(header))


class _FilterProgram(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _intervals(verdicts: dict[int, str]) -> list[tuple[int, str]]:
    """Starts of the runs of consecutive numbers with one verdict; what is not named is denied."""
    found = [(0, verdicts.get(0, "deny"))]
    for number in range(1, max(verdicts) + 2):
        verdict = verdicts.get(number, "deny")
        if verdict != found[-1][1]:
            found.append((number, verdict))
    return found


def _search(code: bpf.Assembler, intervals: list[tuple[int, str]]) -> None:
    """Binary search: the kernel walks the filter for every call that its cache cannot answer."""
    if len(intervals) == 1:
        code.jump(intervals[0][1])
        return
    middle = len(intervals) // 2
    right = f"from {intervals[middle][0]}"
    code.if_at_least(intervals[middle][0], then=right)
    _search(code, intervals[:middle])
    code.label(right)
    _search(code, intervals[middle:])
