r"""Sums, products, powers: everything that is calculated with.

`a/b c` without brackets is read as `(a/b)c` only when spaces say so; else it is not readable, since people mean both.
"""

from collections.abc import Callable

from scorer.math.syntax import brackets, names, powers, quantifiers, units
from scorer.math.syntax.build import MINUS_ONE, call, negative, operand, product, quotient, total
from scorer.math.syntax.cursor import Cursor
from scorer.math.syntax.tree import (
    Apply,
    Call,
    Group,
    NamedSet,
    Node,
    NotReadable,
    Number,
    PlusMinus,
    Power,
    Quantity,
    SetOperation,
    Symbol,
    Text,
    TooLarge,
)

READERS: dict[str, Callable[[Cursor], Node]] = {}
"""What reads a factor that begins with a token of this kind; `grammar` fills it in."""
_MAX_POSTFIXES = 20
_MAX_CONDITION = 40
_BEFORE_UNIT = 40
"""A unit does not follow more factors: each is looked at for each unit."""
_INTERVAL = (Group, NamedSet, SetOperation)


def expression(c: Cursor) -> Node:
    """A sum, or sets joined by operations."""
    node = _sum(c)
    kind = c.kind
    if kind == "setop" or (kind == "letter" and c.token.text in "Uu" and _joins_sets(c, node)):
        return _set_operations(c, node)
    if kind == "bmod":
        c.advance()
        return Call("mod", (operand(node), operand(term(c))))
    return node


def _joins_sets(c: Cursor, node: Node) -> bool:
    return isinstance(node, _INTERVAL) and c.peek().kind in ("(", "[", "\\{", "{", "]", "set")


def _set_operations(c: Cursor, node: Node) -> Node:
    """Operations of equal rank from left to right; those of one kind make one node."""
    while True:
        if c.kind == "setop":
            operation = c.token.text
        elif c.kind == "letter" and c.token.text in "Uu" and _joins_sets(c, node):
            operation = "union"
        else:
            return node
        c.advance()
        left, right = names.as_set(node), brackets.as_set(c) if c.kind == "{" else names.as_set(_sum(c))
        if isinstance(left, SetOperation) and left.operation == operation != "difference":
            node = SetOperation(operation, (*left.operands, right))
        else:
            node = SetOperation(operation, (left, right))


def _sum(c: Cursor) -> Node:
    terms: list[Node] = []
    while True:
        kind = c.kind
        minus = False
        if kind == "+" and not terms and c.peek().kind == "-" and not c.peek().spaced:  # +-5
            c.advance()
            c.token.kind = c.kind = kind = "pm"
            c.token.text = "+"
        while kind in ("+", "-"):
            minus ^= kind == "-"
            c.advance()
            kind = c.kind
        if kind == "pm":
            sign = c.advance().text
            right = term(c)
            left = total(terms) if terms else None
            if minus and left is not None:
                raise NotReadable("several signs in a row")
            node: Node = PlusMinus(left, operand(right), sign == "-")
            if isinstance(right, Quantity):
                node = Quantity(PlusMinus(left, right.value, sign == "-"), right.unit)
            terms = [negative(node) if minus else node]
        else:
            node = term(c)
            node = negative(node) if minus else node
            if minus and terms and isinstance(node, Group | SetOperation | NamedSet):
                raise c.wrong()
            terms.append(node)
        kind = c.kind
        if kind == "-" and len(terms) == 1 and c.peek().kind in ("\\{", "{") and _is_set_name(terms[0]):
            c.advance()
            right = brackets.as_set(c) if c.kind == "{" else term(c)
            return SetOperation("difference", (names.as_set(terms[0]), right))
        if kind not in ("+", "-", "pm"):
            return total(terms)


def _is_set_name(node: Node) -> bool:
    return isinstance(node, NamedSet) or (isinstance(node, Symbol) and node.name in ("R", "Z", "Q", "N", "C"))


def term(c: Cursor) -> Node:
    """A product, with its unit."""
    begins_with = c.kind
    factors = [factor(c)]
    node: Node | None = None
    divided = False
    while True:
        kind = c.kind
        if kind == "*":
            sign = c.advance()
            crossed = c.kind == "vec" and c.source.startswith("\\times", sign.start) and begins_with == "vec"
            begins_with = c.kind
            right = _signed_factor(c)
            if crossed and isinstance(factors[-1], Symbol) and isinstance(right, Symbol):  # its order matters
                factors[-1] = Apply("cross", (factors[-1], right))
            else:
                factors.append(right)
            divided = False
        elif kind == "/":
            spaced = c.token.spaced or c.peek().spaced
            c.advance()
            below = _signed_factor(c)
            above = product(factors)
            bare = c.tokens[c.position - 1].kind in ("%", "deg", "money")
            if bare and isinstance(below, Quantity) and not isinstance(above, Quantity):
                factors = [Quantity(quotient(above, below.value), below.unit)]
            else:
                factors = [quotient(above, below)]
            divided = not _is_clear(c, above, below)
            if spaced and divided and c.kind in _STARTS:
                node = units.with_unit(c, factors[0])
                if node is not None:
                    return node
                raise NotReadable("a quotient that goes on without a sign")
        elif kind in _STARTS:
            if kind == "letter" and c.token.text in "xX" and _is_times(c):
                c.advance()
                factors.append(factor(c))
                continue
            if kind in _MAYBE_UNITS and len(factors) < _BEFORE_UNIT and units.may_begin(c):
                of_all = not any(isinstance(above, Quantity) for above in factors)
                node = units.with_unit(c, product(factors) if of_all else factors[-1])
                if node is not None:
                    factors = [node] if of_all else [*factors[:-1], node]
                    if c.kind in ("*", "/"):
                        continue
                    return product(factors)
            if not _goes_on(c, factors[-1]):
                break
            if divided and not c.token.spaced:
                raise NotReadable("a quotient that goes on without a sign")
            divided = False
            factors.append(factor(c))
        else:
            break
    return product(factors)


