r"""Whether two values are equal, by computer algebra: math-verify on top of sympy.

Asked only about answers that `scorer.math.syntax` reads whole and whose values could not be told: integrals, limits,
endless sums, powers of matrices. Runs in worker processes only: it may take any time and memory. math-verify's own
timeouts, which are signals, stay off.

math-verify and its parser drop what they do not know: primes, subscripts of numbers, words. So a parse is trusted only
when it has the unknowns and, where that is known, the value of what was read; relations and truth values are never
compared; and what math-verify calls equal has to be equal at a few points as well.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import mpmath  # type: ignore[import-untyped]
import sympy
from latex2sympy2_extended.latex2sympy2 import ConversionConfig, latex2sympy
from latex2sympy2_extended.math_normalization import NormalizationConfig, normalize_latex
from math_verify import grader
from math_verify.grader import should_treat_as_complex
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom, BooleanFunction

from scorer.math import values
from scorer.math.normalise import normalise
from scorer.math.plain import to_latex
from scorer.math.syntax.tree import Node, Quantity
from scorer.math.understand import tree_or_none
from scorer.math.units import split_unit

_NORMALISATION = NormalizationConfig(
    basic_latex=True, units=False, malformed_operators=True, nits=True, boxed="none", equations=False
)
_CONVERSION = ConversionConfig(lowercase_symbols=False)
_SPELLING = str.maketrans("", "", "\\{} ")
"""What names are written with in one parser and not in the other."""
DIGITS = 40
"""Digits to which values are worked out before they are compared."""
CLOSE = sympy.Float("1e-20")
"""Relative difference past which two values are different, whatever a simplifier says."""
_VALUES = (sympy.Expr, sympy.MatrixBase, sympy.Tuple, sympy.FiniteSet, sympy.Interval, sympy.Union)
_NO_VALUES = (Relational, BooleanAtom, BooleanFunction, sympy.Piecewise, sympy.nan, sympy.zoo)
_POINTS = ((3, 7), (11, 13), (17, 5))
"""Where two expressions have to agree: numerator and denominator for the first unknown."""


def equal(gold: str, answer: str) -> bool:
    """Whether an answer is mathematically equal to a gold answer. What cannot be trusted is not.

    Args:
        gold: The gold answer as it was written.
        answer: The answer as it was written.

    Raises:
        MemoryError: The memory limit of the process was met.
        RecursionError: The expression is nested too deeply.
        TooLarge: It is refused for its size.
    """
    gold_text, gold_unit = split_unit(normalise(gold))
    answer_text, answer_unit = split_unit(normalise(answer))
    if gold_unit and answer_unit and gold_unit != answer_unit:
        return False
    gold_value = _named_value(_trusted(gold, gold_text))
    answer_value = _named_value(_trusted(answer, answer_text))
    if gold_value is None or answer_value is None or _other_names(gold_value, answer_value):
        return False
    left, right = gold_value[1], answer_value[1]
    if _differ(left, right):
        return False
    return _verify(left, right) and not any(_differ(*_at(point, left, right)) for point in _POINTS)


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
    if grader.verify(gold, answer, timeout_seconds=None):
        return True
    if _swallowed:
        raise _swallowed[0]
    return False


@lru_cache(maxsize=64)
def parse(text: str) -> Any:
    """The sympy expression that a normalised text is; None when the parser reads nothing."""
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
    if not isinstance(expression, sympy.Basic) or isinstance(expression, Relational):
        return expression
    units = {symbol: sympy.I for symbol in expression.free_symbols if symbol.name == "i"}
    return expression.xreplace(units) if units else expression


def _trusted(written: str, text: str) -> Any:
    """What a text is, when the parser makes of it what it was read as; else None."""
    node, expression = tree_or_none(written), parse(text)
    if node is None or expression is None:
        return None
    node = node.value if isinstance(node, Quantity) else node
    names = {name.translate(_SPELLING) for name in values.free(node)}
    return expression if names == _names(expression) and not _is_misread(node, expression) else None


def _names(expression: Any) -> set[str]:
    functions = {applied.func.__name__ for applied in expression.atoms(AppliedUndef)}
    symbols = {symbol.name for symbol in expression.free_symbols} - {"i"}  # the imaginary unit in an equation
    return {name.translate(_SPELLING) for name in functions | symbols}


def _is_misread(node: Node, expression: Any) -> bool:
    """Whether a constant has another value than the one that was read."""
    if not isinstance(expression, sympy.Expr) or values.free(node):
        return False
    value = values.approximate(node, DIGITS)
    if value is None:
        return False
    real, imaginary = (sympy.Float(mpmath.nstr(part, DIGITS), DIGITS) for part in (value.real, value.imag))
    return _differ(real + sympy.I * imaginary, expression)


def _named_value(expression: Any) -> tuple[Any, Any] | None:
    """The name in `x = 5`, if there is one, and the value; None for what says no value."""
    name = None
    if isinstance(expression, sympy.Eq):
        name, expression = expression.args
        if not isinstance(name, sympy.Symbol | AppliedUndef):
            return None
        expression = _imaginary(expression)
    if not isinstance(expression, _VALUES) or expression.has(*_NO_VALUES):
        return None
    return name, expression


def _other_names(gold: tuple[Any, Any], answer: tuple[Any, Any]) -> bool:
    return gold[0] is not None and answer[0] is not None and gold[0] != answer[0]


def _at(point: tuple[int, int], *expressions: Any) -> list[Any]:
    """Expressions with numbers for their unknowns."""
    unknowns = sorted(set().union(*(one.free_symbols for one in expressions)), key=str)
    above, below = point
    numbers = {unknown: sympy.Rational(above + 2 * place, below) for place, unknown in enumerate(unknowns)}
    return [one.subs(numbers) for one in expressions]


def _differ(gold: Any, answer: Any) -> bool:
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
