"""The connection between a script's process and the program's: messages of a length and that many bytes.

Either end may be hostile to the other: a length above what the reader allows is refused before anything is read.
"""

import os
import struct

_LENGTH = struct.Struct("<I")
_CHUNK = 1 << 16


class LinkClosedError(Exception):
    """The other end is closed."""


class TooLargeError(Exception):
    """The other end sends more than it may."""


class Link:
    """One end, on a descriptor of this process."""

    def __init__(self, descriptor: int, most_bytes: int) -> None:
        self._descriptor = descriptor
        self._most_bytes = most_bytes

    def send(self, body: bytes) -> None:
        """Sends a message. Raises LinkClosedError."""
        data = memoryview(_LENGTH.pack(len(body)) + body)
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError as error:
            raise LinkClosedError from error

    def receive(self) -> bytes:
        """The next message. Raises LinkClosedError, TooLargeError."""
        (size,) = _LENGTH.unpack(self._read(_LENGTH.size))
        if size > self._most_bytes:
            raise TooLargeError
        return self._read(size)

    def _read(self, size: int) -> bytes:
        parts = []
        while size:
            try:
                part = os.read(self._descriptor, min(size, _CHUNK))
            except OSError as error:
                raise LinkClosedError from error
            if not part:
                raise LinkClosedError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)
