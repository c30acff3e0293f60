"""Control groups for the slots, where the service's own group is delegated to it: one below it for each slot.

Nothing outside of the service's own group is ever touched. Version 2 lets a group with processes share nothing out, so
there the service moves itself into a group below its own; only if all processes of its group are its own.
"""

import asyncio
import contextlib
import errno
import fcntl
import itertools
import os
import re
import signal
import time
from collections.abc import Collection
from pathlib import Path

from scorer.kernel.cgroups import Own, own_groups

_SERVICE = "codaserve-service"
_SLOT = re.compile(r"codaserve-slot-\d+-\d+-\d+")
_NUMBERS = itertools.count()
_SHARED_OUT = ("memory", "pids")
_PATIENCE_SECONDS = 2.0
_PAUSE_SECONDS = 0.01
_TRIES = 50


class Cgroups:
    """Makes and removes the groups of slots."""

    def __init__(self, own_parents: Collection[int] = ()) -> None:
        """Finds out what is delegated, and removes what a service that was killed left behind.

        Args:
            own_parents: Pids of processes above the service that belong to it and may be moved with it.
        """
        self.reason = ""
        """Why there are no groups; empty if there are."""
        self._name = f"codaserve-slot-{os.getpid()}-{next(_NUMBERS)}"
        self._held: dict[Path, int] = {}
        self._moved_from: Path | None = None
        self._parents: dict[str, Path] = {}
        try:
            own = own_groups(Path("/proc/self/cgroup").read_text(), Path("/proc/self/mountinfo").read_text())
        except OSError as error:
            self.reason = f"the service's own group cannot be found: {error}"
            return
        if "memory" not in own:
            self.reason = "no control group of the service for memory is shown below /sys/fs/cgroup"
            return
        self.reason = self._claim(own["memory"], own_parents)
        if self.reason:
            return
        for name, group in own.items():
            if group == own["memory"] or (group.version == 1 and os.access(group.folder, os.W_OK)):
                self._parents[name] = group.folder
        for folder in self._folders():
            _remove_leftovers(folder)

    def make(self, index: int) -> dict[str, str]:
        """The folders of a slot's groups by controller, see `Setup.cgroups`; empty where there are none.

        Raises:
            OSError: A group cannot be made.
        """
        for folder in self._folders():
            self._hold(folder / f"{self._name}-{index}")
        return {name: str(folder / f"{self._name}-{index}") for name, folder in self._parents.items()}

    async def remove(self, index: int) -> None:
        """Ends whatever is still in a slot's groups and removes them, if the kernel lets go of them in time."""
        deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        for folder in self._folders():
            group = folder / f"{self._name}-{index}"
            while not _removed(group):
                if asyncio.get_running_loop().time() >= deadline:
                    break  # the next start removes it
                await asyncio.sleep(_PAUSE_SECONDS)
            if group in self._held:
                os.close(self._held.pop(group))

    def _hold(self, group: Path) -> None:
        """Makes a group and locks it, by which other services know that it is in use.

        Pids would not do: those of another pid namespace mean nothing here.
        """
        for _ in range(_TRIES):
            group.mkdir(exist_ok=True)
            with contextlib.suppress(OSError):
                descriptor = os.open(group, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    if group.stat().st_ino == os.fstat(descriptor).st_ino:
                        self._held[group] = descriptor
                        return
                except OSError:
                    os.close(descriptor)
                    raise
                os.close(descriptor)
            time.sleep(_PAUSE_SECONDS)  # another service took it for a leftover before it was locked
        raise OSError(f"{group} cannot be locked")

    def close(self) -> None:
        """Moves the service back to where it was; all slots must be removed."""
        if self._moved_from is None:
            return
        folder, self._moved_from = self._moved_from, None
        with contextlib.suppress(OSError):
            (folder / "cgroup.subtree_control").write_text(" ".join(f"-{name}" for name in _SHARED_OUT))
            for pid in _processes(folder / _SERVICE):
                with contextlib.suppress(ProcessLookupError):
                    (folder / "cgroup.procs").write_text(str(pid))
            (folder / _SERVICE).rmdir()

    def _folders(self) -> Collection[Path]:
        return dict.fromkeys(self._parents.values())

    def _claim(self, own: Own, own_parents: Collection[int]) -> str:
        """Makes the service's group ready to have others below it; or says why it is not to be."""
        if own.version == 1:
            return "" if os.access(own.folder, os.W_OK) else f"{own.folder} is not delegated: it cannot be written"
        try:
            return self._claim_second(own, own_parents)
        except OSError as error:
            return f"{own.folder} cannot be used: {error}"

    def _claim_second(self, own: Own, own_parents: Collection[int]) -> str:
        folder = own.folder
        if not all(os.access(folder / name, os.W_OK) for name in (".", "cgroup.procs", "cgroup.subtree_control")):
            return f"{folder} is not delegated: it cannot be written"
        if set(_SHARED_OUT) <= set((folder / "cgroup.subtree_control").read_text().split()):
            return ""
        if not (folder / "cgroup.events").exists():
            return f"{folder} is the whole machine's; start the service in a group that is delegated to it"
        if not own.is_top and not _is_delegated(folder):
            return f"{folder} is not delegated (under systemd: Delegate=yes)"
        if missing := set(_SHARED_OUT) - set((folder / "cgroup.controllers").read_text().split()):
            return f"{folder} is not given the controllers {', '.join(sorted(missing))}"
        processes = _processes(folder)
        if foreign := processes - _family() - set(own_parents):
            return f"{folder} has processes that are not the service's ({', '.join(map(str, sorted(foreign)))})"
        (folder / _SERVICE).mkdir(exist_ok=True)
        self._moved_from = folder
        for pid in processes:
            with contextlib.suppress(ProcessLookupError):
                (folder / _SERVICE / "cgroup.procs").write_text(str(pid))
        try:
            (folder / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in _SHARED_OUT))
        except OSError:
            self.close()
            raise
        return ""


def _is_delegated(folder: Path) -> bool:
    for attribute in ("user.delegate", "trusted.delegate"):
        with contextlib.suppress(OSError):
            if os.getxattr(folder, attribute) == b"1":
                return True
    return os.getuid() != 0 and folder.stat().st_uid == os.getuid()


def _processes(group: Path) -> set[int]:
    return set(map(int, (group / "cgroup.procs").read_text().split()))


def _family() -> set[int]:
    """This process and all below it."""
    found: set[int] = set()
    waiting = {os.getpid()}
    while waiting:
        pid = waiting.pop()
        found.add(pid)
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{pid}/task").iterdir():
                waiting |= set(map(int, (thread / "children").read_text().split()))
    return found


def _remove_leftovers(folder: Path) -> None:
    for group in folder.iterdir():
        if not _SLOT.fullmatch(group.name):
            continue
        try:
            descriptor = os.open(group, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _removed(group)
        except BlockingIOError:
            pass  # of a service that runs
        finally:
            os.close(descriptor)


def _removed(group: Path) -> bool:
    """Ends a group's processes and removes it; False as long as the kernel is not done with them, or refuses."""
    try:
        if (group / "cgroup.kill").exists():
            (group / "cgroup.kill").write_text("1")
        else:
            for pid in _processes(group):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        group.rmdir()
    except OSError as error:
        return error.errno in (errno.ENOENT, errno.ENODEV)  # somebody else removed it
    return True
