"""Runs a Python candidate, by the kind of its tests. Everything here happens behind the walls, in the run."""

import atexit
import gc
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from inspect import iscoroutine
from types import CodeType
from typing import Any, NoReturn

from scorer.sandbox.guest import called, codec, crossing, frames, orders
from scorer.sandbox.guest.failures import COMPILE_ERRORS, PROGRAM, compile_text, describe, describe_syntax, module
from scorer.sandbox.guest.scripts import Script, TaskFaultError
from scorer.sandbox.guest.unit_tests import UnitTestsFailedError

_NO_CHANNEL = 81


def run(payload: bytes, channel_bytes: int) -> NoReturn:
    """Runs what the payload says, tells the service by frames and ends the process.

    Args:
        payload: JSON: "kind" ("stdio", "calls", "asserts" or "literals"), "source" and what the kind needs.
        channel_bytes: Most bytes of one frame.
    """
    writer = frames.Writer(channel_bytes)
    status = 1
    try:
        task = orders.read(payload)
        status = _KINDS[task["kind"]](task, writer)
        _leave(status)
    except MemoryError:
        writer.write_out_of_memory()
    except OSError:
        status = _NO_CHANNEL  # the candidate closed the channel
    finally:
        os._exit(status)


def _leave(status: int) -> NoReturn:
    """What the interpreter does at its end, as far as a candidate can see it."""
    threading = sys.modules.get("threading")
    if threading is not None:
        threading._shutdown()
    atexit._run_exitfuncs()
    for name in ("stdout", "stderr"):
        if not _flush(getattr(sys, name, None)):
            status = status or 120  # as the interpreter does
        _flush(getattr(sys, f"__{name}__", None))  # replaced ones are flushed as they are freed
    os._exit(status)


def _flush(stream: Any) -> bool:
    """Whether nothing was lost. A stream that the program has closed or removed is none to flush."""
    try:
        if stream is not None and not getattr(stream, "closed", False):
            stream.flush()
    except BaseException:  # noqa: BLE001 - it may be the candidate's own
        return False
    return True


class _Failed(Exception):  # noqa: N818
    """Something was reported; the run is over."""


def _compile_source(task: dict[str, Any], writer: frames.Writer) -> CodeType:
    try:
        return compile_text(task["source"], PROGRAM)
    except COMPILE_ERRORS as error:
        writer.write("compile", describe_syntax(error))
        raise _Failed from error


def _report(writer: frames.Writer, error: BaseException, wall: float = 0.0, cpu: float = 0.0) -> None:
    """Sends an exception as a frame."""
    if isinstance(error, MemoryError):
        error.__traceback__ = None
        gc.collect()
        writer.write_out_of_memory()
        return
    writer.write("error", wall, cpu, *describe(error))


def _stdio(task: dict[str, Any], writer: frames.Writer) -> int:
    writer.write("ready")
    try:
        code = _compile_source(task, writer)
    except _Failed:
        return 1
    namespace = module("__main__")
    try:
        exec(code, namespace)
    except SystemExit as error:
        return _exit_status(error)
    except BaseException as error:  # noqa: BLE001 - whatever the candidate raises
        _report(writer, error)
        try:
            traceback.print_exception(error)
        except BaseException:  # noqa: BLE001 - its standard error may be closed
            return 1
        return 1
    return 0


def _exit_status(error: SystemExit) -> int:
    if error.code is None:
        return 0
    return error.code & 0xFF if isinstance(error.code, int) else 1


def _entry_point(task: dict[str, Any], namespace: dict[str, Any], writer: frames.Writer) -> Callable[..., Any]:
    try:
        return called.find(namespace, task["entry_point"])
    except called.MissingError as error:
        writer.write("missing", *error.args)
        raise _Failed from error


def _calls(task: dict[str, Any], writer: frames.Writer) -> int:
    writer.write("ready")
    try:
        code = _compile_source(task, writer)
        namespace = module("candidate")
        exec(code, namespace)
        function = _entry_point(task, namespace, writer)
        writer.write("loaded")
    except _Failed:
        return 1
    except BaseException as error:  # noqa: BLE001 - whatever the candidate raises
        _report(writer, error)
        return 1
    for arguments, keywords in task["cases"]:
        if not _call(function, json.loads(arguments or "[]"), json.loads(keywords or "{}"), writer) and task["stop"]:
            return 1
    writer.write("end")
    return 0


def _call(function: Callable[..., Any], positional: list[Any], named: dict[str, Any], writer: frames.Writer) -> bool:
    wall, cpu = time.monotonic(), time.process_time()
    try:
        value = function(*positional, **named)
        if iscoroutine(value):
            import asyncio  # slow to import, and rarely needed

            value = asyncio.run(value)
        spent = (time.monotonic() - wall, time.process_time() - cpu)
        writer.write("value", *spent, value)
    except codec.NotPlainError as error:
        writer.write("invalid", time.monotonic() - wall, time.process_time() - cpu, str(error))
        return False
    except BaseException as error:  # noqa: BLE001 - whatever the candidate raises
        _report(writer, error, time.monotonic() - wall, time.process_time() - cpu)
        return False
    return True


def _asserts(task: dict[str, Any], writer: frames.Writer) -> int:
    """The script in one process with the program, which can deceive it."""
    namespace = module("candidate")
    try:
        script = Script(task["setup"], task["script"])
        script.set_up(namespace)
    except TaskFaultError as fault:
        writer.write("task", *fault.args)
        return 1
    writer.write("ready")
    try:
        exec(_compile_source(task, writer), namespace)
        script.run(namespace, _entry_point(task, namespace, writer) if task["entry_point"] else None)
    except _Failed:
        return 1
    except UnitTestsFailedError as failed:
        writer.write("tests", *failed.args)
        return 1
    except BaseException as error:  # noqa: BLE001 - whatever the candidate or the script raises
        _report(writer, error)
        return 1
    writer.write("end")
    return 0


def _literals(task: dict[str, Any], writer: frames.Writer) -> int:
    """The calls of a script whose assertions are judged in the service."""
    namespace = module("candidate")
    try:
        setup = Script(task["setup"], "")
        setup.set_up(namespace)
    except TaskFaultError as fault:
        writer.write("task", *fault.args)
        return 1
    if setup.is_late:
        writer.write("late")
        return 1
    calls = crossing.Reader(bytes.fromhex(task["calls"]), most_items=len(task["calls"])).read_only()
    writer.write("ready")
    try:
        exec(_compile_source(task, writer), namespace)
        function = _entry_point(task, namespace, writer)
        writer.write("loaded")
        for positional, named in calls:
            value = crossing.Writer(writer.most_bytes)
            value.write(function(*positional, **dict(named)))
            writer.write("value", 0.0, 0.0, value.finish())
    except _Failed:
        return 1
    except codec.NotPlainError as error:
        writer.write("invalid", 0.0, 0.0, str(error))
        return 1
    except BaseException as error:  # noqa: BLE001 - whatever the candidate raises
        _report(writer, error)
        return 1
    return 0


_KINDS: dict[str, Callable[[dict[str, Any], frames.Writer], int]] = {
    "stdio": _stdio,
    "calls": _calls,
    "asserts": _asserts,
    "literals": _literals,
}
