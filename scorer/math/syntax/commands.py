r"""Commands with arguments: fractions, roots, binomials, and the values that are one sign."""

from fractions import Fraction

from scorer.math.syntax import brackets, digits, expressions, names, units
from scorer.math.syntax.build import call, negative, operand, quotient, root
from scorer.math.syntax.cursor import Cursor
from scorer.math.syntax.tree import Constant, Node, NotReadable, Number, Quantity, Symbol


def argument(c: Cursor) -> Node:
    r"""What a command stands before: a group in braces, or one token; of `\frac12` each digit is one."""
    kind = c.kind
    if kind == "{":
        if c.peek().kind == "}":
            raise NotReadable("an empty argument")
        return operand(brackets.group(c))
    if kind == "num":
        token = c.token
        if len(token.text) > 1:
            first = token.text[0]
            if not token.text.isdigit():
                raise c.wrong()
            c.token.text = token.text[1:]
            c.token.spaced = False
            c.token.start += 1
            return Number(Fraction(int(first)))
        c.advance()
        return Number(Fraction(int(token.text)))
    if kind == "letter":
        return names.letter_alone(c)
    if kind in ("name", "const", "sqrt", "frac", "vec"):
        c.enter(c.inside)
        node = expressions.READERS[kind](c)
        c.depth -= 1
        return node
    raise c.wrong()


def bound(c: Cursor) -> Node:
    """What follows `_` or `^` at a sum, an integral or a logarithm: `^` after it is the next one and no exponent."""
    if c.kind == "num":
        return digits.plain_without_base(c)
    if c.kind == "-":
        c.advance()
        return negative(bound(c))
    return argument(c)


def fraction(c: Cursor) -> Node:
    r"""`\frac` and its arguments."""
    c.advance()
    if c.kind == "(":
        raise c.wrong()
    unit = units.fraction_of_words(c)
    if unit is not None:
        return unit
    above = argument(c)
    return quotient(above, argument(c))


def binomial(c: Cursor) -> Node:
    r"""`\binom` and its arguments."""
    c.advance()
    above = argument(c)
    return call("binomial", above, argument(c))


def radical(c: Cursor) -> Node:
    r"""`\sqrt`, with a degree in square brackets or without; a number after it is taken whole."""
    cube = c.advance().text == "cbrt"
    degree: Node = Number(Fraction(3 if cube else 2))
    if c.kind == "[":
        before = c.enter("[")
        c.advance()
        degree = expressions.expression(c)
        c.expect("]")
        c.leave(before)
    if c.kind == "num":
        return root(digits.plain(c), degree)
    if c.kind == "(":
        return root(brackets.bracketed(c), degree)
    return root(argument(c), degree)


def constant(c: Cursor) -> Node:
    """A constant that is one sign."""
    return Constant(c.advance().text)


def dots(c: Cursor) -> Node:
    """Dots that leave something out."""
    c.advance()
    return Symbol("...")


def money(c: Cursor) -> Node:
    """A currency and the amount behind it."""
    unit = c.advance().text
    minus = False
    while c.kind in ("-", "+"):
        minus ^= c.advance().kind == "-"
    if c.kind not in ("num", "frac", "{", "(", "letter", "const", "name", "sqrt"):
        raise c.wrong()
    value = digits.number(c) if c.kind == "num" else expressions.factor(c)
    if c.kind == "/" and c.peek().kind == "num":
        c.advance()
        value = quotient(value, digits.number(c))
    value, rest = units.priced(c, value, unit)
    return Quantity(negative(value) if minus else operand(value), rest)
