"""What a run tells the service on its own channel: a sequence of frames, each a length and an encoded tuple.

A frame is written by the process that runs the candidate, so a frame is a claim, not a fact: it may say what was
returned or raised, never whether that was right. Only the frames of a paired run are its script's own.

    ("task", field, message)                       the tests themselves do not compile or their setup fails
    ("late",)                                      their setup uses what only the candidate's code defines
    ("ready",)                                     the candidate's code is about to be compiled and run
    ("compile", message)                           the candidate does not compile
    ("missing",)                                   it does not define the entry point
    ("loaded",)                                    it ran to its end and defines the entry point; the calls follow
    ("value", wall, cpu, value)                    the next call returned
    ("invalid", wall, cpu, message)                it returned what cannot cross
    ("error", wall, cpu, kind, message, number, place)   an exception: its type, text, errno or 0, where it arose
    ("gone",)                                      the program's process ended or closed its connection to the script's
    ("end",)                                       the program, or the script, ran to its end
"""

import os
import struct
from collections.abc import Iterator
from typing import Any

from scorer.sandbox.guest import codec

CHANNEL = 3
_LENGTH = struct.Struct("<I")
_ROOM = 1024  # beside the value itself


def _framed(encoded: bytes) -> bytes:
    return _LENGTH.pack(len(encoded)) + encoded


_OUT_OF_MEMORY = _framed(codec.encode(("error", 0.0, 0.0, "MemoryError", "", 0, ""), _ROOM))


class Writer:
    """Writes frames to the channel; only in the process that opened it, not in children the candidate forks."""

    def __init__(self, most_bytes: int) -> None:
        self._pid = os.getpid()
        self.most_bytes = most_bytes

    def write(self, *frame: Any) -> None:
        """Sends one frame. Raises codec.NotPlainError, OSError."""
        self._send(_framed(codec.encode(frame, self.most_bytes)))

    def write_out_of_memory(self) -> None:
        """Sends a frame that was made before there was a program. Raises OSError."""
        self._send(_OUT_OF_MEMORY)

    def _send(self, data: bytes) -> None:
        if os.getpid() != self._pid:
            os._exit(0)
        at = 0
        while at < len(data):
            at += os.write(CHANNEL, data[at : at + 65536])


def read(data: bytes) -> Iterator[tuple[Any, ...]]:
    """The frames; ends silently at the first that is cut off or garbled, as when the run was killed."""
    at = 0
    while at + 4 <= len(data):
        (size,) = _LENGTH.unpack_from(data, at)
        at += 4
        if at + size > len(data):
            return
        try:
            frame = codec.decode(data[at : at + size])
        except codec.NotPlainError:
            return
        if not isinstance(frame, tuple) or not frame or not isinstance(frame[0], str):
            return
        yield frame
        at += size
