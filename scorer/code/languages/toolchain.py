"""The tools of a language as this machine has them."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scorer.code.languages.entry import LanguageEntry

# Never the folders of a user: runs could not read them, and they are not the system's to vouch for.
_FOLDERS = (
    "/usr/bin",
    "/bin",
    "/usr/local/bin",
    "/usr/local/go/bin",
    "/usr/lib/go/bin",
    "/usr/lib/jvm/default-java/bin",
)
_SYSTEM = ("/usr/", "/bin/", "/lib/", "/opt/")
_PLACE = re.compile(r"\{(\w[\w+]*)\}")


@dataclass(frozen=True)
class Toolchain:
    """A language with the paths of its tools.

    Attributes:
        entry: The language.
        tools: Path by name; the folder above a tool's folder as well, by the name and "_home".
        lacking: Names of tools that are not there.
    """

    entry: LanguageEntry
    tools: Mapping[str, str]
    lacking: tuple[str, ...]

    @classmethod
    def find(cls, entry: LanguageEntry, python: Path | None) -> "Toolchain":
        """Looks for the tools of a language.

        Args:
            entry: The language.
            python: Interpreter of the service's runs; None is the one that the service runs on.
        """
        tools = {"python": str(python or getattr(sys, "_base_executable", None) or sys.executable)}
        lacking = []
        for name in entry.tools:
            path = _path(name)
            if path is None:
                lacking.append(name)
            else:
                tools |= {name: str(path), f"{name}_home": str(path.parent.parent)}
        return cls(entry, tools, tuple(lacking))

    @property
    def exposed(self) -> list[str]:
        """Paths outside of /usr that the tools read, and where those are that lie elsewhere."""
        if self.lacking:
            return []
        homes = [home for name, home in self.tools.items() if name.endswith("_home") and home.startswith("/opt/")]
        return [
            path for pattern in self.entry.exposed for path in sorted(map(str, Path("/").glob(pattern.lstrip("/"))))
        ] + homes

    def command(self, template: tuple[str, ...], names: Mapping[str, str], memory_bytes: int) -> list[str]:
        """A command of the entry with its values in place."""
        return [self._fill(argument, names, memory_bytes) for argument in template]

    def environment(self, names: Mapping[str, str], memory_bytes: int) -> dict[str, str]:
        """The environment of the entry's commands; the folder in which they start is the one that they may write."""
        usual = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": ".", "TMPDIR": "."}
        return usual | {key: self._fill(value, names, memory_bytes) for key, value in self.entry.environment.items()}

    def _fill(self, text: str, names: Mapping[str, str], memory_bytes: int) -> str:
        values = {**self.tools, **names, "memory_mb": str(memory_bytes >> 20)}
        return _PLACE.sub(lambda place: values.get(place[1], place[0]), text)


def _path(name: str) -> Path | None:
    """Where a program is, links followed, since what they lead through is not what runs see."""
    for folder in _FOLDERS:
        path = Path(folder, name).resolve()
        if str(path).startswith(_SYSTEM) and path.is_file() and os.access(path, os.X_OK):
            return path
    return None
