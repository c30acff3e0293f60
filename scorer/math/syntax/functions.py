r"""Known functions and their arguments, with and without brackets, and `\sum`, `\int`, `\lim`."""

from fractions import Fraction

from scorer.math.syntax import brackets, commands, expressions, powers
from scorer.math.syntax.build import MINUS_ONE, call, negative, operand, product
from scorer.math.syntax.cursor import Cursor
from scorer.math.syntax.tokens import INVERSES, Token
from scorer.math.syntax.tree import Big, Call, Constant, Group, Node, NotReadable, Number, Power, Product, Sum

_OF_SEVERAL = frozenset(["gcd", "lcm", "max", "min"])
_BRACKETS = frozenset(["(", "[", "|", "lbar"])
_ARGUMENT_STARTS = frozenset(
    ["num", "letter", "name", "const", "frac", "sqrt", "binom", "{", "vec", "overline", "figure", "money", "text"]
)


def known(c: Cursor) -> Node:
    """A known function with its exponent, its base and its argument."""
    token = c.advance()
    function = token.text
    exponent: Node | None = None
    base: Node | None = None
    while c.kind in ("^", "_"):
        if c.kind == "^" and exponent is None:
            c.advance()
            exponent = powers.exponent_of(c)
        elif c.kind == "_" and base is None and function == "log":
            base = _base(c)
        else:
            raise c.wrong()
    if exponent == Product((MINUS_ONE, Number(Fraction(1)))) and function in INVERSES:
        function, exponent = INVERSES[function], None
    if function == "lg":
        function, base = "log", Number(Fraction(10))
    if function == "log" and base is None and c.kind == "num" and c.peek().kind == "(" and not c.token.spaced:
        raise NotReadable("log2(x) may have a base or not")
    if function == "cis":
        angle = _argument(c)
        node: Node = Sum((call("cos", angle), Product((Constant("i"), call("sin", angle)))))
    elif function in _OF_SEVERAL:
        node = Call(function, _several(c))
    else:
        node = call(function, *([] if base is None else [base]), _argument(c))
    return node if exponent is None else Power(node, exponent)


def _base(c: Cursor) -> Node:
    c.advance()
    return commands.bound(c)


def _several(c: Cursor) -> tuple[Node, ...]:
    braced = c.kind == "{" and c.peek().kind == "\\{"
    if braced:
        c.advance()
    if c.kind not in ("(", "\\{", "{", "["):
        raise c.wrong()
    node = brackets.bracketed(c) if c.kind != "{" else brackets.group(c)
    if braced:
        c.expect("}")
    if isinstance(node, Group) and node.items and (node.opening, node.closing) in (("(", ")"), ("{", "}"), ("[", "]")):
        return tuple(operand(item) for item in node.items)
    if isinstance(node, Group):
        raise NotReadable("a function of no arguments")
    return (operand(node),)


def _argument(c: Cursor) -> Node:
    kind = c.kind
    if kind in _BRACKETS or (kind == "{" and c.peek().kind != "}"):
        if kind == "{":
            return brackets.group(c)
        return brackets.bars(c) if kind in ("|", "lbar") else brackets.bracketed(c)
    minus = False
    while c.kind in ("+", "-"):
        minus ^= c.advance().kind == "-"
    node = _without_brackets(c)
    return negative(node) if minus else node


