"""Which part of the grammar reads what begins with which token: the parts use each other, so they meet here."""

from scorer.math.syntax import bases, brackets, commands, digits, environments, expressions, functions, names, relations
from scorer.math.syntax.cursor import Cursor
from scorer.math.syntax.tree import Node

expressions.READERS.update(
    {
        "num": digits.number,
        "based": bases.based,
        "letter": names.symbol,
        "name": names.symbol,
        "const": commands.constant,
        "dots": commands.dots,
        "text": names.wrapped,
        "set": names.named_set,
        "empty": names.empty_set,
        "vec": names.vector,
        "overline": names.overlined,
        "figure": names.figure,
        "frac": commands.fraction,
        "binom": commands.binomial,
        "sqrt": commands.radical,
        "money": commands.money,
        "func": functions.known,
        "sum": functions.big,
        "prod": functions.big,
        "int": functions.big,
        "lim": functions.big,
        "(": brackets.bracketed,
        "[": brackets.bracketed,
        "]": brackets.bracketed,
        "langle": brackets.bracketed,
        "\\{": brackets.bracketed,
        "{": brackets.set_or_group,
        "|": brackets.bars,
        "lbar": brackets.bars,
        "norm": brackets.bars,
        "lfloor": brackets.rounding,
        "lceil": brackets.rounding,
        "begin": environments.environment,
    }
)


def answer(c: Cursor) -> Node:
    """A whole answer, up to where it ends or is no longer understood."""
    return relations.answer(c)
