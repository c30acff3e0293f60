"""Scripts that do nothing but compare calls of the entry point with literals, found without running them.

    assert f(1, [2]) == 3          assert not f("x")          assert f(2) is None          assert abs(f(1) - 0.5) < 1e-6

at the top, or in check(candidate). Their calls can be made where the program is and compared here, so that expected
values never enter the sandbox. A message after a comma is never evaluated.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from scorer.code.folding import NoLiteralError, fold
from scorer.sandbox.guest import crossing

_LONGEST = 1 << 16
_MOST_BYTES = 1 << 24  # more than a script of that length can mean
_SCRIPTS_KEPT = 256
_OPERATORS: dict[type[ast.cmpop], str] = {ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is", ast.IsNot: "is not"}
_UNDERSTOOD = ("abs", "set")  # functions of Python's own that mean themselves in a literal assertion
_NEAR: dict[type[ast.cmpop], str] = {ast.Lt: "near", ast.LtE: "near or at"}


@dataclass(frozen=True)
class Assertion:
    """One assertion: a call and what has to be true of its value.

    Attributes:
        line: Of the script.
        positional: Arguments of the call.
        named: Keyword arguments.
        relation: "==", "!=", "is", "is not", "true", "false", "near" or "near or at".
        expected: The literal; for the last two, target and distance.
    """

    line: int
    positional: tuple[Any, ...]
    named: tuple[tuple[str, Any], ...]
    relation: str
    expected: Any = None


@dataclass(frozen=True)
class Assertions:
    """All of a script's assertions.

    Attributes:
        function: Name of the function that they call.
        assertions: In the order in which they run.
        calls: Arguments and keyword arguments of each call, encoded by `crossing`, as hexadecimal.
    """

    function: str
    assertions: tuple[Assertion, ...]
    calls: str


class _OtherFormError(Exception):
    """The script does something else as well."""


@lru_cache(_SCRIPTS_KEPT)
def find(setup: str, script: str, entry_point: str) -> Assertions | None:
    """The assertions of a script, None if it does anything else.

    Without an entry point the function is the one that all assertions call, whatever Python has under its name, unless
    the setup may define it.
    """
    if len(script) > _LONGEST:
        return None
    try:
        search = _Search(entry_point)
        found = tuple(search.walk(ast.parse(script)))
        calls = crossing.Writer(_MOST_BYTES)
        calls.write([(assertion.positional, assertion.named) for assertion in found])
    except (_OtherFormError, NoLiteralError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    function = search.function
    if not found or function in _UNDERSTOOD or (not entry_point and function in setup):
        return None
    return Assertions(function, found, calls.finish().hex())


class _Search:
    def __init__(self, entry_point: str) -> None:
        self.function = entry_point
        self._entry_point = entry_point

    def walk(self, tree: ast.Module) -> Iterator[Assertion]:
        checks: list[ast.FunctionDef] = []
        for statement in tree.body:
            if isinstance(statement, ast.FunctionDef) and statement.name == "check" and not checks:
                checks.append(statement)
            elif isinstance(statement, ast.Assign):
                self._check_assignment(statement)
            elif not (checks and self._is_call_of_check(statement)):
                yield from self._assertion(statement, None)
        for check in checks:
            yield from self._in_check(check)

    def _in_check(self, check: ast.FunctionDef) -> Iterator[Assertion]:
        given = check.args
        if not self._entry_point or len(given.args) != 1 or check.decorator_list:
            raise _OtherFormError
        if given.posonlyargs or given.kwonlyargs or given.vararg or given.kwarg or given.defaults:
            raise _OtherFormError
        if given.args[0].arg in _UNDERSTOOD:
            raise _OtherFormError
        for statement in check.body:
            yield from self._assertion(statement, given.args[0].arg)

    def _check_assignment(self, statement: ast.Assign) -> None:
        """A name for a literal does nothing, unless it is one that matters."""
        fold(statement.value)
        for target in statement.targets:
            if not isinstance(target, ast.Name) or target.id in {"check", self.function, *_UNDERSTOOD}:
                raise _OtherFormError

    def _is_call_of_check(self, statement: ast.stmt) -> bool:
        """Whether it is check(entry_point), which is going to be called anyway."""
        match statement:
            case ast.Expr(ast.Call(ast.Name("check"), [ast.Name(name)], [])):
                return bool(name == self._entry_point)
            case _:
                return False

    def _assertion(self, statement: ast.stmt, candidate: str | None) -> Iterator[Assertion]:
        match statement:
            case ast.Pass() | ast.Expr(ast.Constant()):
                return
            case ast.Assert(ast.Constant(value)) if value:
                return
            case ast.Assert(test):
                call, relation, expected = _take_apart(test)
                positional, named = self._arguments(call, candidate)
                yield Assertion(statement.lineno, positional, named, relation, expected)
            case _:
                raise _OtherFormError

    def _arguments(self, call: ast.expr, candidate: str | None) -> tuple[tuple[Any, ...], tuple[tuple[str, Any], ...]]:
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
            raise _OtherFormError
        name = call.func.id
        self.function = self.function or name
        if name not in (self.function, candidate):
            raise _OtherFormError
        named = []
        for keyword in call.keywords:
            if keyword.arg is None:
                raise _OtherFormError
            named.append((keyword.arg, fold(keyword.value)))
        return tuple(fold(argument) for argument in call.args), tuple(named)


def _take_apart(test: ast.expr) -> tuple[ast.expr, str, Any]:
    """The call in a condition, the relation and the literal."""
    match test:
        case ast.Call():
            return test, "true", None
        case ast.UnaryOp(ast.Not(), ast.Call() as call):
            return call, "false", None
        case ast.Compare(
            ast.Call(ast.Name("abs"), [ast.BinOp(call, ast.Sub(), target)], []), [ast.Lt() | ast.LtE() as less], [most]
        ):
            return call, _NEAR[type(less)], (_number(target), _number(most))
        case ast.Compare(left, [operator], [right]) if type(operator) in _OPERATORS:
            relation = _OPERATORS[type(operator)]
            if relation in ("is", "is not"):
                if not (isinstance(right, ast.Constant) and (right.value is None or isinstance(right.value, bool))):
                    raise _OtherFormError
            elif not isinstance(left, ast.Call):
                left, right = right, left
            return left, relation, fold(right)
        case _:
            raise _OtherFormError


def _number(node: ast.expr) -> int | float:
    value = fold(node)
    if type(value) is not int and type(value) is not float:
        raise _OtherFormError
    return value
