"""The process of a program that a script of assertions tests: runs it, then answers the script's calls.

See `remote` for the dialogue. The program may do to this process what it likes: whatever it sends is only a value.
"""

import builtins
import contextlib
import importlib
import os
import sys
from types import ModuleType
from typing import Any, NoReturn

from scorer.sandbox.guest import crossing, derived, orders
from scorer.sandbox.guest.codec import DEEPEST, NotPlainError
from scorer.sandbox.guest.failures import (
    COMPILE_ERRORS,
    PROGRAM,
    SETUP,
    compile_text,
    describe,
    describe_syntax,
    module,
)
from scorer.sandbox.guest.handle import DECIDED, FreeHandle
from scorer.sandbox.guest.link import Link
from scorer.sandbox.guest.peer import ANSWER, MODULE, Bounds, Peer
from scorer.sandbox.guest.raised import class_names, make_room, plain_attributes
from scorer.sandbox.guest.remote import (
    DEEPEST_ARGUMENT,
    MODULES,
    MOST_ARGUMENT_BYTES,
    MOST_ARGUMENT_ITEMS,
    MOST_VALUE_ITEMS,
)

LINK = 3


def run(payload: bytes, channel_bytes: int) -> NoReturn:
    """Runs the program and answers until the script's process is gone.

    Args:
        payload: JSON: "setup", "source", "entry_point".
        channel_bytes: Most bytes of one answer.
    """
    try:
        task = orders.read(payload)
        link = Link(LINK, MOST_ARGUMENT_BYTES)
        namespace = module(MODULE)
        with contextlib.suppress(NameError):  # it uses what the program defines: the script's process runs it later
            exec(compile_text(task["setup"], SETUP), namespace)
        names = crossing.Reader(link.receive()).read_only()
        program = _Program(link, channel_bytes)
        program.share(namespace)
        link.send(program.load(task["source"], task["entry_point"], namespace, names))
        program.serve()
    finally:
        os._exit(0)


class _Program(Peer):
    """The program, and by numbers those of its objects that the script knows: the entry point is the first."""

    handle_class = FreeHandle

    def __init__(self, link: Link, most_bytes: int) -> None:
        sends = Bounds(most_bytes, MOST_VALUE_ITEMS, DEEPEST)
        super().__init__(link, sends, Bounds(MOST_ARGUMENT_BYTES, MOST_ARGUMENT_ITEMS, DEEPEST_ARGUMENT))
        self._pid = os.getpid()
        self._answering = False

    def serve(self) -> None:
        """Answers until the script's process is gone. Raises LinkClosedError."""
        while os.getpid() == self._pid:  # a child that the program forked has nothing to answer
            question = self._link.receive()[1:]
            with self._lock:
                self._answering = True
            answer = self.answer(question)
            with self._lock:  # a thread of the program may still be asking
                self._answering = False
                self._link.send(ANSWER + answer)

    def ask(self, verb: str, target: Any, positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Has the script do something: what came of it, or its exception."""
        with self._lock:
            if not self._answering or os.getpid() != self._pid:
                raise RuntimeError("a function of the script can only be called while the script waits")
            return super().ask(verb, target, positional, named)

    def lend(self, value: Any) -> tuple[str, Any] | None:
        """What stands for an object that cannot cross; of some the script also learns what they hold."""
        made = super().lend(value)
        if made is None or made[0] != "lent" or (sample := derived.sample(value)) is None:
            return made
        return "derived", (made[1], sample, derived.own_methods(type(value), type(sample), DECIDED))

    def settle(self) -> None:
        """Brings back what the program changed of the script's objects; it may keep them, but not change them later."""
        self._bring_back()
        if self._depth == 0:
            self._gotten.clear()

    def question(self, verb: str, target: Any, positional: tuple[Any, ...], named: dict[str, Any]) -> crossing.Writer:
        """The question as a message, not finished. Raises TypeError."""
        try:
            return super().question(verb, target, positional, named)
        except NotPlainError as error:
            raise TypeError(str(error)) from None

    def restore(self, name: str, parts: Any) -> Any:
        """The object that something stands for."""
        if name == "function":
            found: Any = importlib.import_module(parts[0])
            for step in parts[1].split("."):
                found = getattr(found, step)
            return found
        return super().restore(name, parts)

    def attributes(self, error: BaseException) -> dict[str, Any]:
        """Of an exception of the program's, what is plain data."""
        return plain_attributes(error)

    def exception(self, classes: tuple[Any, ...], arguments: Any, attributes: Any, claim: list[Any]) -> BaseException:
        """An exception of the script's, of a class with the names that the script knows."""
        base = getattr(builtins, classes[-1])
        kind = base if len(classes) == 1 else type(classes[0], (base,), {})
        try:
            error: BaseException = kind(*arguments)
        except TypeError:
            error = RuntimeError(*arguments)
        return error

    def invalid(self, text: str) -> BaseException:
        """What is raised when what the script's function returned cannot cross."""
        return TypeError(text)

    def load(self, source: str, entry_point: str, namespace: dict[str, Any], names: tuple[str, ...]) -> bytes:
        """Runs the program and tells what it defines of these names."""
        try:
            code = compile_text(source, PROGRAM)
        except COMPILE_ERRORS as error:
            return self._encoded(("compile", describe_syntax(error)))
        try:
            exec(code, namespace)
            if entry_point:
                function = namespace.get(entry_point)
                if not callable(function):
                    return self._encoded(("missing",))
                self.keep(function)
            forms = {name: self._form(name, namespace[name]) for name in names if name in namespace}
            return self._encoded(("loaded", {name: form for name, form in forms.items() if form}))
        except BaseException as error:  # noqa: BLE001 - whatever the program raises
            make_room(error)
            return self._encoded(("error", 0.0, 0.0, *describe(error)))

    def _form(self, name: str, value: Any) -> tuple[str, Any] | None:
        """How a name of the program appears to the script; None if it does not."""
        if isinstance(value, ModuleType):
            return "module", value.__name__
        for library in MODULES & sys.modules.keys():
            if getattr(sys.modules[library], name, None) is value:
                return "import", library
        if isinstance(value, type) and issubclass(value, BaseException):
            return "exception", class_names(value)
        try:
            self._encoded(value)
        except NotPlainError:
            return None
        return "value", value
