"""A place for one run at a time: a slot and, where packages are preloaded, one more that has them loaded.

A fork costs more the more is loaded, so only programs that may use the packages are forked from what has them. Which
these are is told by their texts: see `Packages.are_named_in`.
"""

from pathlib import Path
from typing import Self

from scorer.sandbox.guest.setup import Setup
from scorer.sandbox.packages import Packages
from scorer.sandbox.run import Request, Result
from scorer.sandbox.slot import Slot


class Place:
    """Has its slots take turns; not usable again once a method has raised SandboxError."""

    def __init__(self, slots: list[Slot], packages: Packages, *, shares_files: bool) -> None:
        """Use `start`."""
        self.slots = slots
        """One or two, the second with packages."""
        self._packages = packages
        self._shares_files = shares_files
        self._last = slots[0]

    @classmethod
    async def start(cls, python: Path | None, setups: list[Setup], packages: Packages, grace_seconds: float) -> Self:
        """Starts its slots.

        Args:
            python: Interpreter of the programs; None for that of the service.
            setups: Of each slot.
            packages: Which of the programs need the second.
            grace_seconds: How long past a run's wall limit a slot may take to report.

        Raises:
            SandboxError: One does not come up.
        """
        slots: list[Slot] = []
        try:
            for setup in setups:
                slots.append(await Slot.start(python, setup, grace_seconds))
        except BaseException:
            for slot in slots:
                await slot.close()
            raise
        return cls(slots, packages, shares_files=setups[0].scratch is not None)

    def is_idle_and_alive(self) -> bool:
        """Whether a run can begin."""
        return all(slot.is_idle_and_alive() for slot in self.slots)

    async def run(self, request: Request) -> Result:
        """Performs a run. When the awaiting task is cancelled the run goes on until `abort`.

        Raises:
            SandboxError: A slot died, failed or does not answer.
        """
        slot = self.slots[-1 if len(self.slots) > 1 and self._may_use_packages(request) else 0]
        if slot is not self._last:
            if self._shares_files:
                await self._last.settle()
            self._last = slot
        return await slot.run(request)

    def _may_use_packages(self, request: Request) -> bool:
        if request.executes:
            return False
        return any(self._packages.are_named_in(text) for text in (request.payload, request.script) if text is not None)

    async def abort(self) -> None:
        """Ends the run that a cancelled `run` left behind. Raises SandboxError when the place must be replaced."""
        await self._last.abort()

    async def close(self) -> None:
        """Ends everything in it."""
        for slot in self.slots:
            await slot.close()
