"""The values of known functions."""

import math
from collections.abc import Callable
from fractions import Fraction

from scorer.math.syntax.tree import Call, Group, Matrix, Node
from scorer.math.values import functions, integers
from scorer.math.values.arithmetic import FUNCTION_STEPS, Arithmetic, Value
from scorer.math.values.ball import Ball, invert, known_nonzero, negate, widen
from scorer.math.values.errors import Ambiguous, Unclear, Undefined, Unsettled
from scorer.math.values.residue import residue

_AT_ZERO = {
    "sin": 0, "tan": 0, "arcsin": 0, "arctan": 0, "sinh": 0, "tanh": 0, "arcsinh": 0, "arctanh": 0, "cos": 1, "cosh": 1,
}  # fmt: skip
_INVERTED = {
    "cot": "tan", "sec": "cos", "csc": "sin", "coth": "tanh", "sech": "cosh", "csch": "sinh",
}  # fmt: skip


def call(of: Arithmetic, node: Call) -> Value:
    """The value of a function at its arguments. Raises what `Evaluator.value` raises."""
    name, arguments = node.function, node.arguments
    if name == "mod" and len(arguments) == 2:
        return _modulo(of, *arguments)
    if name in ("det", "norm") and len(arguments) == 1:
        return _determinant(of, arguments[0]) if name == "det" else _norm(of, arguments[0])
    values = [of.value(argument) for argument in arguments]
    if len(values) == 1 and name in _ONE:
        if values[0] == 0 and name in _AT_ZERO:
            return Fraction(_AT_ZERO[name])
        of.spend(FUNCTION_STEPS * of.step)
        return _ONE[name](of, values[0])
    if len(values) == 1 and name in _INVERTED:
        return of.power(call(of, Call(_INVERTED[name], arguments)), Fraction(-1))
    if len(values) == 2 and name in _TWO:
        return _TWO[name](of, values[0], values[1])
    if values and name in ("max", "min"):
        return _extreme(of, values, 1 if name == "max" else -1)
    if values and name in ("gcd", "lcm"):
        return _divisor(of, values, name)
    raise Unclear(f"the function {name}")


def _trigonometric(name: str) -> Callable[[Arithmetic, Value], Value]:
    def evaluate(of: Arithmetic, x: Value) -> Value:
        bits = of.precision()
        ball = of.ball(x)
        if ball.nonzero:
            of.note(-3 * ball.magnitude)
        cosine, sine = functions.sine_cosine(ball, bits)
        if name == "tan":
            return of.product([sine, invert(cosine, bits)])
        return sine if name == "sin" else cosine

    return evaluate


def _hyperbolic(name: str) -> Callable[[Arithmetic, Value], Value]:
    def evaluate(of: Arithmetic, x: Value) -> Value:
        up = of.exponential(x)
        down = of.power(up, Fraction(-1))
        cosine, sine = of.sum([up, down]), of.difference(up, down)
        if name == "tanh":
            return of.product([sine, of.power(cosine, Fraction(-1))])
        return of.product([Fraction(1, 2), sine if name == "sinh" else cosine])

    return evaluate


def _logarithm(of: Arithmetic, x: Value) -> Value:
    if x == 1:
        return Fraction(0)
    if x == 0:
        raise Undefined("the logarithm of zero")
    ball = of.ball(x)
    if ball.imaginary is None and ball.real[0] and not of.complex_numbers:
        raise Undefined("the logarithm of a negative number")
    return functions.logarithm(ball, of.precision())


def _logarithm_to(of: Arithmetic, base: Value, x: Value) -> Value:
    if base in (0, 1):
        raise Undefined("a logarithm to the base 0 or 1")
    if isinstance(base, Fraction) and isinstance(x, Fraction) and base > 0 and x > 0:
        whole = _exact_logarithm(base, x)
        if whole is not None:
            return whole
    return of.product([_logarithm(of, x), of.power(_logarithm(of, base), Fraction(-1))])


def _exact_logarithm(base: Fraction, x: Fraction) -> Fraction | None:
    """The logarithm when base and x, or one over it, are whole numbers and it is one; others are left to balls."""
    sign = 1
    if x < 1:
        x, sign = 1 / x, -1
    if base.denominator != 1 or x.denominator != 1:
        return None
    exponent = round(math.log(x.numerator) / math.log(base.numerator))
    return Fraction(sign * exponent) if base.numerator**exponent == x else None


def _plain_logarithm(of: Arithmetic, x: Value) -> Value:
    return _logarithm(of, x) if of.natural_log else _logarithm_to(of, Fraction(10), x)


def _arcsine(of: Arithmetic, x: Value) -> Value:
    return _arc(of, x, cosine=False)


def _arccosine(of: Arithmetic, x: Value) -> Value:
    return Fraction(0) if x == 1 else _arc(of, x, cosine=True)


def _arc(of: Arithmetic, x: Value, *, cosine: bool) -> Value:
    ball = of.ball(x)
    if ball.nonzero:
        of.note(-3 * ball.magnitude)
    angle = functions.arcsine(ball, of.precision())
    return of.difference(_right_angle(of), angle) if cosine else angle


