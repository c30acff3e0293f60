"""Runs a Python candidate, by the kind of its tests. Everything here happens behind the walls, in the run."""

import atexit
import builtins
import gc
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from inspect import Parameter, iscoroutine, signature
from types import CodeType, ModuleType
from typing import Any, NoReturn

from scorer.sandbox.guest import codec, frames

PROGRAM, SETUP, SCRIPT = "<program>", "<setup>", "<script>"
_MESSAGE = 500
_NO_CHANNEL = 81


def run(payload: bytes, channel_bytes: int) -> NoReturn:
    """Runs what the payload says, tells the service by frames and ends the process.

    Args:
        payload: JSON: "kind" ("stdio", "calls" or "asserts"), "source" and what the kind needs.
        channel_bytes: Most bytes of one frame.
    """
    writer = frames.Writer(channel_bytes)
    status = 1
    try:
        task = json.loads(payload)
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


def _compile(text: str, name: str) -> CodeType:
    return compile(text, name, "exec", dont_inherit=True)


def _compile_source(task: dict[str, Any], writer: frames.Writer) -> CodeType:
    try:
        return _compile(task["source"], PROGRAM)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        writer.write("compile", _describe_syntax(error))
        raise _Failed from error


def _describe_syntax(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} (line {error.lineno})"[:_MESSAGE]
    if isinstance(error, (RecursionError, MemoryError)):
        return "the program is too deeply nested or too large to be compiled"
    return f"{type(error).__name__}: {error}"[:_MESSAGE]


def _module(name: str) -> dict[str, Any]:
    module = ModuleType(name)
    module.__dict__["__builtins__"] = builtins
    sys.modules[name] = module
    return module.__dict__


def _report(writer: frames.Writer, error: BaseException, wall: float = 0.0, cpu: float = 0.0) -> None:
    """Sends an exception as a frame."""
    if isinstance(error, MemoryError):
        error.__traceback__ = None
        gc.collect()
        writer.write_out_of_memory()
        return
    place, line = _place(error)
    try:
        text = str(error)[:_MESSAGE]
    except BaseException:  # noqa: BLE001 - the candidate's own __str__
        text = ""
    number = error.errno if isinstance(error, OSError) and type(error.errno) is int else 0
    name = type(error).__name__
    writer.write("error", wall, cpu, str(name)[:_MESSAGE], text, number, f"{place}:{line}")


def _place(error: BaseException) -> tuple[str, int]:
    found = ("", 0)
    step = error.__traceback__
    while step is not None:
        name = step.tb_frame.f_code.co_filename
        if name in (PROGRAM, SETUP, SCRIPT):
            found = (name[1:-1], step.tb_lineno)
        step = step.tb_next
    return found


def _stdio(task: dict[str, Any], writer: frames.Writer) -> int:
    writer.write("ready")
    try:
        code = _compile_source(task, writer)
    except _Failed:
        return 1
    namespace = _module("__main__")
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
    function = namespace.get(task["entry_point"])
    if not callable(function):
        writer.write("missing")
        raise _Failed
    return function  # type: ignore[no-any-return]


def _calls(task: dict[str, Any], writer: frames.Writer) -> int:
    writer.write("ready")
    try:
        code = _compile_source(task, writer)
        namespace = _module("candidate")
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
    namespace = _module("candidate")
    compiled = {}
    for field in ("setup", "script"):
        try:
            compiled[field] = _compile(task[field], f"<{field}>")
        except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
            writer.write("task", field, f"does not compile: {_describe_syntax(error)}")
            return 1
    try:
        exec(compiled["setup"], namespace)
    except BaseException as error:  # noqa: BLE001 - whatever the setup raises
        writer.write("task", "setup", f"failed: {type(error).__name__}: {error}"[:_MESSAGE])
        return 1
    writer.write("ready")
    try:
        code = _compile_source(task, writer)
        exec(code, namespace)
        function = _entry_point(task, namespace, writer) if task["entry_point"] else None
        before = namespace.get("check")
        exec(compiled["script"], namespace)
        check = namespace.get("check")
        if callable(check) and check is not before and function is not None and _takes_one(check):
            checked = check(function)
            if iscoroutine(checked):
                import asyncio  # slow to import, and rarely needed

                asyncio.run(checked)
    except _Failed:
        return 1
    except BaseException as error:  # noqa: BLE001 - whatever the candidate or the script raises
        _report(writer, error)
        return 1
    writer.write("end")
    return 0


def _takes_one(check: Callable[..., Any]) -> bool:
    """Whether it is check(candidate), rather than a helper of that name that compares two values."""
    try:
        parameters = signature(check).parameters.values()
    except (TypeError, ValueError):
        return True
    needed = [p for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    if needed:
        return len(needed) == 1 and needed[0].kind is not Parameter.KEYWORD_ONLY
    return any(p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD) for p in parameters)


_KINDS: dict[str, Callable[[dict[str, Any], frames.Writer], int]] = {
    "stdio": _stdio,
    "calls": _calls,
    "asserts": _asserts,
}
