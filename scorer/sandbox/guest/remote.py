"""The program as a script's process sees it: handles of its functions and objects, copies of its plain values.

The program's process answers with values and exceptions of the standard library, nothing else, and all that it sends
is suspect. What ends the dialogue ends this process at once, since a script might catch an exception and go on.

The dialogue begins with two messages, both encoded by `crossing`, and goes on as `peer` says:

    script: names                                     once, when its setup is done
    program: ("loaded", {name: (form, value)}), or a frame of its failure, see `frames`

Of the script's own objects the program can use those that the script passes: it can call functions, go through
iterators, and use instances of the script's classes by the names of their attributes. Nothing leads from there to the
script itself: names with two underscores are refused, and so is whatever else a function or an iterator has.
"""

import builtins
import functools
import importlib
import operator
import os
import sys
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodDescriptorType, MethodType, ModuleType
from typing import Any, NoReturn

from scorer.sandbox.guest import crossing, frames, kinds
from scorer.sandbox.guest.codec import DEEPEST, NotPlainError
from scorer.sandbox.guest.failures import MOST_CHARACTERS
from scorer.sandbox.guest.link import Link, LinkClosedError, TooLargeError
from scorer.sandbox.guest.peer import MODULE, Bounds, Peer
from scorer.sandbox.guest.unit_tests import is_skip

GONE = 83
"""Exit status of the script's process when the program's is no longer there."""
ENTRY_POINT = 0
"""The number of the entry point among the objects of the program."""
MOST_VALUE_ITEMS = 1_000_000
MOST_ARGUMENT_BYTES = 64 << 20
# A script may pass on what it got, with some more around it, so arguments may be more than values.
MOST_ARGUMENT_ITEMS = 10_000_000
DEEPEST_ARGUMENT = 120

# What the program imported may serve the script too; the script's process imports its own, and only from these.
MODULES = frozenset({
    "bisect", "cmath", "collections", "copy", "datetime", "decimal", "fractions", "functools", "heapq", "itertools",
    "json", "math", "operator", "random", "re", "statistics", "string", "time", "typing",
})  # fmt: skip


_CATCH_ALL = frozenset({"AssertionError", "Exception", "BaseException"})
"""Classes that are never the program's values: a script that excepts one would except its own assertions."""
_PACKAGES = sys.stdlib_module_names | {"np", "numpy", "pd", "pandas", "scipy", "sympy"}

_FUNCTIONS = (
    *(FunctionType, MethodType, BuiltinFunctionType, functools.partial, functools._lru_cache_wrapper),
    *(operator.itemgetter, operator.attrgetter, operator.methodcaller),
)
_NAMED = ("function", "builtin_function_or_method", "method_descriptor", "ufunc", "_ArrayFunctionDispatcher")