def _without_brackets(c: Cursor) -> Node:
    """`2x` in `\\sin 2x`: factors up to the next sign, function or, unless only numbers came before, bracket."""
    if c.kind == "func":
        return known_in_depth(c)
    factors: list[Node] = []
    only_numbers = True
    while c.kind in _ARGUMENT_STARTS or (c.kind == "(" and only_numbers):
        if factors and (c.token.kind == "money" or (c.kind == "letter" and c.token.run > 3) or c.kind == "text"):
            break
        if factors and c.kind == "letter" and c.token.text in "ei" and c.peek().kind == "^":
            raise NotReadable("where the argument of a function ends")
        node = expressions.factor(c)
        if factors and isinstance(node, Number):
            raise NotReadable("a number follows another expression without a sign")
        only_numbers = only_numbers and isinstance(node, Number)
        factors.append(node)
    if not factors:
        raise c.wrong()
    if c.kind == "/":
        after = c.peek()
        if after.kind != "func":
            if not (_has_pi(factors) and after.kind == "num" and not after.spaced):
                raise NotReadable("a quotient after the argument of a function without brackets")
            c.advance()
            factors.append(Power(expressions.factor(c), MINUS_ONE))
    return product(factors)


def known_in_depth(c: Cursor) -> Node:
    """A function of a function: `\\ln \\sin x`."""
    before = c.enter(c.inside)
    node = known(c)
    c.leave(before)
    return node


def _has_pi(factors: list[Node]) -> bool:
    return any(isinstance(factor, Constant) and factor.name == "pi" for factor in factors)


_KINDS = {"sum": "sum", "prod": "product", "int": "integral", "lim": "limit"}


def big(c: Cursor) -> Node:
    """A sum, product, integral or limit with its bounds."""
    kind = _KINDS[c.advance().text]
    before = c.enter("{" if c.inside in ("|", "norm") else c.inside)
    node = _limit(c) if kind == "limit" else _integral(c) if kind == "integral" else _series(c, kind)
    c.leave(before)
    return node


def _variable(c: Cursor) -> str:
    if c.kind not in ("letter", "name"):
        raise c.wrong()
    return c.advance().text


def _limit(c: Cursor) -> Node:
    c.expect("_")
    c.expect("{")
    variable = _variable(c)
    c.expect("to")
    target = expressions.expression(c)
    c.expect("}")
    return Big("limit", variable, operand(target), None, _body(c))


def _series(c: Cursor, kind: str) -> Node:
    upper: Node | None = None
    if c.accept("^"):
        upper = commands.bound(c)
    c.expect("_")
    c.expect("{")
    variable = _variable(c)
    if c.token.text != "=":
        raise c.wrong()
    c.advance()
    lower = operand(expressions.expression(c))
    c.expect("}")
    if upper is None:
        c.expect("^")
        upper = commands.bound(c)
    bound, c.bound = c.bound, c.bound | {variable}
    node = Big(kind, variable, lower, upper, _body(c))
    c.bound = bound
    return node


def _body(c: Cursor) -> Node:
    return operand(expressions.term(c))


def _integral(c: Cursor) -> Node:
    bounds: dict[str, Node] = {}
    while c.kind in ("_", "^"):
        mark = c.advance().kind
        if mark in bounds:
            raise c.wrong()
        bounds[mark] = commands.bound(c)
    if len(bounds) == 1:
        raise NotReadable("an integral with one bound")
    _mark_differential(c)
    body: Node = Number(Fraction(1)) if c.kind == "differential" else expressions.expression(c)
    c.expect("differential")
    variable = _variable(c)
    return Big("integral", variable, bounds.get("_"), bounds.get("^"), operand(body))


def _mark_differential(c: Cursor) -> None:
    """Finds the `dx` that ends the integral, so that it is not read as a product."""
    depth = 0
    for position in range(c.position, len(c.tokens) - 1):
        token, after = c.tokens[position], c.tokens[position + 1]
        if token.kind == "differential":
            return
        if token.kind in ("(", "[", "{", "\\{"):
            depth += 1
        elif token.kind in (")", "]", "}", "\\}"):
            depth -= 1
        elif depth == 0 and token.kind == "letter" and token.text == "d" and after.kind in ("letter", "name"):
            c.tokens[position] = Token("differential", "d", token.start, token.end, token.spaced)
            if position == c.position:
                c.token, c.kind = c.tokens[position], "differential"
            return
        if depth < 0:
            break
    raise NotReadable("an integral without a differential")
