"""The version of a language's tools, as they say it themselves."""

import dataclasses
import json
import re

from scorer.code.languages.toolchain import Toolchain
from scorer.code.runner import Runner
from scorer.sandbox.run import Request

_VERSION = re.compile(r"\d+(?:\.\d+)+")
_LONGEST = 64


async def version_of(toolchain: Toolchain, runner: Runner) -> str | None:
    """Runs the entry's version command behind the walls; None if it does not say a version.

    Raises:
        SandboxError: It cannot be run.
        MachineLoaded: The machine slowed it twice.
    """
    limits = dataclasses.replace(runner.sandbox_limits(), reserve=False)
    payload = {
        "kind": "execute",
        "argv": toolchain.command(toolchain.entry.version, {}, limits.memory_bytes),
        "environment": toolchain.environment({}, limits.memory_bytes),
        "file": None,
    }
    result = await runner.perform(Request(json.dumps(payload).encode(), None, limits, executes=True))
    if result.exit != 0:
        return None
    said = (result.stdout + b"\n" + result.stderr).decode("utf-8", "replace")
    found = _VERSION.search(said)
    return found[0][:_LONGEST] if found else None
