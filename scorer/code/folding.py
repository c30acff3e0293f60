"""The value of a literal expression, without running it: what ast.literal_eval takes, and small sums and products."""

import ast
import operator
from collections.abc import Callable
from typing import Any

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_LARGEST = 1 << 64


class NoLiteralError(Exception):
    """An expression that is no literal."""


def fold(node: ast.expr) -> Any:
    """The value.

    Raises:
        NoLiteralError: It is no literal, or one that Python would refuse.
        RecursionError: It is too deep.
    """
    match node:
        case ast.Constant(value) if value is not ...:
            return value
        case ast.Tuple(items):
            return tuple(fold(item) for item in items)
        case ast.List(items):
            return [fold(item) for item in items]
        case ast.Set(items):
            return _made(lambda: {fold(item) for item in items})
        case ast.Call(ast.Name("set"), [], []):
            return set()
        case ast.Dict(keys, values) if None not in keys:
            return _made(lambda: {fold(key): fold(value) for key, value in zip(keys, values, strict=True) if key})
        case ast.UnaryOp(ast.USub() | ast.UAdd() as sign, operand):
            number = _number(fold(operand))
            return -number if isinstance(sign, ast.USub) else +number
        case ast.BinOp(left, kind, right) if type(kind) in _OPERATORS:
            return _combined(kind, fold(left), fold(right))
        case _:
            raise NoLiteralError


def _made(build: Callable[[], Any]) -> Any:
    try:
        return build()
    except (TypeError, ArithmeticError) as error:  # something that cannot be hashed, a division by zero
        raise NoLiteralError from error


def _number(value: Any) -> Any:
    if type(value) not in (int, float, complex):
        raise NoLiteralError
    return value


def _combined(kind: ast.operator, left: Any, right: Any) -> Any:
    if type(left) is str and type(right) is str and isinstance(kind, ast.Add):
        return left + right
    for number in (left, right):
        if type(_number(number)) is int and abs(number) > _LARGEST:  # lest the work grows with the value
            raise NoLiteralError
    return _made(lambda: _OPERATORS[type(kind)](left, right))