class Remote(Peer):
    """The dialogue with the program's process."""

    def __init__(self, link: Link, writer: frames.Writer, namespace: dict[str, Any]) -> None:
        """Begins it; `namespace` is the script's, as its setup has left it."""
        sends = Bounds(MOST_ARGUMENT_BYTES, MOST_ARGUMENT_ITEMS, DEEPEST_ARGUMENT)
        super().__init__(link, sends, Bounds(writer.most_bytes, MOST_VALUE_ITEMS, DEEPEST))
        self._writer = writer
        self._namespace = namespace
        self._exceptions: dict[str, type[BaseException]] = {}
        self._took_part = False
        self._raised: tuple[BaseException, tuple[str, str, int, str]] | None = None
        self.share(namespace)

    def reader(self, message: bytes, known: list[Any]) -> crossing.Reader:
        """Of a message from the program."""
        reader = super().reader(message, known)
        reader.types_refused = _CATCH_ALL
        return reader

    def load(self, names: set[str], entry_point: str, has_members: Callable[[str], bool]) -> dict[str, Any]:
        """Lets the program run and gives what it defines of these names, and the entry point in any case.

        Ends this process if the program fails.

        Args:
            names: What the script uses.
            entry_point: Of the program; may be empty.
            has_members: Whether the script uses attributes of what has this name. Where that is a package's, only a
                module may be meant.
        """
        body = crossing.Writer(MOST_ARGUMENT_BYTES)
        body.write(tuple(sorted(names)))
        try:
            self._link.send(body.finish())
            answer = self.reader(self._link.receive(), []).read_only()
        except Exception as error:  # noqa: BLE001 - none of it is the script's
            self._lost(error)
        match answer:
            case ("loaded", dict(forms)):
                self._took_part = any(form[:1] == ("value",) for form in forms.values() if type(form) is tuple)
                found = {name: self._made(name, form) for name, form in forms.items() if name in names}
            case _:
                self._fail(answer)
        values = {
            name: value[0]
            for name, value in found.items()
            if value is not None and (name not in _PACKAGES or type(value[0]) is ModuleType or not has_members(name))
        }
        return values | ({entry_point: self.handle(ENTRY_POINT)} if entry_point else {})

    def _fail(self, answer: Any) -> NoReturn:
        match answer:  # a frame of another kind would be a forged one
            case ("compile", str(message)):
                self._end("compile", message)
            case ("missing",):
                self._end("missing")
            case ("error", float(), float(), str(kind), str(text), int(number), str(place)):
                self._end("error", 0.0, 0.0, kind, text, number, _in_program(place))
            case _:
                self._end("gone")

    def _made(self, name: str, form: Any) -> tuple[Any] | None:
        match form:
            case ("value", value):
                return (value,)
            case ("module", str(module)) if module in MODULES or (module == name and name in sys.stdlib_module_names):
                return (importlib.import_module(module),)
            case ("import", str(module)) if module in MODULES and not name.startswith("_"):
                return (getattr(importlib.import_module(module), name),)
            case ("exception", tuple(bases)):
                self._exceptions[name] = type(name, (self._class(bases),), {})
                return (self._exceptions[name],)
            case _:
                return None

    def origin(self, error: BaseException) -> tuple[str, str, int, str] | None:
        """What the program said of an exception, if it is the last that came from there."""
        return self._raised[1] if self._raised is not None and self._raised[0] is error else None

    def _exchanged(self, message: bytes) -> bytes:
        """Sends a question and gives the answer, answering what is asked before it."""
        try:
            return super()._exchanged(message)
        except (LinkClosedError, TooLargeError, MemoryError) as error:
            self._lost(error)

    def question(self, verb: str, target: Any, positional: tuple[Any, ...], named: dict[str, Any]) -> crossing.Writer:
        """The question as a message, not finished. Ends this process if the arguments cannot cross."""
        try:
            return super().question(verb, target, positional, named)
        except NotPlainError as error:
            what = f"calls the program with what cannot cross to its process ({error})"
            what += "; with asserts.shared_process there is one process"
            if self._took_part:  # it may have chosen what that is
                self._end("invalid", 0.0, 0.0, f"the script {what}")
            self._end("task", "script", what)

    def outcome(self, message: bytes, body: crossing.Writer) -> tuple[Any, BaseException | None, bool]:
        """The value or the exception that came of a question, and whether that is to be awaited."""
        try:
            self._took_part = True
            return super().outcome(message, body)
        except Exception as error:  # noqa: BLE001 - what a hostile answer makes Python raise
            self._lost(error)

    def answer(self, question: bytes) -> bytes:
        """Does what the program asks and encodes what came of it."""
        try:
            self._took_part = True
            return super().answer(question)
        except Exception as error:  # noqa: BLE001 - what a hostile question makes Python raise
            self._lost(error)

    def invalid(self, text: str) -> BaseException:
        """Ends this process: what the program returned cannot cross."""
        self._end("invalid", 0.0, 0.0, text)

    def _lost(self, error: Exception) -> NoReturn:
        match error:
            case TooLargeError():
                self._end("invalid", 0.0, 0.0, "the value is too large")
            case MemoryError():
                self._end("error", 0.0, 0.0, "MemoryError", "", 0, "")
            case LinkClosedError():
                self._end("gone")
            case NotPlainError():
                self._end("invalid", 0.0, 0.0, str(error))
            case _:
                self._end("invalid", 0.0, 0.0, f"not a value: {error}"[:MOST_CHARACTERS])

    # What the program may use of the script.

    def lend(self, value: Any) -> tuple[str, Any] | None:
        """What stands for an object of the script's; functions of Python's own are the program's as well."""
        if type(value).__name__ in _NAMED and (place := _place(value)) is not None:
            return "function", place
        return super().lend(value)

    def may_lend(self, value: Any) -> bool:
        """Whether the program may use an object: functions, and instances and classes that the script made."""
        return isinstance(value, _FUNCTIONS) or _is_of_the_script(type(value)) or _is_of_the_script(value)

    def check(self, verb: str, target: Any, positional: tuple[Any, ...]) -> None:
        """Raises TypeError or AttributeError for what the program may not have done."""
        if verb == "items" and kinds.is_iterator(target):
            return
        if verb == "call" and self.may_lend(target):
            return
        if verb in ("get", "set") and isinstance(target, _FUNCTIONS):
            if verb == "get" and positional in (("__name__",), ("__qualname__",)):
                return
            raise AttributeError("not an attribute that a program may use")
        if verb == "is_coroutine" and self.may_lend(target):
            return
        if not _is_of_the_script(type(target)):
            raise TypeError("an object of the script that cannot be used in that way")
        if verb in ("get", "set", "content"):
            name = positional[0]
            if type(name) is not str or name.startswith("__"):
                raise AttributeError("not an attribute that a program may use")
            if verb == "set" and _is_of_the_class(type(target), name):
                raise AttributeError("a method of the script is not for the program to replace")

    def exception(self, classes: tuple[Any, ...], arguments: Any, attributes: Any, claim: list[Any]) -> BaseException:
        """What is raised here for an exception of the program's."""
        error = _made_of(self._class(classes), arguments if type(arguments) is tuple else ())
        match claim:
            case [str(kind_name), str(text), int(number), str(place)]:
                if type(error).__module__ != "builtins" or type(error).__name__ != kind_name:
                    error = _saying(text, error)
                self._raised = error, (kind_name, text, number, _in_program(place))
        if type(attributes) is dict:
            for name, value in attributes.items():
                if type(name) is str and not name.startswith("__") and not hasattr(type(error), name):
                    error.__dict__[name] = value
        return error

    def _class(self, names: tuple[Any, ...]) -> type[BaseException]:
        for name in names:
            kind = self._exceptions.get(name, self._namespace.get(name, getattr(builtins, str(name), None)))
            if isinstance(kind, type) and issubclass(kind, BaseException):
                # These would end a loop of the script early and silently, or a test, or all of them.
                silent = issubclass(kind, (StopIteration, StopAsyncIteration, KeyboardInterrupt)) or is_skip(kind)
                return RuntimeError if silent else kind
        return RuntimeError

    def _end(self, *frame: Any) -> NoReturn:
        """Reports and ends this process."""
        try:
            self._writer.write(*frame)
        finally:
            os._exit(GONE if frame == ("gone",) else 0)


