"""The slots together: who runs next, and what happens to a slot that broke."""

import asyncio
import ctypes
import logging
import os
import socket
from collections.abc import Collection, Coroutine, Sequence

from scorer import init, metrics
from scorer.kernel.layers import Layer
from scorer.sandbox import packages, scratch, uids
from scorer.sandbox.cgroups import Cgroups
from scorer.sandbox.errors import IsolationError, SandboxError
from scorer.sandbox.guest.setup import Setup
from scorer.sandbox.packages import Packages
from scorer.sandbox.place import Place
from scorer.sandbox.run import Request, Result
from scorer.sandbox.settings import SandboxSettings

_PR_SET_DUMPABLE = 4
_LONGEST_PAUSE = 5.0
_ATTEMPTS = 3

log = logging.getLogger(__name__)


class SlotPool:
    """A fixed number of slots, handed out first come, first served."""

    def __init__(self, settings: SandboxSettings, exposed: Collection[str] = ()) -> None:
        """Args:
        settings: How it is to be.
        exposed: Paths that runs may read beside the system's programs and libraries.
        """
        self._settings = settings
        self._exposed = list(exposed)
        self._packages = Packages((), ())
        self._cgroups: Cgroups | None = None
        self._held: list[int] = []
        self._uids: dict[int, socket.socket] = {}
        self.size = settings.slots or len(os.sched_getaffinity(0))
        self.layers: list[Layer] = []
        self.python_version = ""
        self.preloaded: list[str] = []
        """Packages that Python programs find loaded, with their versions."""
        self.several = False
        """Whether runs may have several processes: whether a tree of them can be ended as a whole."""
        self._free: asyncio.Queue[tuple[int, Place]] = asyncio.Queue()
        self._places: dict[int, Place] = {}
        self._broken: set[int] = set()
        self._chores: set[asyncio.Task[None]] = set()
        self._closed = False

    async def start(self) -> None:
        """Starts all slots.

        Raises:
            IsolationError: A required layer is not in force.
            SandboxError: A slot does not come up, or the scratch folders cannot be used.
        """
        _hide_memory_and_environment()
        try:
            settings = self._settings
            self._packages = packages.find(settings.packages, settings.preload, settings.python is None)
            self._held = scratch.claim(self._settings.scratch, self.size)
            if os.getuid() == 0:  # nobody else can change to them
                self._uids = uids.claim(settings.isolation.first_uid, self.size)
            if "cgroups" not in self._settings.isolation.without:
                self._cgroups = Cgroups(init.own_parents())
            # The first alone: when it fails, it fails for a reason that holds for all.
            await self._add(0)
            first, loaded = self._places[0].slots[0], self._places[0].slots[-1]
            self.layers = first.layers
            self.python_version = first.python_version
            self.several = first.several
            self.preloaded = loaded.preloaded
            await asyncio.gather(*(self._add(index) for index in range(1, self.size)))
        except BaseException:
            await self.close()
            raise

    async def run(self, request: Request) -> Result:
        """Performs a run on the next free slot, again on another if the slot broke under it.

        A cancelled caller's run is ended at once.

        Raises:
            SandboxError: So many slots broke that it is no accident.
        """
        for _ in range(_ATTEMPTS - 1):
            try:
                return await self._run_once(request)
            except SandboxError as error:
                log.warning("a slot broke and is replaced: %s", error)
        return await self._run_once(request)

    async def _run_once(self, request: Request) -> Result:
        index, place = await self._take()
        try:
            result = await place.run(request)
        except SandboxError:
            self._do(self._replace(index))
            raise
        except BaseException:
            self._do(self._abort(index))
            raise
        self._free.put_nowait((index, place))
        metrics.RUNS.labels("none" if result.limit is None else result.limit.value).inc()
        metrics.RUN_CPU_SECONDS.inc(result.cpu_seconds)
        return result

    async def _take(self) -> tuple[int, Place]:
        while not self._closed:
            index, place = await self._free.get()
            if place.is_idle_and_alive():
                return index, place
            self._do(self._replace(index))
        raise SandboxError("the sandbox is closed")

    @property
    def is_warm(self) -> bool:
        """Whether there is a slot that is not being replaced."""
        return len(self._broken) < len(self._places)

    async def close(self) -> None:
        """Ends every slot with whatever runs in it."""
        self._closed = True
        for chore in list(self._chores):
            chore.cancel()
        await asyncio.gather(*self._chores, return_exceptions=True)
        await asyncio.gather(*(self._end(index) for index in range(self.size)))
        self._places.clear()
        if self._cgroups is not None:
            self._cgroups.close()
        for descriptor in self._held:
            os.close(descriptor)
        self._held.clear()
        for holder in self._uids.values():
            holder.close()
        self._uids.clear()

    def _do(self, chore: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    async def _add(self, index: int) -> None:
        setups = [self._setup(index, ())]
        if self._settings.preload:
            setups.append(self._setup(index, self._settings.preload))
        place = await Place.start(self._settings.python, setups, self._packages, self._settings.grace_seconds)
        self._places[index] = place
        for slot in place.slots:
            check_required(slot.layers, self._settings.isolation.require)
            check_kept(slot.layers, self.layers or place.slots[0].layers)
        metrics.SLOTS_STARTED.inc()
        self._broken.discard(index)
        self._free.put_nowait((index, place))

    def _setup(self, index: int, preload: Sequence[str]) -> Setup:
        groups: dict[str, str] = {}
        reason = ""
        if self._cgroups is not None:
            reason = self._cgroups.reason
            try:
                groups = self._cgroups.make(self._group(index, loaded=bool(preload)))
            except OSError as error:
                reason = str(error)
        folders = self._settings.scratch
        return Setup(
            run_uid=list(self._uids)[index] if self._uids else os.getuid(),
            without=self._settings.isolation.without,
            exposed=[*self._exposed, *self._packages.exposed],
            path=self._packages.path,
            preload=preload,
            scratch=str(folders[index].resolve()) if folders else None,
            cgroups=groups,
            no_cgroups=reason,
        )

    def _group(self, index: int, *, loaded: bool) -> int:
        """The number of a slot's control groups: each has its own, since what a template uses counts there."""
        return index + self.size * loaded

    async def _end(self, index: int) -> None:
        if index in self._places:
            await self._places[index].close()
        if self._cgroups is not None:
            for loaded in {False, bool(self._settings.preload)}:
                await self._cgroups.remove(self._group(index, loaded=loaded))

    async def _abort(self, index: int) -> None:
        place = self._places[index]
        try:
            await place.abort()
        except Exception as error:  # noqa: BLE001 - see `_replace`
            log.warning("a slot did not end its run and is replaced: %s", error)
            await self._replace(index)
        else:
            self._free.put_nowait((index, place))

    async def _replace(self, index: int) -> None:
        metrics.SLOTS_BROKEN.inc()
        self._broken.add(index)
        pause = 0.1
        while not self._closed:
            try:
                await self._end(index)
                await self._add(index)
            except Exception as error:  # noqa: BLE001 - whatever it is, a slot that is given up never comes back
                log.error("slot %d does not come up again, next try in %g s: %s", index, pause, error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                return


def check_required(layers: list[Layer], required: Sequence[str]) -> None:
    """Refuses to go on without the demanded layers; `a|b` demands one of both.

    Raises:
        IsolationError: Names the layer, why it is not in force and what to do.
    """
    found = {layer.name: layer for layer in layers}
    for entry in required:
        names = entry.split("|")
        if not any(found[name].active for name in names):
            reasons = "; ".join(f"{name}: {found[name].detail}" for name in names)
            raise IsolationError(
                f"isolation.require asks for {' or '.join(names)}, which this machine does not give ({reasons}); "
                "run with more rights, or require less where candidates may be trusted"
            )


def check_kept(layers: list[Layer], before: list[Layer]) -> None:
    """Refuses a slot that lacks a layer which others have, so that what `Info` says holds for every run.

    Raises:
        IsolationError: Names the layer and why it is not in force.
    """
    had = {layer.name for layer in before if layer.active}
    if lost := [f"{layer.name}: {layer.detail}" for layer in layers if layer.name in had and not layer.active]:
        raise IsolationError(f"a new slot lacks what the first one had ({'; '.join(lost)})")


def _hide_memory_and_environment() -> None:
    """Makes /proc/<service>/environ, mem and their like unreadable for processes of the same user."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(ctypes.c_int(_PR_SET_DUMPABLE), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
        raise SandboxError(f"prctl(PR_SET_DUMPABLE): {os.strerror(ctypes.get_errno())}")
