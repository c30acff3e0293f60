"""Packages that programs may import: where they are, and what of it runs have to be shown."""

import importlib.metadata
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from scorer.sandbox.errors import SandboxError

_NAME = re.compile(r"[A-Za-z0-9._-]+")
# What can import a module without its name being in the text.
_INDIRECT = (
    *("__import__", "importlib", "exec", "eval", "compile", "builtins", "__builtins__", "modules", "pkgutil", "runpy"),
    *("pickle", "find_spec"),
)
# In JSON, where a letter before a name may be the end of an escape.
_BEFORE, _AFTER = r"(?:[^0-9A-Za-z_]|\\[bfnrt]|\\u[0-9a-f]{4})", r"(?![0-9A-Za-z_])"


@dataclass(frozen=True)
class Packages:
    """Where packages are.

    Attributes:
        path: Folders to look in, for the interpreter.
        exposed: What runs may read of them.
        names: Modules that can be imported from there.
    """

    path: tuple[str, ...]
    exposed: tuple[str, ...]
    names: frozenset[str] = frozenset()

    def are_named_in(self, text: bytes) -> bool:
        """Whether programs and scripts in a text may use one of the packages, as far as words tell.

        Args:
            text: JSON with nothing but ASCII.
        """
        return self._words.search(text) is not None

    @cached_property
    def _words(self) -> re.Pattern[bytes]:
        words = "|".join(map(re.escape, sorted({*self.names, *_INDIRECT})))
        return re.compile(f"{_BEFORE}(?:{words}){_AFTER}".encode())


def find(folder: Path | None, preload: Collection[str], own_interpreter: bool) -> Packages:
    """The packages of a folder, or else those of the service's own environment that are to be preloaded.

    Of the environment only these packages and what they require is shown, nothing else that is installed beside them.

    Args:
        folder: All packages that there are; None for those of the service's environment.
        preload: Names of packages.
        own_interpreter: Whether programs run on the interpreter that the service runs on.

    Raises:
        SandboxError: One is not installed, or installed for another interpreter.
    """
    if folder is not None:
        return Packages((str(folder.resolve()),), (str(folder.resolve()),), _modules(folder.iterdir()))
    if not preload:
        return Packages((), ())
    if not own_interpreter:
        raise SandboxError(
            "code.sandbox.preload with an interpreter of its own (code.sandbox.python) needs code.sandbox.packages: "
            "name the folder with that interpreter's packages"
        )
    paths: dict[str, None] = {}
    parts: dict[str, None] = {}
    for distribution in _with_requirements(preload):
        for file in distribution.files or ():
            first = file.parts[0]
            if first != ".." and not first.endswith(".dist-info"):
                place = Path(str(distribution.locate_file(""))).resolve()
                paths[str(place)] = parts[str(place / first)] = None
    return Packages(tuple(paths), tuple(part for part in parts if Path(part).exists()), _modules(map(Path, parts)))


def _modules(entries: Iterable[Path]) -> frozenset[str]:
    """The names by which what is in a folder of packages can be imported."""
    names = {entry.name.partition(".")[0] for entry in entries}
    return frozenset(name for name in names if name.isidentifier() and name.isascii())


def _with_requirements(names: Iterable[str]) -> list[importlib.metadata.Distribution]:
    found: dict[str, importlib.metadata.Distribution] = {}
    wanted = [name.partition(".")[0] for name in names]
    for name in wanted:
        key = name.lower().replace("_", "-")
        if key in found:
            continue
        try:
            found[key] = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            raise SandboxError(
                f"code.sandbox.preload names {name}, which is not installed beside the service; install it "
                "(`pip install 'codaserve[numpy]'` for numpy) or name a folder of packages with code.sandbox.packages"
            ) from None
        for requirement in found[key].requires or ():
            if ";" not in requirement and (required := _NAME.match(requirement)):
                wanted.append(required[0])
    return list(found.values())
