"""The connection between a script's process and the program's: messages of a length and that many bytes.

Either end may be hostile to the other: a length above what the reader allows is refused, and no more than a chunk is
read ahead.
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
        self._read_ahead = b""

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
        self._fill(_LENGTH.size)
        (size,) = _LENGTH.unpack_from(self._read_ahead)
        if size > self._most_bytes:
            raise TooLargeError
        self._fill(end := _LENGTH.size + size)
        body, self._read_ahead = self._read_ahead[_LENGTH.size : end], self._read_ahead[end:]
        return body

    def _fill(self, size: int) -> None:
        """Reads on until so many bytes are there; most messages come whole, length and all, in one piece."""
        parts = [self._read_ahead]
        missing = size - len(self._read_ahead)
        while missing > 0:
            try:
                part = os.read(self._descriptor, _CHUNK)
            except OSError as error:
                raise LinkClosedError from error
            if not part:
                raise LinkClosedError
            parts.append(part)
            missing -= len(part)
        self._read_ahead = b"".join(parts)
