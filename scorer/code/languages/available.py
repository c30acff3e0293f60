"""Which languages this service has: found in the table and the system's folders, then tried behind the walls.

Python works as soon as the sandbox does. Every other language is tried once, one after the other, in the background of
a service that is up already: its version is asked for, and a small program is compiled and run. Until then it counts as
missing in `Info`, and a task that needs it waits for its turn to come.
"""

import asyncio
import logging
from collections.abc import Iterable

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.compile import compile_program
from scorer.code.languages.table import LANGUAGES
from scorer.code.languages.toolchain import Toolchain
from scorer.code.languages.versions import version_of
from scorer.code.runner import Runner
from scorer.errors import MachineLoaded, TaskError
from scorer.kernel.layers import Layer
from scorer.sandbox.errors import SandboxError

_TRIAL_SECONDS = 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 10.0, 600.0
_AGAIN = "it will be tried again"
_PYTHON = "python"

log = logging.getLogger(__name__)


def obstacle(layers: Iterable[Layer], several: bool, scratch: bool) -> str | None:
    """Why a sandbox cannot execute anything but Python; None if it can.

    Args:
        layers: Its layers of isolation.
        several: Whether runs may have several processes.
        scratch: Whether it was given scratch folders.
    """
    active = {layer.name for layer in layers if layer.active}
    if "mount_namespace" not in active and not (scratch and "landlock" in active):
        return "runs have no writable files here; give code.sandbox.scratch one bounded tmpfs for each slot"
    if not several:
        return "the processes of a compiler could not all be ended here: that takes a pid namespace or Landlock ABI 6"
    return None


class _Missing(Exception):  # noqa: N818
    """Why a language cannot be used here."""


class Languages:
    """The languages of one service."""

    def __init__(self, toolchains: Iterable[Toolchain]) -> None:
        self._toolchains = {toolchain.entry.name: toolchain for toolchain in toolchains}
        self._versions: dict[str, str] = {}
        self._missing = dict.fromkeys(LANGUAGES, "it is being tried; ask again soon")
        self._tried = {name: asyncio.Event() for name in LANGUAGES}
        self._trial: asyncio.Task[None] | None = None

    @property
    def exposed(self) -> list[str]:
        """Paths that runs have to see beside the system's, for the sandbox to be started with."""
        return sorted({path for toolchain in self._toolchains.values() for path in toolchain.exposed})

    @property
    def available(self) -> list[pb.Language]:
        """The languages that work."""
        return [pb.Language(name=name, version=self._versions[name]) for name in LANGUAGES if name in self._versions]

    @property
    def missing(self) -> list[pb.Language]:
        """The others, each with what it lacks."""
        return [pb.Language(name=name, detail=detail) for name, detail in self._missing.items()]

    def version(self, name: str) -> str:
        """The version of a language that works; empty for others."""
        return self._versions.get(name, "")

    def start(self, python_version: str, unusable: str | None, compiling: Runner, running: Runner) -> None:
        """Begins to try the languages.

        Args:
            python_version: Of the interpreter that the sandbox runs on.
            unusable: Why the sandbox cannot execute anything but Python; None if it can.
            compiling: Performs runs under the limits of compilers.
            running: Performs runs under the default limits.
        """
        self._settle(_PYTHON, python_version)
        for name in LANGUAGES:
            toolchain = self._toolchains.get(name)
            if name == _PYTHON:
                continue
            if toolchain is None:
                self._give_up(name, "it is switched off by code.languages")
            elif toolchain.lacking:
                lacking = ", ".join(toolchain.lacking)
                self._give_up(name, f"no {lacking} in the system's folders; {_remedy(toolchain)}")
            elif unusable is not None:
                self._give_up(name, unusable)
        self._trial = asyncio.get_running_loop().create_task(self._try_all(compiling, running))

    async def close(self) -> None:
        """Ends what is being tried."""
        if self._trial is not None:
            self._trial.cancel()
            await asyncio.gather(self._trial, return_exceptions=True)

    async def settled(self) -> None:
        """Returns when every language was tried."""
        for tried in self._tried.values():
            await tried.wait()

    async def get(self, name: str, field: str = "code.language") -> Toolchain:
        """The tools of a language, once it was tried.

        Args:
            name: A name of the table.
            field: Where the task names it.

        Raises:
            TaskError: It cannot be used here.
        """
        await self._tried[name].wait()
        if name in self._missing:
            raise TaskError(
                f"language {name!r} cannot be used on this server: {self._missing[name]}",
                field=field,
                code=pb.FAILURE_UNSUPPORTED_LANGUAGE,
            )
        return self._toolchains[name]

    async def _try_all(self, compiling: Runner, running: Runner) -> None:
        """Tries what is left to try; again, ever later, where the machine rather than the language was at fault."""
        left = [name for name, tried in self._tried.items() if not tried.is_set()]
        pause = _FIRST_PAUSE
        while left:
            left = [name for name in left if not await self._try_one(name, compiling, running)]
            await asyncio.sleep(pause if left else 0)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _try_one(self, name: str, compiling: Runner, running: Runner) -> bool:
        """Whether it is known now if the language works."""
        try:
            async with asyncio.timeout(_TRIAL_SECONDS):
                self._settle(name, await _try(self._toolchains[name], compiling, running))
        except _Missing as error:
            self._give_up(name, str(error))
        except TimeoutError:
            self._give_up(name, f"a small program did not come to its end within {_TRIAL_SECONDS:g} s; {_AGAIN}")
            return False
        except (SandboxError, MachineLoaded, OSError) as error:
            log.warning("trying %s: %s", name, error)
            self._give_up(name, f"{str(error).strip().rpartition(chr(10))[2]}; {_AGAIN}")
            return False
        except Exception as error:
            log.exception("trying %s", name)
            self._give_up(name, f"trying it failed: {error}")
        return True

    def _settle(self, name: str, version: str) -> None:
        self._versions[name] = version
        del self._missing[name]
        self._tried[name].set()

    def _give_up(self, name: str, why: str) -> None:
        log.info("language %s cannot be used: %s", name, why)
        self._missing[name] = why
        self._tried[name].set()


async def _try(toolchain: Toolchain, compiling: Runner, running: Runner) -> str:
    """The version of a language that works. Raises _Missing."""
    entry = toolchain.entry
    version = await version_of(toolchain, compiling)
    if version is None:
        command = " ".join(toolchain.command(entry.version, {}, 0))
        raise _Missing(f"{command} does not say a version; {_remedy(toolchain)}")
    program = await compile_program(toolchain, entry.sample, compiling)
    try:
        result = await program.run(running, "")
        failed = await program.failure(result, running.limits)
    finally:
        program.close()
    if failed is not None:
        raise _Missing(f"a small program does not work behind the walls: {failed.detail}")
    if result.stdout.strip() != b"ok":
        raise _Missing("a small program does not write what it should")
    return version


def _remedy(toolchain: Toolchain) -> str:
    return f"install {toolchain.entry.packages} (names of Debian's packages)"
