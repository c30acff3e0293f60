"""A file that goes into a run or came out of one, kept in memory and never on a disk."""

import os
from types import TracebackType
from typing import Self

from scorer.sandbox.guest import memory


class Artifact:
    """A sealed memory file: nobody can change it any more, so any number of runs may use it at once."""

    def __init__(self, descriptor: int) -> None:
        """Takes over a memory file and seals it.

        Raises:
            OSError: It cannot be sealed, since somebody may still write to it. It is closed then.
        """
        memory.seal(descriptor)
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size
        """Bytes."""

    @classmethod
    def of(cls, *content: bytes) -> Self:
        """A file with this content, one part after the other. Raises OSError."""
        return cls(memory.filled(*content))

    def fileno(self) -> int:
        """Its descriptor, positioned anywhere.

        Raises:
            ValueError: It is closed.
        """
        if self._descriptor < 0:
            raise ValueError("the artifact is closed")
        return self._descriptor

    def close(self) -> None:
        """Frees the memory once no run uses it any more. Closing again does nothing."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
