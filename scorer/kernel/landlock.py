"""Landlock (landlock(7)): what a run may reach, by file hierarchies, TCP ports, signals and abstract sockets."""

# pathlib would cost the template memory, and with it every run time.
# ruff: noqa: PTH112
import ctypes
import errno
import os
from collections.abc import Sequence

from scorer.kernel import libc

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHAR, _MAKE_SOCKET, _MAKE_FIFO, _MAKE_BLOCK = 1 << 6, 1 << 9, 1 << 10, 1 << 11
_REFER = 1 << 13
_TRUNCATE, _IOCTL_DEVICE = 1 << 14, 1 << 15
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_SPECIAL = _MAKE_CHAR | _MAKE_SOCKET | _MAKE_FIFO | _MAKE_BLOCK | _IOCTL_DEVICE | _EXECUTE

_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}  # how many file rights an ABI knows; 16 from ABI 5 on
_TCP_BIND_AND_CONNECT = 0b11  # from ABI 4 on
_SCOPE_SIGNALS = 0b10
_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 0b01 | _SCOPE_SIGNALS
SCOPES_SIGNALS = 6
"""The first ABI that holds signals back."""
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1


class _PathBeneath(ctypes.Structure):
    """struct landlock_path_beneath_attr."""

    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int:
    """The kernel's Landlock ABI, 0 without Landlock."""
    try:
        return libc.syscall("landlock_create_ruleset", None, 0, _CREATE_RULESET_VERSION)
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM):
            return 0
        raise


def describe(version: int) -> str:
    """What an ABI covers, for people."""
    covers = ["files"] + (["TCP"] if version >= 4 else []) + (["signals", "abstract sockets"] if version >= 6 else [])
    return f"ABI {version}: " + ", ".join(covers)


def ruleset(version: int, *, readable: Sequence[str], devices: Sequence[str], writable: Sequence[str]) -> int:
    """A ruleset, as a descriptor, under which nothing but these can be reached.

    Args:
        version: The kernel's ABI, 1 or more.
        readable: Files and folders that may be read and executed.
        devices: Files that may be read and written.
        writable: Folders in which plain files and folders may be made, read, written and removed.

    Raises:
        OSError: The kernel refuses.
    """
    rights = (1 << _FILE_RIGHTS.get(version, 16)) - 1
    words = [rights]
    if version >= 4:
        words.append(_TCP_BIND_AND_CONNECT)
    if version >= SCOPES_SIGNALS:
        words.append(_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS)
    attributes = (ctypes.c_uint64 * len(words))(*words)
    descriptor = libc.syscall("landlock_create_ruleset", ctypes.byref(attributes), ctypes.sizeof(attributes), 0)
    for path in readable:
        _allow(descriptor, path, _READ & rights)
    for path in devices:
        _allow(descriptor, path, (_READ_FILE | _WRITE_FILE | _TRUNCATE) & rights)
    for path in writable:
        _allow(descriptor, path, rights & ~_SPECIAL)
    return descriptor


def _allow(descriptor: int, path: str, rights: int) -> None:
    parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = _PathBeneath(rights if os.path.isdir(path) else rights & _ON_FILES, parent)
        libc.syscall("landlock_add_rule", descriptor, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(parent)


def scope_signals(*, mounts: bool) -> None:
    """Puts the calling process into a domain that no signal leaves, for good; needs SCOPES_SIGNALS.

    Every domain denies to move files between folders unless a rule allows it, and one with rules for files denies to
    mount.

    Args:
        mounts: Whether the process has to mount; then it cannot move files between folders.

    Raises:
        OSError: The kernel refuses.
    """
    attributes = (ctypes.c_uint64 * 3)(0 if mounts else _REFER, 0, _SCOPE_SIGNALS)
    descriptor = libc.syscall("landlock_create_ruleset", ctypes.byref(attributes), ctypes.sizeof(attributes), 0)
    try:
        if not mounts:
            _allow(descriptor, "/", _REFER)
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
        restrict(descriptor)
    finally:
        os.close(descriptor)


def restrict(descriptor: int) -> None:
    """Puts the calling process under a ruleset for good; needs no_new_privs. Raises OSError."""
    libc.syscall("landlock_restrict_self", descriptor, 0)
