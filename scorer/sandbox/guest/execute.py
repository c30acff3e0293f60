"""Runs a program of another language: executes a compiled file from memory, or a tool on a file in the scratch folder.

The filter of system calls lets one execution through, by a number that it was assembled with and that is forgotten
with the memory of the process that executes; what is executed is under the same filter and cannot do it again.
"""

import ctypes
import errno
import json
import os
import signal
import stat
from typing import Any, NoReturn

from scorer.kernel import libc
from scorer.sandbox.guest import frames

ARTIFACT, CONFIRM, FILES = 5, 6, 7
"""Descriptors: the artifact, if there is one, the pipe to the template, which the execution closes, and what goes into
further files, one after the other."""
NOT_EXECUTABLE = 126
"""Exit status when the artifact is nothing that can be executed, as of a shell."""

_AT_FDCWD, _AT_EMPTY_PATH = -100, 0x1000
# Said of the machine or the service, whatever is executed.
_OUR_FAULTS = (errno.EPERM, errno.ENOSYS, errno.ETXTBSY, errno.EAGAIN, errno.EFAULT, errno.EBADF)
_COPY_BYTES = 1 << 26


class Execution:
    """What to execute, and the number that opens the filter for it."""

    def __init__(self) -> None:
        self.secret = int.from_bytes(os.urandom(8))
        """Given to the filter when it is installed."""

    def run(self, payload: bytes, _: int) -> NoReturn:
        """Becomes the program, or tells the template why not and ends.

        Args:
            payload: JSON: "argv", "environment", and "file": the name under which the artifact is put into the current
                folder, or null. With null the artifact is executed if there is one, else argv[0]. "files": name and
                bytes of each further file that is put there.
        """
        try:
            self._run(json.loads(payload))
        except BaseException as error:  # noqa: BLE001 - reported, and nothing of the candidate has run
            os.write(CONFIRM, f"{type(error).__name__}: {error}".encode()[:1024])
        os._exit(1)

    def _run(self, task: dict[str, Any]) -> None:
        in_memory = False
        if (name := task["file"]) is not None:
            _put(name, ARTIFACT, 0, os.fstat(ARTIFACT).st_size)
        else:
            in_memory = _is_file(ARTIFACT)
        at = 0
        for further, size in task.get("files", ()):
            _put(further, FILES, at, size)
            at += size
        for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # by the interpreter, and executed programs would inherit it
            signal.signal(ignored, signal.SIG_DFL)
        for number in range(frames.CHANNEL):
            os.set_inheritable(number, True)
        path = b"" if in_memory else os.fsencode(task["argv"][0])
        folder, flags = (ARTIFACT, _AT_EMPTY_PATH) if in_memory else (_AT_FDCWD, 0)
        environment = [os.fsencode(f"{key}={value}") for key, value in task["environment"].items()]
        arguments = [os.fsencode(argument) for argument in task["argv"]]
        try:
            libc.syscall("execveat", folder, path, _array(arguments), _array(environment), flags, self.secret)
        except OSError as error:
            if not in_memory or error.errno in _OUR_FAULTS:
                raise
            os.write(2, f"the compiled program cannot be executed: {os.strerror(error.errno or 0)}\n".encode())
            os._exit(NOT_EXECUTABLE)


def _put(name: str, source: int, at: int, size: int) -> None:
    """Copies a part of a memory file into a new file in the current folder without reading it."""
    target = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o755)
    end = at + size
    while at < end and (moved := os.sendfile(target, source, at, min(end - at, _COPY_BYTES))):
        at += moved
    os.close(target)


def _is_file(descriptor: int) -> bool:
    return stat.S_ISREG(os.fstat(descriptor).st_mode)


def _array(values: list[bytes]) -> Any:
    return (ctypes.c_char_p * (len(values) + 1))(*values, None)
