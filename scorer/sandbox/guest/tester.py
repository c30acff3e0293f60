"""The process of a script of assertions. The program that it tests is in another one, behind walls of its own."""

import builtins
import os
from typing import Any, NoReturn

from scorer.sandbox.guest import frames, orders
from scorer.sandbox.guest.failures import describe, module
from scorer.sandbox.guest.link import Link
from scorer.sandbox.guest.remote import Remote
from scorer.sandbox.guest.scripts import Script, TaskFaultError
from scorer.sandbox.guest.unit_tests import UnitTestsFailedError

LINK = 5


def run(payload: bytes, channel_bytes: int) -> NoReturn:
    """Runs the script, tells the service by frames how it ended, and ends the process.

    Args:
        payload: JSON: "setup", "script", "entry_point".
        channel_bytes: Most bytes of one frame, and of one answer of the program.
    """
    writer = frames.Writer(channel_bytes)
    try:
        _run(orders.read(payload), writer, channel_bytes)
    finally:
        os._exit(0)


def _run(task: dict[str, Any], writer: frames.Writer, most_bytes: int) -> None:
    entry_point = task["entry_point"]
    try:
        script = Script(task["setup"], task["script"])
        namespace = module("candidate")
        script.set_up(namespace)
    except TaskFaultError as fault:
        writer.write("task", *fault.args)
        return
    writer.write("ready")
    remote = Remote(Link(LINK, most_bytes), writer, namespace)
    # What the setup defines and what Python has built in is the script's own, whatever the program says.
    foreign = {name for name in script.names if name not in namespace and not hasattr(builtins, name)} - {entry_point}
    namespace.update(remote.load(foreign, entry_point, script.has_members))
    try:
        script.run(namespace, namespace.get(entry_point))
    except UnitTestsFailedError as failed:
        writer.write("tests", *failed.args)
        return
    except BaseException as error:  # noqa: BLE001 - whatever the script raises
        writer.write("error", 0.0, 0.0, *(remote.origin(error) or describe(error)))
        return
    writer.write("end")
