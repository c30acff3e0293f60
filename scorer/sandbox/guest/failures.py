"""Code of tasks and candidates: compiling it, a module to run it in, what is said of its exceptions."""

import builtins
import sys
from types import CodeType, ModuleType
from typing import Any

PROGRAM, SETUP, SCRIPT = "<program>", "<setup>", "<script>"
MOST_CHARACTERS = 500
COMPILE_ERRORS = (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError)


def compile_text(text: str, name: str) -> CodeType:
    """Compiles PROGRAM, SETUP or SCRIPT. Raises COMPILE_ERRORS."""
    return compile(text, name, "exec", dont_inherit=True)


def describe_syntax(error: BaseException) -> str:
    """One sentence about a text that does not compile."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} (line {error.lineno})"[:MOST_CHARACTERS]
    if isinstance(error, (RecursionError, MemoryError)):
        return "the program is too deeply nested or too large to be compiled"
    return f"{type(error).__name__}: {error}"[:MOST_CHARACTERS]


def module(name: str) -> dict[str, Any]:
    """The namespace of a new module that can be imported by its name."""
    made = ModuleType(name)
    made.__dict__["__builtins__"] = builtins
    sys.modules[name] = made
    return made.__dict__


def describe(error: BaseException) -> tuple[str, str, int, str]:
    """Type, text, errno or 0, and where it arose ("program:3"); the text is the candidate's own to make."""
    try:
        text = str(str(error))[:MOST_CHARACTERS]
    except BaseException:  # noqa: BLE001 - the candidate's own __str__
        text = ""
    number = error.errno if isinstance(error, OSError) and type(error.errno) is int else 0
    name = type(error).__name__
    return str(name)[:MOST_CHARACTERS], text, number, _place(error)


def _place(error: BaseException) -> str:
    found = ("", 0)
    step = error.__traceback__
    while step is not None:
        name = step.tb_frame.f_code.co_filename
        if name in (PROGRAM, SETUP, SCRIPT):
            found = (name[1:-1], step.tb_lineno)
        step = step.tb_next
    return f"{found[0]}:{found[1]}"
