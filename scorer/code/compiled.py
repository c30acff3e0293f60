"""Compiled checkers of the last tasks: many items of a data set have the same one, and compiling takes a second."""

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from weakref import WeakValueDictionary

from scorer import metrics
from scorer.code.compile import compile_program
from scorer.code.languages.program import ExecutedProgram, RejectedProgram
from scorer.code.languages.toolchain import Toolchain
from scorer.code.runner import Runner

_MOST = 32
_MOST_BYTES = 128 << 20


@dataclass(eq=False)
class Shared:
    """A program that several items may use at one time.

    Attributes:
        program: What compiling gave.
        users: Items that use it now.
        kept: Whether it is to outlive them.
    """

    program: ExecutedProgram | RejectedProgram
    users: int = 1
    kept: bool = False


class CompiledPrograms:
    """Programs by language and content, the latest ones, as long as they are few and small together."""

    def __init__(self, most: int = _MOST, most_bytes: int = _MOST_BYTES) -> None:
        """Args:
        most: How many are kept; each takes a descriptor.
        most_bytes: How large they may be together, in memory.
        """
        self._most = most
        self._most_bytes = most_bytes
        self._kept: OrderedDict[tuple[str, bytes], tuple[Shared, int]] = OrderedDict()
        self._bytes = 0
        self._compiling: WeakValueDictionary[tuple[str, bytes], asyncio.Lock] = WeakValueDictionary()

    async def take(self, toolchain: Toolchain, source: str, runner: Runner) -> Shared:
        """The program, compiled unless it is kept, to be given back. One that was rejected is not kept.

        Args:
            toolchain: Of its language.
            source: Its text.
            runner: Performs the compiler's run.

        Raises:
            SandboxError: The compiler could not be run.
            MachineLoaded: The machine slowed it twice.
        """
        key = toolchain.entry.name, hashlib.sha256(source.encode("utf-8", "replace")).digest()
        lock = self._compiling.setdefault(key, asyncio.Lock())
        async with lock:
            metrics.LOOKUPS.labels("checkers", "hit" if key in self._kept else "miss").inc()
            if key in self._kept:
                self._kept.move_to_end(key)
                shared, _ = self._kept[key]
                shared.users += 1
                return shared
            shared = Shared(await compile_program(toolchain, source, runner))
            if isinstance(shared.program, ExecutedProgram):
                shared.kept = True
                self._kept[key] = shared, shared.program.artifact.size
                self._bytes += shared.program.artifact.size
                while len(self._kept) > self._most or self._bytes > self._most_bytes:
                    self._drop_oldest()
            return shared

    def give_back(self, shared: Shared) -> None:
        """Ends an item's use of a program."""
        shared.users -= 1
        _close_if_unused(shared)

    def close(self) -> None:
        """Frees all programs that no item uses, and the others when they are given back."""
        while self._kept:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        _, (shared, size) = self._kept.popitem(last=False)
        self._bytes -= size
        shared.kept = False
        _close_if_unused(shared)


def _close_if_unused(shared: Shared) -> None:
    if not shared.kept and shared.users == 0:
        shared.program.close()
