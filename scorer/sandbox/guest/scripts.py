"""A task's script of assertions: its setup, the script itself, and check(candidate) where it defines one."""

import sys
from collections.abc import Callable
from inspect import Parameter, iscoroutine, signature
from types import CodeType, FunctionType
from typing import Any

from scorer.sandbox.guest.failures import COMPILE_ERRORS, MOST_CHARACTERS, SCRIPT, SETUP, compile_text, describe_syntax
from scorer.sandbox.guest.unit_tests import UnitTests


class TaskFaultError(Exception):
    """The tests themselves do not work. The arguments are the field and what is wrong with it."""


class Script:
    """Setup and script of a task, compiled.

    A setup that uses what only the program defines (`root = Node(1)`) is run again when the program is there.
    """

    def __init__(self, setup: str, script: str) -> None:
        """Compiles both. Raises TaskFaultError."""
        self._setup = _compiled("setup", setup, SETUP)
        self._script = _compiled("script", script, SCRIPT)
        self._texts = (setup, script)
        self._is_late = False

    @property
    def is_late(self) -> bool:
        """Whether the setup needs the program; known after `set_up`."""
        return self._is_late

    @property
    def names(self) -> set[str]:
        """Every name that setup and script use, attributes among them."""
        found: set[str] = set()
        codes = [self._setup, self._script]
        while codes:
            code = codes.pop()
            found.update(code.co_names)
            codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        return found

    def has_members(self, name: str) -> bool:
        """Whether setup or script use an attribute of what has this name."""
        import ast  # slow to import, and rarely needed

        nodes = (node for text in self._texts for node in ast.walk(ast.parse(text)))
        return any(
            isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
            for node in nodes
        )

    def set_up(self, namespace: dict[str, Any]) -> None:
        """Runs the setup. Raises TaskFaultError."""
        try:
            exec(self._setup, namespace)
        except NameError:
            self._is_late = True
        except BaseException as error:
            message = f"failed: {type(error).__name__}: {error}"[:MOST_CHARACTERS]
            raise TaskFaultError("setup", message) from error

    def run(self, namespace: dict[str, Any], function: Callable[..., Any] | None) -> None:
        """Runs the script to its end, and check on the entry point.

        Raises:
            UnitTestsFailedError: Tests of unittest in it failed, whatever it made of that.
            BaseException: Whatever script and check raise.
        """
        unit_tests = UnitTests() if any("unittest" in text for text in self._texts) else None
        self._run(namespace, function, unit_tests)
        if unit_tests is not None:
            unit_tests.check()

    def _run(
        self, namespace: dict[str, Any], function: Callable[..., Any] | None, unit_tests: UnitTests | None
    ) -> None:
        before = namespace.get("check")
        # A script may do its work only where it is the main module.
        namespace["__name__"] = "__main__"
        sys.modules["__main__"] = sys.modules["candidate"]
        if self._is_late:
            exec(self._setup, namespace)
        try:
            exec(self._script, namespace)
        except SystemExit as error:
            if unit_tests is None or not unit_tests.ended(error):
                raise
            unit_tests.check()
        check = namespace.get("check")
        if callable(check) and check is not before and function is not None and _takes_one(check):
            checked = check(function)
            if iscoroutine(checked):
                import asyncio  # slow to import, and rarely needed

                asyncio.run(checked)


def _compiled(field: str, text: str, name: str) -> CodeType:
    try:
        return compile_text(text, name)
    except COMPILE_ERRORS as error:
        raise TaskFaultError(field, f"does not compile: {describe_syntax(error)}") from error


def _takes_one(check: Callable[..., Any]) -> bool:
    """Whether it is check(candidate), rather than a helper of that name that compares two values."""
    if type(check) is FunctionType and not hasattr(check, "__wrapped__"):
        code = check.__code__
        if code.co_argcount == 1 and not code.co_kwonlyargcount:  # as nearly all are, told in a fraction of the time
            return True
    try:
        parameters = signature(check).parameters.values()
    except (TypeError, ValueError):
        return True
    needed = [p for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    if needed:
        return len(needed) == 1 and needed[0].kind is not Parameter.KEYWORD_ONLY
    return any(p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD) for p in parameters)
