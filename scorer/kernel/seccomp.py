"""Filters of system calls: an allow-list, with checks of arguments where a call is allowed with some only.

What is not on the list fails with EPERM, so that Python sees a PermissionError. Calls of a foreign architecture kill
the process.
"""

import ctypes
import errno
import struct
from collections.abc import Callable, Iterable, Mapping

from scorer.kernel import bpf, libc, syscalls

ALLOW = 0x7FFF0000
KILL = 0x80000000
_SECCOMP_MODE_FILTER = 2
_INSTRUCTION = struct.Struct("=HBBI")  # struct sock_filter
_WORD = struct.Struct("=I")


def errno_action(number: int) -> int:
    """The action that makes a call fail with this error number."""
    return 0x00050000 | number


_ACTIONS = {
    "allow": ALLOW,
    "deny": errno_action(errno.EPERM),
    "unknown": errno_action(errno.ENOSYS),
    "pretend": errno_action(0),
}


def assemble(verdicts: Mapping[str, str], checks: Mapping[str, Callable[[bpf.Assembler], None]]) -> bytes:
    """A filter for this machine, as an array of struct sock_filter.

    Args:
        verdicts: By name of a call: "allow", "deny", "unknown" (it fails with ENOSYS), "pretend" (nothing is done, and
            the caller is told that it was) or the name of a check. Calls that this machine does not have are left out;
            all others are denied.
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
    Prepared(program, ()).install({})


class _FilterProgram(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


class Prepared:
    """A filter that lies in memory as the kernel takes it, with values left open: a fork only has to put them in."""

    def __init__(self, program: bytes, placeholders: Iterable[int]) -> None:
        """Finds the placeholders: words that stand for values to come, and that the filter has no other use for."""
        self._buffer = ctypes.create_string_buffer(program, len(program))
        self._header = _FilterProgram(len(program) // _INSTRUCTION.size, ctypes.addressof(self._buffer))
        self._reference = ctypes.byref(self._header)
        values = [value for *_, value in _INSTRUCTION.iter_unpack(program)]
        self._places = {
            placeholder: [at for at, value in enumerate(values) if value == placeholder] for placeholder in placeholders
        }

    def fill(self, values: Mapping[int, int]) -> bytes:
        """Puts values in the places of their placeholders and gives the whole filter."""
        self._put(values)
        return self._buffer.raw

    def install(self, values: Mapping[int, int]) -> None:
        """Fills and puts the calling process under the filter for good; needs no_new_privs. Raises OSError."""
        self._put(values)
        libc.prctl(libc.PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, self._reference)

    def _put(self, values: Mapping[int, int]) -> None:
        for placeholder, value in values.items():
            for at in self._places[placeholder]:
                _WORD.pack_into(self._buffer, (at + 1) * _INSTRUCTION.size - _WORD.size, value)


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
