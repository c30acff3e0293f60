"""Instances of the process file system that are open as descriptors, whether or not any folder shows them."""

import ctypes
import os

from scorer.kernel import libc

_CLOSE_ON_EXEC = 1  # FSOPEN_CLOEXEC and FSMOUNT_CLOEXEC
_SET_STRING, _CREATE = 1, 6  # FSCONFIG_*
_FROM_EMPTY_PATH = 4  # MOVE_MOUNT_F_EMPTY_PATH
_HERE = -100  # AT_FDCWD
_ATTRIBUTES = (
    libc.MOUNT_ATTR_RDONLY | libc.MOUNT_ATTR_NOSUID | libc.MOUNT_ATTR_NODEV | libc.MOUNT_ATTR_NOEXEC
)  # fmt: skip


def mounted(*, hidden: bool) -> int:
    """A new read-only instance for the caller's pid namespace, processes only, as a descriptor of its mount.

    Args:
        hidden: Whether a reader sees only the processes that it may trace, else all.

    Raises:
        OSError: The kernel refuses, as in a user namespace below a container that covers parts of /proc.
    """
    context = libc.syscall("fsopen", b"proc", _CLOSE_ON_EXEC)
    try:
        _set(context, b"subset", b"pid")
        if hidden:
            _set(context, b"hidepid", b"ptraceable")
        libc.syscall("fsconfig", context, _CREATE, None, None, 0)
        return libc.syscall("fsmount", context, _CLOSE_ON_EXEC, _ATTRIBUTES)
    finally:
        os.close(context)


def _set(context: int, key: bytes, value: bytes) -> None:
    libc.syscall("fsconfig", context, _SET_STRING, ctypes.c_char_p(key), ctypes.c_char_p(value), 0)


def show(mount: int, target: str) -> None:
    """Lets a folder show an instance that `mounted` gave. Raises OSError."""
    libc.syscall("move_mount", mount, b"", _HERE, os.fsencode(target), _FROM_EMPTY_PATH)


def readable(mount: int) -> int:
    """A descriptor of the instance's top, for functions that take `dir_fd`. Raises OSError."""
    return os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=mount)