def _arctangent(of: Arithmetic, x: Value) -> Value:
    ball = of.ball(x)
    if ball.nonzero:
        of.note(3 * abs(ball.magnitude))
    return functions.arctangent(ball, of.precision())


def _arccotangent(of: Arithmetic, x: Value) -> Value:
    ball = of.ball(x)
    if ball.imaginary is not None or (ball.real[0] and ball.nonzero):
        raise Ambiguous("the arccotangent of a negative number")  # between -pi/2 and 0, or between pi/2 and pi
    return of.difference(_right_angle(of), _arctangent(of, ball))


def _right_angle(of: Arithmetic) -> Value:
    return of.product([functions.pi(of.precision()), Fraction(1, 2)])


def _area_sine(of: Arithmetic, x: Value) -> Value:
    return _logarithm(of, of.sum([x, _square_root(of, of.sum([of.product([x, x]), Fraction(1)]))]))


def _area_cosine(of: Arithmetic, x: Value) -> Value:
    return _logarithm(of, of.sum([x, _square_root(of, of.sum([of.product([x, x]), Fraction(-1)]))]))


def _area_tangent(of: Arithmetic, x: Value) -> Value:
    quotient = of.product([of.sum([Fraction(1), x]), of.power(of.difference(Fraction(1), x), Fraction(-1))])
    return of.product([Fraction(1, 2), _logarithm(of, quotient)])


def _square_root(of: Arithmetic, x: Value) -> Value:
    return of.power(x, Fraction(1, 2), root=True)


def _absolute(of: Arithmetic, x: Value) -> Value:
    if isinstance(x, Fraction):
        return abs(x)
    if x.imaginary is not None:
        _note_parts(of, x)
    return functions.absolute(x, of.precision())


def _note_parts(of: Arithmetic, x: Ball) -> None:
    parts = [Ball(x.real, None, x.error), Ball(x.imaginary, None, x.error)]
    if all(part.nonzero for part in parts):
        of.note(2 * abs(parts[0].magnitude - parts[1].magnitude))


def _sign(of: Arithmetic, x: Value) -> Value:
    if isinstance(x, Fraction):
        return Fraction((x > 0) - (x < 0))
    if x.imaginary is not None:
        raise Unclear("the sign of a complex number")
    known_nonzero(x)
    return Fraction(-1 if x.real[0] else 1)


def _floor(of: Arithmetic, x: Value) -> Value:
    return Fraction(x.__floor__() if isinstance(x, Fraction) else functions.nearest_integers(x))


def _ceiling(of: Arithmetic, x: Value) -> Value:
    return -Fraction((-x).__floor__() if isinstance(x, Fraction) else functions.nearest_integers(negate(x)))


def _factorial(of: Arithmetic, x: Value) -> Value:
    if isinstance(x, Fraction) and x.denominator == 1:
        if x < 0:
            raise Undefined("the factorial of a negative number")
        n = x.numerator
        if of.bits is None or n * n.bit_length() <= of.limit:
            return _spent(of, Fraction(integers.factorial(n, of.limit)))
    of.spend(of.step * 100)
    return functions.gamma(of.ball(of.sum([x, Fraction(1)])), of.precision())


def _spent(of: Arithmetic, value: Fraction) -> Fraction:
    """A whole number that took work by its length."""
    of.spend(value.numerator.bit_length() >> 6)
    return value


def _double_factorial(of: Arithmetic, x: Value) -> Value:
    if not isinstance(x, Fraction) or x.denominator != 1 or x < -1:
        raise Ambiguous("the double factorial of such a number")
    return _spent(of, Fraction(integers.double_factorial(x.numerator, integers.MAX_BITS)))


def _real(of: Arithmetic, x: Value) -> Value:
    return x if isinstance(x, Fraction) else Ball(x.real, None, x.error)


def _imaginary(of: Arithmetic, x: Value) -> Value:
    return Fraction(0) if isinstance(x, Fraction) or x.imaginary is None else Ball(x.imaginary, None, x.error)


def _conjugate(of: Arithmetic, x: Value) -> Value:
    if isinstance(x, Fraction) or x.imaginary is None:
        return x
    return Ball(x.real, negate(Ball(x.imaginary)).real, x.error)


def _argument(of: Arithmetic, x: Value) -> Value:
    if x == 0:
        raise Undefined("the angle of zero")
    if isinstance(x, Fraction) and x > 0:
        return Fraction(0)
    ball = of.ball(x)
    if ball.imaginary is not None:
        _note_parts(of, ball)
    return functions.argument(ball, of.precision())


def _whole(value: Value) -> int:
    if not isinstance(value, Fraction) or value.denominator != 1:
        raise Ambiguous("a function of whole numbers at another")
    return value.numerator


def _binomial(of: Arithmetic, n: Value, k: Value) -> Value:
    if not isinstance(n, Fraction):
        count = _whole(k)
        if not 0 <= count <= 200:
            raise Ambiguous("a binomial coefficient of such numbers")
        factors = [of.sum([n, Fraction(-j)]) for j in range(count)]
        return of.product([*factors, Fraction(1, integers.factorial(count))])
    return _spent(of, integers.binomial(n, _whole(k)))