def _in_program(place: str) -> str:
    """A place that the program tells of, which is never in the script."""
    return place if place.startswith("program:") else ""


def _made_of(kind: type[BaseException], arguments: tuple[Any, ...]) -> BaseException:
    """An exception of a class or of the first of its bases that takes these arguments.

    A class's own constructor has run in the program already, and may have taken others.
    """
    for base in kind.__mro__:
        try:
            made = base.__new__(base, *arguments)
            if base.__module__ == "builtins":
                made.__init__(*arguments)
        except Exception:  # noqa: BLE001 - some classes take arguments of their own; their bases take any
            continue
        if isinstance(made, BaseException):
            return made
    return RuntimeError()


def _saying(text: str, error: BaseException) -> BaseException:
    """An exception that says what it says in the program, where its class has a way of its own."""
    try:
        told = str(error)
    except Exception:  # noqa: BLE001 - it takes attributes that did not cross
        told = None
    if told == text or len(text) >= MOST_CHARACTERS:
        return error
    kind = type(error)
    return _made_of(type(kind.__name__, (kind,), {"__str__": lambda _: text, "__module__": "program"}), error.args)


def _is_of_the_class(kind: type, name: str) -> bool:
    return callable(getattr(kind, name, None)) or crossing.hides_what_is_computed(kind, name)


def _is_of_the_script(kind: Any) -> bool:
    return isinstance(kind, type) and kind.__module__ in (MODULE, "__main__") and not issubclass(kind, BaseException)


def _place(function: Any) -> tuple[str, str] | None:
    """Module and name by which a function of the standard library can be found."""
    name = function.__name__
    if type(function) is MethodDescriptorType:
        kind = function.__objclass__.__name__
        found = getattr(getattr(builtins, kind, None), name, None)
        return ("builtins", f"{kind}.{name}") if found is function else None
    module = str(function.__module__).removeprefix("_")
    if module not in MODULES and module not in ("builtins", "numpy"):
        return None
    return (module, name) if getattr(sys.modules.get(module), name, None) is function else None
