"""The value of an expression: a rational number where that can be, else a ball."""

from fractions import Fraction

from scorer.math.syntax.tree import (
    Apply,
    Based,
    Big,
    Call,
    Constant,
    Matrix,
    Node,
    Number,
    Power,
    Product,
    Quantity,
    Sum,
    Symbol,
)
from scorer.math.values import functions
from scorer.math.values.arithmetic import Arithmetic, Value
from scorer.math.values.calls import call, determinant
from scorer.math.values.errors import Unclear
from scorer.math.values.points import coefficients
from scorer.math.values.sums import big


class Evaluator(Arithmetic):
    """Gives expressions their values."""

    def value(self, node: Node) -> Value:
        """The value of an expression.

        Raises:
            Undefined: It has none.
            Unsettled: The precision is too low.
            Unclear: It is no expression, has an unknown without a value, or could mean two things.
            TooLarge: It would be too much work.
        """
        self.spend(self.step)
        match node:
            case Number(value):
                return value
            case Symbol(name):
                if name in self.unknowns:
                    return self.unknowns[name]
                raise Unclear(f"the unknown {name}")
            case Sum(terms):
                return self.sum([self.value(term) for term in terms])
            case Product(factors):
                return self.product([self.value(factor) for factor in factors])
            case Power():
                return self._power(node)
            case Constant(name):
                return self.constant(name)
            case Call():
                return call(self, node)
            case Big():
                return big(self, node)
            case Quantity(value, unit):
                return self._quantity(self.value(value), unit)
            case Based():
                return Fraction(node.value)
            case Apply(name, arguments):
                return self._unknown_function(name, [self.value(argument) for argument in arguments])
            case Matrix(rows, True):
                return determinant(self, rows)
        raise Unclear(f"{type(node).__name__} is no expression")

    def _power(self, node: Power) -> Value:
        if isinstance(node.base, Constant) and node.base.name == "e":
            return self.exponential(self.value(node.exponent))
        base = self.value(node.base)
        if base == 1:
            return base
        return self.power(base, self.value(node.exponent), root=node.root)

    def _quantity(self, value: Value, unit: str) -> Value:
        if unit == "%":
            return self.product([value, Fraction(1, 100)])
        if unit == "degree":
            return self.product([value, Fraction(1, 180), functions.pi(self.precision())])
        raise Unclear(f"the unit {unit}")

    def _unknown_function(self, name: str, arguments: list[Value]) -> Value:
        """Some smooth function that depends on nothing but its name."""
        bits = self.precision()
        values = coefficients(name, 1 + 2 * len(arguments))
        terms: list[Value] = [values[0]]
        for argument, linear, square in zip(arguments, values[1::2], values[2::2], strict=True):
            terms += [self.product([linear, argument]), self.product([square, argument, argument])]
        angle = self.ball(self.sum(terms))
        if angle.nonzero:
            self.note(3 * abs(angle.magnitude))
        return self.sum([Fraction(3), functions.sine_cosine(angle, bits)[1]])
