"""Packages that programs may import: where they are, and what of it runs have to be shown."""

import importlib.metadata
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from scorer.sandbox.errors import SandboxError

_NAME = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Packages:
    """Where packages are.

    Attributes:
        path: Folders to look in, for the interpreter.
        exposed: What runs may read of them.
    """

    path: tuple[str, ...]
    exposed: tuple[str, ...]


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
        return Packages((str(folder.resolve()),), (str(folder.resolve()),))
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
    return Packages(tuple(paths), tuple(part for part in parts if Path(part).exists()))


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
