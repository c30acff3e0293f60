"""System calls that Python has no function for, through ctypes."""

import ctypes
import os
from typing import Any

from scorer.kernel import syscalls

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC = 1, 2, 4, 8
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 36, 38

_AT_RECURSIVE = 0x8000
_AT_FDCWD = -100

# Made here, since a fork would have to pay for making them.
_CAPABILITY_HEADER = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
_NO_CAPABILITIES = (ctypes.c_uint32 * 6)()

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def _checked(result: int, what: str) -> int:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def syscall(name: str, *arguments: Any) -> int:
    """Makes a system call by name; integers are passed as longs. Raises OSError."""
    _, numbers = syscalls.of_this_machine()
    converted = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return _checked(int(_libc.syscall(ctypes.c_long(numbers[name]), *converted)), name)


def prctl(option: int, argument: Any = 0, second: Any = 0) -> None:
    """prctl(2). Raises OSError."""
    converted = [ctypes.c_ulong(value) if isinstance(value, int) else value for value in (argument, second)]
    _checked(_libc.prctl(ctypes.c_int(option), *converted, ctypes.c_ulong(0), ctypes.c_ulong(0)), "prctl")


def protect(address: int, size: int, flags: int) -> None:
    """mprotect(2) of memory of the calling process. Raises OSError."""
    _checked(_libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(size), ctypes.c_int(flags)), "mprotect")


def unshare(flags: int) -> None:
    """unshare(2). Raises OSError."""
    _checked(_libc.unshare(ctypes.c_int(flags)), "unshare")


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    """mount(2). Raises OSError."""
    encoded = [os.fsencode(text) for text in (source, target, kind)]
    _checked(_libc.mount(*encoded, ctypes.c_ulong(flags), os.fsencode(data)), f"mount {target}")


def set_mount_attributes(target: str, attributes: int, *, recursive: bool) -> None:
    """mount_setattr(2): turns attributes of a mount on. Raises OSError."""
    values = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    syscall("mount_setattr", _AT_FDCWD, os.fsencode(target), flags, ctypes.byref(values), ctypes.sizeof(values))


def umount_lazily(target: str) -> None:
    """umount2(2) with MNT_DETACH. Raises OSError."""
    _checked(_libc.umount2(os.fsencode(target), ctypes.c_int(MNT_DETACH)), f"umount {target}")


def pivot_root_here() -> None:
    """Makes the working directory the root and drops the old root. Raises OSError."""
    syscall("pivot_root", b".", b".")
    umount_lazily(".")
    os.chdir("/")


def close_from(first: int) -> None:
    """Closes every descriptor from `first` on. Raises OSError."""
    syscall("close_range", first, 0xFFFFFFFF, 0)


def drop_capabilities() -> None:
    """Empties the permitted, effective and inheritable sets of the calling process. Raises OSError."""
    syscall("capset", ctypes.byref(_CAPABILITY_HEADER), ctypes.byref(_NO_CAPABILITIES))
