"""Where the calling process stands in the kernel's control groups (cgroups(7)), from what /proc says.

Version 2 has one hierarchy for all controllers, version 1 one for each; hybrid systems have both.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# By the names of version 1; version 2 counts processor time whatever is delegated.
_CONTROLLERS = {"memory": "memory", "pids": "pids", "cpuacct": "cpu"}


@dataclass(frozen=True)
class Own:
    """The group of the calling process in one hierarchy.

    Attributes:
        version: 1 or 2.
        folder: Where the group is shown.
        is_top: Whether it is the topmost that can be seen, as in a container with a view of its own.
    """

    version: int
    folder: Path
    is_top: bool


def own_groups(memberships: str, mounts: str) -> Mapping[str, Own]:
    """The groups by controller ("memory", "pids", "cpu"); what no mount shows is left out.

    Args:
        memberships: /proc/self/cgroup.
        mounts: /proc/self/mountinfo.
    """
    found: dict[str, Own] = {}
    unified: Own | None = None
    for line in memberships.splitlines():
        _, controllers, path = line.split(":", 2)
        version = 1 if controllers else 2
        folder = _shown(mounts, version, set(controllers.split(",")), path)
        if folder is None:
            continue
        own = Own(version, folder, path == "/")
        if version == 2:
            unified = own
        for name in controllers.split(","):
            if name in _CONTROLLERS:
                found[_CONTROLLERS[name]] = own
    if unified is not None and "memory" not in found:
        found = {"memory": unified, "pids": unified, "cpu": unified} | found
    return found


def _shown(mounts: str, version: int, controllers: set[str], path: str) -> Path | None:
    for root, point, kind, options in _mounts(mounts):
        if kind != ("cgroup" if version == 1 else "cgroup2") or not (version == 2 or controllers <= options):
            continue
        if PurePosixPath(path).is_relative_to(root):
            return Path(point) / PurePosixPath(path).relative_to(root)
    return None


def _mounts(text: str) -> Iterator[tuple[str, str, str, set[str]]]:
    """Root, mount point, type and options of the file system of each mount."""
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        fields, (kind, _, options) = before.split(), after.split(" ", 2)
        yield unescaped(fields[3]), unescaped(fields[4]), kind, set(options.split(","))


def unescaped(name: str) -> str:
    """A path as mountinfo writes it, with spaces and the like as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), name)
