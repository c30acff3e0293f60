"""Files that a run finds in its folder beside what it executes."""

import mmap
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from scorer.sandbox.artifact import Artifact


class Files:
    """Any number of files in one sealed memory file, one after the other."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        """Copies the contents.

        Args:
            contents: By name; a name is none of a folder, and not that of the run's artifact.

        Raises:
            OSError: There is no memory file to be had.
        """
        self.layout = [(name, len(content)) for name, content in contents.items()]
        """Name and bytes of each: the "files" of a payload."""
        self.space_bytes = sum(-(-size // mmap.PAGESIZE) * mmap.PAGESIZE for _, size in self.layout)
        """What they take in the folder, in whole pages."""
        self._memory = Artifact.of(*contents.values())

    def fileno(self) -> int:
        """The descriptor of the memory file. Raises ValueError when it is closed."""
        return self._memory.fileno()

    def close(self) -> None:
        """Frees the memory once no run uses it any more. Closing again does nothing."""
        self._memory.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
