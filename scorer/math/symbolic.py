r"""Whether two answers are mathematically equal, by computer algebra: math-verify on top of sympy.

Runs in worker processes only: it may take any time and memory. math-verify's own timeouts, which are signals, stay off.

math-verify searches a text for something that it can read; here the whole answer must be read, so that no part of it
is taken for all of it. Before math-verify decides, cheap checks refuse what it is known to accept wrongly: an equation
for its right side, values that differ by little, `r` for `R`, a rounded decimal for an exact value.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import sympy
from latex2sympy2_extended.latex2sympy2 import ConversionConfig, latex2sympy
from latex2sympy2_extended.logic import And
from latex2sympy2_extended.math_normalization import NormalizationConfig, normalize_latex
from math_verify import grader
from math_verify.grader import should_treat_as_complex
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from scorer.math.plain import to_latex
from scorer.math.units import split_unit

_NORMALISATION = NormalizationConfig(
    basic_latex=True, units=False, malformed_operators=True, nits=True, boxed="none", equations=False
)
_CONVERSION = ConversionConfig(lowercase_symbols=False)
_DEGREE = sympy.pi / 180
DIGITS = 40
"""Digits to which constants are evaluated before they are compared."""
CLOSE = sympy.Float("1e-20")
"""Relative difference past which two constants are different, whatever a simplifier says."""


def equal(gold: str, answer: str) -> bool:
    """Whether an answer is mathematically equal to a gold answer.

    Args:
        gold: Normalised text (`scorer.math.normalise`) of the gold answer.
        answer: Normalised text of the answer.

    Raises:
        MemoryError: The memory limit of the process was met.
        RecursionError: The expression is nested too deeply.
    """
    gold_text, gold_unit = split_unit(gold)
    answer_text, answer_unit = split_unit(answer)
    if gold_unit and answer_unit and gold_unit != answer_unit:
        return False
    gold_expression = parse(gold_text)
    answer_expression = parse(answer_text)
    if gold_expression is None or answer_expression is None:
        return False
    if gold_unit == "degree" and not answer_unit and answer_expression.has(sympy.pi):
        gold_expression *= _DEGREE
    elif answer_unit == "degree" and not gold_unit and gold_expression.has(sympy.pi):
        answer_expression *= _DEGREE
    gold_expression, answer_expression = _align(gold_expression, answer_expression)
    if answer_expression is None or _differ_numerically(gold_expression, answer_expression):
        return False
    return _verify(gold_expression, answer_expression)


_swallowed: list[Exception] = []
"""Resource errors that math-verify caught during the comparison: it goes on as if the two were different."""


def _noting(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except (MemoryError, RecursionError) as error:
            _swallowed.append(error)
            raise

    return call


grader.simplify = _noting(grader.simplify)
grader.solve = _noting(grader.solve)


def _verify(gold: Any, answer: Any) -> bool:
    _swallowed.clear()
    if grader.verify(gold, answer, timeout_seconds=None, allow_set_relation_comp=True):
        return True
    if _swallowed:
        raise _swallowed[0]
    return False


@lru_cache(maxsize=64)
def parse(text: str) -> Any:
    """The sympy expression that a text is, the whole of it; None when it cannot be read."""
    latex = normalize_latex(to_latex(text), config=_NORMALISATION)
    try:
        expression = latex2sympy(
            latex,
            is_real=not should_treat_as_complex(latex),
            convert_degrees=False,
            normalization_config=None,
            conversion_config=_CONVERSION,
        )
    except (MemoryError, RecursionError):
        raise
    except Exception:  # noqa: BLE001 - the parser raises bare Exception for everything that it cannot read
        return None
    return _imaginary(_exact(expression))


def _exact(expression: Any) -> Any:
    """Decimals as the fractions that they are: 0.33 is not 1/3."""
    if not isinstance(expression, sympy.Basic):
        return expression
    floats = expression.atoms(sympy.Float)
    return expression.xreplace({number: sympy.Rational(str(number)) for number in floats}) if floats else expression


def _imaginary(expression: Any) -> Any:
    """The free symbol i as the imaginary unit, which the parser does not always make of it."""
    if isinstance(
        expression, Relational
    ):  # rebuilt as it is: a real unknown would at once be unequal to a complex value
        return expression.func(*(_imaginary(side) for side in expression.args), evaluate=False)
    if not isinstance(expression, sympy.Basic):
        return expression
    units = {symbol: sympy.I for symbol in expression.free_symbols if symbol.name == "i"}
    return expression.xreplace(units) if units else expression


def _align(gold: Any, answer: Any) -> tuple[Any, Any]:
    """Makes both sides the same kind of thing; the answer becomes None when they cannot be."""
    if _is_equation(answer) and not _is_equation(gold) and not isinstance(gold, sympy.Set | sympy.Tuple):
        return gold, _right_side(answer)
    if isinstance(gold, sympy.Union):
        return gold, _region(answer)
    if isinstance(answer, sympy.Union):
        return _region(gold), answer
    gold_values, answer_values = _assignments(gold), _assignments(answer)
    if gold_values is not None and answer_values is None:
        return sympy.Tuple(*gold_values), _as_tuple(answer)
    if answer_values is not None and gold_values is None:
        return _as_tuple(gold) or gold, sympy.Tuple(*answer_values)
    return gold, answer


def _region(expression: Any) -> Any:
    """The set that `x < 2 or x > 3` describes; anything else as it is."""
    parts = expression.args if isinstance(expression, sympy.FiniteSet) else ()
    unknowns = {symbol for part in parts for symbol in part.free_symbols}
    inequalities = all(isinstance(part, Relational) and not isinstance(part, sympy.Eq | sympy.Ne) for part in parts)
    if len(parts) < 2 or len(unknowns) != 1 or not inequalities:
        return expression
    try:
        return sympy.Union(*(part.as_set() for part in parts))
    except NotImplementedError:
        return expression


def _is_equation(expression: Any) -> bool:
    parts = expression._unsorted_args if isinstance(expression, And) else [expression]
    return bool(parts) and all(isinstance(part, sympy.Eq) for part in parts)


def _right_side(equation: Any) -> Any:
    """What `x = 5`, `f(x) = 5` or `2 + 3 = 5` says; None for `x - y = 5`, which is no value of anything."""
    parts = equation._unsorted_args if isinstance(equation, And) else [equation]
    left, right = parts[0].lhs, parts[-1].rhs
    if isinstance(left, sympy.Symbol | AppliedUndef):
        return right
    if left.free_symbols:
        return None
    sides = [left, *(part.rhs for part in parts)]
    return right if all(_verify(right, side) for side in sides) else None


def _assignments(expression: Any) -> list[Any] | None:
    """The values of `x = 2, y = 1` in the order of the names; None when it is not such a list."""
    if not isinstance(expression, sympy.FiniteSet) or len(expression.args) < 2:
        return None
    values = {}
    for part in expression.args:
        if not isinstance(part, sympy.Eq) or not isinstance(part.lhs, sympy.Symbol):
            return None
        values[part.lhs.name] = part.rhs
    return [values[name] for name in sorted(values)] if len(values) == len(expression.args) else None


def _as_tuple(expression: Any) -> Any:
    if isinstance(expression, sympy.Tuple):
        return expression
    if isinstance(expression, sympy.Interval) and expression.left_open and expression.right_open:
        return sympy.Tuple(expression.start, expression.end)
    return None


def _differ_numerically(gold: Any, answer: Any) -> bool:
    """Whether both are constants and their values are apart. False when that cannot be told."""
    if not isinstance(gold, sympy.Expr) or not isinstance(answer, sympy.Expr):
        return False
    if gold.free_symbols or answer.free_symbols or _has_percent(gold) or _has_percent(answer):
        return False
    try:
        left, right = gold.evalf(DIGITS), answer.evalf(DIGITS)
        if not (left.is_number and right.is_number and left.is_finite and right.is_finite):
            return False
        return bool(abs(left - right) > CLOSE * max(abs(left), abs(right)))
    except (MemoryError, RecursionError):
        raise
    except Exception:  # noqa: BLE001 - sympy raises many kinds; then math-verify decides
        return False


def _has_percent(expression: Any) -> bool:
    return bool(expression.atoms(sympy.UnevaluatedExpr))
