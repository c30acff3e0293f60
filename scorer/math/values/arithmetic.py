"""Arithmetic on rational numbers while that can be, and on balls from there on."""

import math
from abc import ABC, abstractmethod
from fractions import Fraction

from scorer.math.syntax.tree import Node, TooLarge
from scorer.math.values import budget, functions, integers
from scorer.math.values.ball import Ball, add, from_fraction, integer_power, multiply, negate
from scorer.math.values.errors import Ambiguous, Unclear, Undefined, Unsettled

Value = Fraction | Ball
"""A rational number, or a ball around any other."""

MAX_STEPS = 50_000
"""Work for one value: a part of an expression counts for one, and for more where it needs many digits."""
FUNCTION_STEPS = 4
"""Parts of an expression that a transcendental function counts for."""
_EXACT_BITS = 20_000


class Arithmetic(ABC):
    """Works out values at one precision and with one set of values for the unknowns."""

    def __init__(
        self,
        bits: int | None,
        unknowns: dict[str, Value] | None = None,
        *,
        complex_numbers: bool = True,
        natural_log: bool = False,
        steps: int = MAX_STEPS,
    ) -> None:
        """Prepares.

        Args:
            bits: Precision of balls. None: only rational values are wanted, up to `integers.MAX_BITS`.
            unknowns: Values of the free symbols.
            complex_numbers: Whether roots and logarithms of negative numbers have a value.
            natural_log: Whether a logarithm without a base is the natural one.
            steps: The work that may be done.
        """
        self.bits = bits
        self.unknowns = unknowns or {}
        self.complex_numbers = complex_numbers
        self.natural_log = natural_log
        self.gap = 0.0
        """The most bits that a part lies below another that it is added to: what a rounded value may have lost."""
        self.limit = integers.MAX_BITS if bits is None else _EXACT_BITS
        self.steps = steps
        self.step = 1 if bits is None else 1 + bits // 256 + (bits // 1000) ** 2

    @abstractmethod
    def value(self, node: Node) -> Value:
        """The value of an expression, see `Evaluator.value`."""

    def spend(self, steps: int) -> None:
        """Counts work. Raises `TooLarge` when it is too much."""
        budget.spend(steps)
        self.steps -= steps
        if self.steps < 0:
            raise TooLarge("an expression takes too many steps")

    def precision(self) -> int:
        """The bits of balls. Raises `Unclear` when only rational values are wanted."""
        if self.bits is None:
            raise Unclear("a value that is not rational")
        return self.bits

    def ball(self, value: Value) -> Ball:
        """The value as a ball. Raises `Unclear` when only rational values are wanted."""
        bits = self.precision()
        if isinstance(value, Ball):
            return value
        if value.denominator != 1 or value.numerator.bit_length() > 64:
            self.note(max(value.numerator.bit_length(), value.denominator.bit_length()))
        return from_fraction(value, bits)

    def note(self, gap: float) -> None:
        """Remembers that a value may hide another that is smaller by so many bits."""
        self.gap = max(self.gap, gap)

    def sum(self, values: list[Value]) -> Value:
        """The sum."""
        exact, balls = Fraction(0), []
        for value in values:
            if isinstance(value, Ball):
                balls.append(value)
            elif value:
                length = integers.bits_of(exact) + integers.bits_of(value)
                integers.check_bits(length, integers.MAX_BITS)
                self.spend(length >> 8)
                exact = exact + value if exact else value
        if not balls:
            return exact
        if exact:
            balls.append(self.ball(exact))
        if len(balls) > 1:
            sizes = [ball.magnitude for ball in balls if ball.nonzero]
            if sizes:
                self.note(max(sizes) - min(sizes))
        return add(balls, self.precision())

    def product(self, values: list[Value]) -> Value:
        """The product."""
        exact, balls = Fraction(1), []
        for value in values:
            if isinstance(value, Ball):
                balls.append(value)
            elif value != 1:
                length = integers.bits_of(exact) + integers.bits_of(value)
                self.spend(length >> 8)
                if length > self.limit:
                    integers.check_bits(math.inf if self.bits is None else 0, self.limit)
                    balls.append(self.ball(value))
                else:
                    exact = exact * value if exact != 1 else value
        if not balls or not exact:
            return exact
        result = balls[0]
        for ball in balls[1:]:
            result = multiply(result, ball, self.precision())
        return result if exact == 1 else multiply(result, self.ball(exact), self.precision())

    def difference(self, left: Value, right: Value) -> Value:
        """left - right."""
        return self.sum([left, negate(right) if isinstance(right, Ball) else -right])

    def power(self, base: Value, exponent: Value, *, root: bool = False) -> Value:
        """`base ** exponent`, principal value; of an odd root the real one."""
        if isinstance(exponent, Fraction):
            return self._rational_power(base, exponent, root)
        if base == 0:
            raise Ambiguous("a power of zero")
        if isinstance(base, Fraction) and base == 1:
            return base
        below = self.ball(base)
        if below.imaginary is None and below.real[0]:
            self._needs_complex()
        if exponent.nonzero:
            self.note(-3 * exponent.magnitude)
        return functions.power(below, exponent, self.precision())

    def _rational_power(self, base: Value, exponent: Fraction, root: bool) -> Value:
        if exponent == 1:
            return base
        if base == 0:
            if exponent == 0:
                raise Ambiguous("zero to the power of zero")
            if exponent < 0:
                raise Undefined("a division by zero")
            return base
        if exponent == 0:
            if isinstance(base, Ball) and not base.nonzero:
                raise Unsettled("zero to the power of zero")
            return Fraction(1)
        if exponent.denominator == 1:
            return self._integer_power(base, exponent.numerator)
        if isinstance(base, Ball) and base.imaginary is not None:
            return functions.power(base, self.ball(exponent), self.precision())
        return self._real_root(base, exponent, root)

    def _integer_power(self, base: Value, exponent: int) -> Value:
        if isinstance(base, Fraction):
            size = max(base.numerator.bit_length(), base.denominator.bit_length())
            if base in (1, -1):
                return base ** (exponent % 2)
            if size * abs(exponent) <= self.limit:
                self.spend(size * abs(exponent) >> 9)
                return base**exponent
            integers.check_bits(math.inf if self.bits is None else 0, self.limit)
            base = self.ball(base)
        self.spend(self.step * abs(exponent).bit_length())
        return integer_power(base, exponent, self.precision())

    def _real_root(self, base: Value, exponent: Fraction, root: bool) -> Value:
        """A power with a fraction as exponent, of a real number."""
        self.spend(FUNCTION_STEPS * self.step)
        degree = exponent.denominator
        negative = base < 0 if isinstance(base, Fraction) else bool(base.real[0]) and base.nonzero
        if negative:
            if degree % 2 and not root:
                raise Ambiguous("an odd root of a negative number, written as a power")
            size = self._real_root(-base if isinstance(base, Fraction) else negate(base), exponent, root)
            if degree % 2:
                sign = -1 if exponent.numerator % 2 else 1
                return self.product([Fraction(sign), size])
            self._needs_complex()
            if degree == 2:
                return self.product([size, self._integer_power(self.constant("i"), exponent.numerator)])
            angle = self.product([exponent, functions.pi(self.precision()), self.constant("i")])
            return self.product([size, self.exponential(angle)])
        if isinstance(base, Fraction):
            self.spend(integers.bits_of(base) >> 6)
            whole = integers.exact_root(base, degree)
            if whole is not None:
                return self._integer_power(whole, exponent.numerator)
        bits = self.precision()
        self.note(3 * degree.bit_length() if degree > 1 << 16 else 0)
        rooted = functions.root(self.ball(base), degree, bits)
        return self._integer_power(rooted, exponent.numerator) if exponent.numerator != 1 else rooted

    def exponential(self, exponent: Value) -> Value:
        """e to the power of a number."""
        self.spend(FUNCTION_STEPS * self.step)
        if exponent == 0:
            return Fraction(1)
        ball = self.ball(exponent)
        if ball.nonzero:
            self.note(-3 * ball.magnitude)
        return functions.exponential(ball, self.precision())

    def _needs_complex(self) -> None:
        if not self.complex_numbers:
            raise Undefined("not a real number")

    def constant(self, name: str) -> Value:
        """pi, e or i. Raises `Undefined` for infinity."""
        bits = self.precision()
        if name == "pi":
            return functions.pi(bits)
        if name == "e":
            return functions.exponential(from_fraction(1, bits), bits)
        if name == "i":
            return Ball(from_fraction(0, bits).real, from_fraction(1, bits).real)
        raise Undefined(f"{name} is no number")