def _permutations(of: Arithmetic, n: Value, k: Value) -> Value:
    if not isinstance(n, Fraction) or _whole(k) < 0:
        raise Ambiguous("permutations of such numbers")
    return _spent(of, integers.permutations(n, _whole(k)))


def _divisor(of: Arithmetic, values: list[Value], name: str) -> Value:
    numbers = [_whole(value) for value in values]
    of.spend(sum(number.bit_length() for number in numbers) >> 6)
    if name == "gcd":
        return Fraction(math.gcd(*numbers))
    integers.check_bits(sum(number.bit_length() for number in numbers), integers.MAX_BITS)
    return Fraction(math.lcm(*numbers))


def _extreme(of: Arithmetic, values: list[Value], sign: int) -> Value:
    best = values[0]
    for value in values[1:]:
        gap = of.difference(value, best)
        if isinstance(gap, Fraction):
            best = value if gap * sign > 0 else best
        elif gap.imaginary is not None:
            raise Unclear("the larger of complex numbers")
        elif gap.nonzero:
            best = value if bool(gap.real[0]) != (sign > 0) else best
        else:  # either will do, as far as they may be apart
            ball = of.ball(best)
            best = Ball(ball.real, ball.imaginary, widen(ball.error, gap.magnitude, gap.error))
    return best


def _modulo(of: Arithmetic, value: Node, modulus: Node) -> Value:
    m = of.value(modulus)
    if m == 0:
        raise Undefined("a remainder of the division by zero")
    if isinstance(m, Fraction) and m.denominator == 1 and m > 0:
        quick = residue(value, m.numerator, of.spend)
        if quick is not None:
            return Fraction(quick)
    x = of.value(value)
    if isinstance(x, Fraction) and isinstance(m, Fraction):
        return x - m * (x / m).__floor__()
    if isinstance(x, Ball) and x.exact is False and isinstance(m, Fraction) and x.magnitude > of.precision():
        raise Unsettled("a remainder of a number that is not known well enough")
    quotient = of.product([x, of.power(m, Fraction(-1))])
    return of.difference(x, of.product([m, _floor(of, quotient)]))


def _determinant(of: Arithmetic, node: Node) -> Value:
    if isinstance(node, Matrix):
        return determinant(of, node.rows)
    raise Unclear("the determinant of what is no matrix")


def determinant(of: Arithmetic, rows: tuple[tuple[Node, ...], ...]) -> Value:
    """The determinant of up to four rows. Raises what `Evaluator.value` raises."""
    if not rows or len(rows) > 4 or any(len(row) != len(rows) for row in rows):
        raise Unclear("the determinant of such a matrix")
    return _expand(of, [[of.value(entry) for entry in row] for row in rows])


def _expand(of: Arithmetic, rows: list[list[Value]]) -> Value:
    if len(rows) == 1:
        return rows[0][0]
    terms = []
    for column, entry in enumerate(rows[0]):
        minor = _expand(of, [row[:column] + row[column + 1 :] for row in rows[1:]])
        terms.append(of.product([Fraction((-1) ** column), entry, minor]))
    return of.sum(terms)


def _norm(of: Arithmetic, node: Node) -> Value:
    if isinstance(node, Group):
        entries = node.items
    elif isinstance(node, Matrix) and (len(node.rows) == 1 or all(len(row) == 1 for row in node.rows)):
        entries = tuple(entry for row in node.rows for entry in row)
    else:
        raise Unclear("the length of what is no vector")
    sizes = [_absolute(of, of.value(entry)) for entry in entries]
    return _square_root(of, of.sum([of.product([size, size]) for size in sizes]))


_ONE: dict[str, Callable[[Arithmetic, Value], Value]] = {
    "sin": _trigonometric("sin"), "cos": _trigonometric("cos"), "tan": _trigonometric("tan"),
    "sinh": _hyperbolic("sinh"), "cosh": _hyperbolic("cosh"), "tanh": _hyperbolic("tanh"),
    "arcsin": _arcsine, "arccos": _arccosine, "arctan": _arctangent, "arccot": _arccotangent,
    "arcsec": lambda of, x: _arccosine(of, of.power(x, Fraction(-1))),
    "arccsc": lambda of, x: _arcsine(of, of.power(x, Fraction(-1))),
    "arcsinh": _area_sine, "arccosh": _area_cosine, "arctanh": _area_tangent,
    "exp": lambda of, x: of.exponential(x), "ln": _logarithm, "log": _plain_logarithm,
    "abs": _absolute, "sgn": _sign, "floor": _floor, "ceil": _ceiling, "factorial": _factorial,
    "double_factorial": _double_factorial, "re": _real, "im": _imaginary, "conjugate": _conjugate, "arg": _argument,
}  # fmt: skip
_TWO: dict[str, Callable[[Arithmetic, Value, Value], Value]] = {
    "log": _logarithm_to, "binomial": _binomial, "permutations": _permutations,
}  # fmt: skip