def _is_clear(c: Cursor, above: Node, below: Node) -> bool:
    """Whether what follows a quotient of numbers surely does not belong below: in `4/3 \\pi`, `(1)/(4)n`."""
    if not isinstance(above, Number) or not isinstance(below, Number):
        return False
    bracketed = c.tokens[c.position - 1].kind == ")" and c.kind != "("
    return bracketed or (c.kind == "const" and c.token.text == "pi" and above.value > 1)


def _signed_factor(c: Cursor) -> Node:
    minus = False
    while c.kind in ("+", "-"):
        minus ^= c.advance().kind == "-"
    node = factor(c)
    return negative(node) if minus else node


def _goes_on(c: Cursor, last: Node) -> bool:
    """Whether the token here begins one more factor of a product without signs."""
    kind = c.kind
    if kind in ("|", "norm"):
        return c.inside not in ("|", "set", "norm") and c.inside != kind
    if kind == "]":
        return False
    if kind == "[" and (c.inside == "]" or (c.inside in ("[", "(") and c.peek().kind in _AFTER_BRACKETS)):
        return False
    if kind == "num":
        factored = isinstance(last, Power) and not last.root and last.exponent != MINUS_ONE  # 2^3 5^2
        before = c.tokens[c.position - 1].kind
        if factored and (c.token.spaced or before == "}"):
            return True
        if before in (")", "]", "!") and not isinstance(last, Number):
            return True
        raise NotReadable("a number follows another expression without a sign")
    if quantifiers.begins(c) or (kind in ("word", "text") and c.token.text == "to"):
        return False
    if isinstance(last, Text) or kind == "word" or (kind == "text" and len(c.token.text) > 1):
        raise c.wrong()
    if kind == "letter" and c.token.text in "Uu" and _joins_sets(c, last):
        return False
    if kind == "(" and c.peek().kind in ("bmod", "mod"):
        return False
    if kind == "(" and c.inside == "" and is_condition(c):
        return False
    if kind in ("(", "[") and isinstance(last, Group) and len(last.items) > 1:
        raise NotReadable("two brackets with commas side by side")
    if kind == "money":
        raise c.wrong()
    return True


def _is_times(c: Cursor) -> bool:
    """Whether the letter here is the sign of multiplication in `6.02 x 10^23`."""
    before, after = c.tokens[c.position - 1], c.peek()
    return before.kind == "num" and after.kind == "num" and after.text == "10" and c.peek(2).kind == "^"


def is_condition(c: Cursor) -> bool:
    """Whether the bracket here has a relation: `y = 2x (x > 0)`."""
    depth = 0
    for position in range(c.position, min(len(c.tokens), c.position + _MAX_CONDITION)):
        kind = c.tokens[position].kind
        depth += (kind == "(") - (kind == ")")
        if kind == "rel":
            return True
        if not depth:
            break
    return False


def factor(c: Cursor) -> Node:
    """One factor with its exponents, factorials, percent and degree signs."""
    c.depth += 1
    if c.depth > c.limit:
        raise TooLarge(f"nested more than {c.limit} deep")
    reader = READERS.get(c.kind)
    if reader is None:
        raise c.wrong()
    node = reader(c)
    if c.kind in _POSTFIX:
        node = _postfix(c, node)
    c.depth -= 1
    return node


def _postfix(c: Cursor, node: Node) -> Node:
    for _ in range(_MAX_POSTFIXES):
        kind = c.kind
        if kind == "^":
            c.advance()
            node = powers.power(c, node)
        elif kind == "!":
            c.advance()
            if c.kind == "!" and not c.token.spaced:
                c.advance()
                node = call("double_factorial", node)
            else:
                node = call("factorial", node)
        elif kind == "%":
            c.advance()
            node = Quantity(operand(node), "%")
        elif kind == "deg":
            c.advance()
            node = units.degrees(c, node)
        elif kind == "'":
            node = units.minutes(c, node)
        elif kind == "money" and isinstance(node, Number):
            if c.peek().kind in ("num", "letter", "("):
                raise c.wrong()
            node = Quantity(node, c.advance().text)
        elif kind in ("_", "circ"):
            raise c.wrong()
        else:
            return node
    raise TooLarge(f"more than {_MAX_POSTFIXES} signs behind one expression")


_STARTS = frozenset(
    [
        r"num",
        r"based",
        r"letter",
        r"name",
        r"const",
        r"dots",
        r"text",
        r"word",
        r"set",
        r"empty",
        r"vec",
        r"overline",
        r"figure",
        r"frac",
        r"binom",
        r"sqrt",
        r"money",
        r"func",
        r"sum",
        r"prod",
        r"int",
        r"lim",
        r"(",
        r"[",
        r"]",
        r"langle",
        r"\{",
        r"{",
        r"|",
        r"lbar",
        r"norm",
        r"lfloor",
        r"lceil",
        r"begin",
    ]
)
"""Kinds of tokens that begin a factor."""
_AFTER_BRACKETS = frozenset(["end", ",", ";", ")", "setop", "join", "rel", "}", "\\}", "row", "stop", "&"])
"""What follows a bracket that closes: the French interval `[1; 2[`."""
_MAYBE_UNITS = frozenset(["text", "word", "letter", "func", "(", "frac"])
_POSTFIX = frozenset(["^", "!", "%", "deg", "'", "money", "_", "circ"])
