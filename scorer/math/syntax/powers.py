"""Exponents, and the transposition that is written like one."""

from fractions import Fraction

from scorer.math.syntax import brackets, digits, expressions, names
from scorer.math.syntax.build import negative, operand
from scorer.math.syntax.cursor import Cursor
from scorer.math.syntax.tree import Group, Matrix, NamedSet, Node, NotReadable, Number, Power, Product, TooLarge


def power(c: Cursor, base: Node) -> Node:
    """The base with the exponent that follows `^`."""
    if isinstance(base, NamedSet):
        named = names.raised_set(c, base)
        if named is not None:
            return named
    if isinstance(base, Matrix | Group) and _is_transposition(c):
        return _transposed(c, base)
    bare = c.kind in ("num", "-")
    exponent = exponent_of(c)
    if c.kind == "!":
        raise NotReadable("a factorial behind an exponent")
    if c.kind == "/" and bare and (isinstance(exponent, Product) or exponent == Number(Fraction(1))):
        raise NotReadable("a quotient behind an exponent, or in it")
    return Power(operand(base), exponent)


def exponent_of(c: Cursor) -> Node:
    """What follows `^`: a group, a number, a letter, with a sign or a further exponent."""
    c.depth += 1
    if c.depth > c.limit:
        raise TooLarge(f"nested more than {c.limit} deep")
    minus = False
    while c.kind in ("+", "-"):
        minus ^= c.advance().kind == "-"
    if c.kind == "{":
        node = brackets.group(c)
    elif c.kind in ("num", "letter", "name", "const", "(", "frac", "sqrt", "binom", "func"):
        reader = expressions.READERS[c.kind]
        if c.kind == "letter":
            node = names.letter_alone(c)
        elif c.kind == "num":
            node = digits.plain(c)
        else:
            node = reader(c)
    else:
        raise c.wrong()
    if c.kind == "^":
        c.advance()
        node = Power(operand(node), exponent_of(c))
    c.depth -= 1
    return negative(node) if minus else operand(node)


def _is_transposition(c: Cursor) -> bool:
    if c.kind == "{":
        return c.peek().text == "T" and c.peek(2).kind == "}"
    return c.kind == "top" or c.token.text == "T"


def _transposed(c: Cursor, node: Matrix | Group) -> Node:
    if c.accept("{"):
        c.advance()
    c.advance()
    if isinstance(node, Group):
        return Matrix(tuple((operand(item),) for item in node.items))
    return Matrix(tuple(zip(*node.rows, strict=True)))
