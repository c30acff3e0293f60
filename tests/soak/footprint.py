"""What a service holds of the machine: processes, descriptors, memory, mounts, files, control groups."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PLACES = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))


@dataclass(frozen=True)
class Footprint:
    """At one moment."""

    processes: int
    """The service's own and all below it."""
    descriptors: int
    """Open in all of them."""
    memory_bytes: int
    """Proportional set size of all of them."""
    mounts: int
    """In the mount namespaces of all of them."""
    files: frozenset[str]
    """In the service's temporary folder, and in folders that everybody may write to those of the runs' users."""
    control_groups: frozenset[str]
    """Of the service."""


def of_service(pid: int, uids: range, temporary: Path) -> Footprint:
    """Measures a service; needs root.

    Args:
        pid: Its process.
        uids: Users that runs may have.
        temporary: Its folder for temporary files.
    """
    tree = [pid, *descendants(pid)]
    mounts = sum(len(_lines(f"/proc/{member}/mountinfo")) for member in tree)
    files = frozenset(map(str, [*temporary.rglob("*"), *(path for place in _PLACES for path in _owned(place, uids))]))
    groups = frozenset(str(path) for path in Path("/sys/fs/cgroup").rglob(f"codaserve-slot-{pid}-*"))
    return Footprint(len(tree), sum(map(_descriptors, tree)), memory(pid), mounts, files, groups)


def memory(pid: int) -> int:
    """Proportional set size of a process with all below it, bytes; needs root."""
    return sum(_pss(member) for member in [pid, *descendants(pid)])


def descendants(pid: int) -> list[int]:
    """Process ids below `pid`, zombies included."""
    children: dict[int, list[int]] = {}
    for other, fields in _processes():
        children.setdefault(int(fields[1]), []).append(other)
    found = []
    todo = [pid]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def running(pid: int) -> bool:
    """Whether a process is there and has not ended: one that nobody has waited for yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def command(pid: int) -> str:
    """Its command line, for people."""
    return " ".join(_lines(f"/proc/{pid}/cmdline")).replace("\0", " ")


def of_users(uids: range) -> set[int]:
    """Processes of these users, wherever they are."""
    found = set()
    for pid, _ in _processes():
        try:
            if Path(f"/proc/{pid}").stat().st_uid in uids:
                found.add(pid)
        except OSError:
            continue  # ended while we looked
    return found


def _processes() -> Iterator[tuple[int, list[str]]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            yield int(folder.name), (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # ended while we looked


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def _pss(pid: int) -> int:
    return sum(int(line.split()[1]) * 1024 for line in _lines(f"/proc/{pid}/smaps_rollup") if line.startswith("Pss:"))


def _descriptors(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208, links of a foreign process
    except OSError:
        return 0


def _owned(folder: Path, owners: range) -> Iterator[Path]:
    for path in folder.iterdir():
        try:
            if path.lstat().st_uid in owners:
                yield path
        except OSError:
            continue  # removed while we looked
