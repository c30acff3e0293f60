"""Sums, integrals and limits with other names for their own variable: `\\int f(x) dx` is `\\int f(t) dt`."""

from dataclasses import replace

from scorer.math.syntax.tree import Apply, Big, Call, Node, Power, Product, Sum, Symbol


def renamed(node: Node, names: dict[str, str] | None = None, depth: int = 0) -> Node:
    """The expression with the variable of each sum, product, integral and limit named after its depth.

    Args:
        node: An expression that `walk.survey` found small enough.
        names: New names of the variables around it.
        depth: How many there are.
    """
    names = names or {}
    match node:
        case Symbol(name):
            head, mark, subscript = name.partition("_")
            return Symbol(names.get(name) or head + mark + names.get(subscript, subscript))
        case Sum(terms):
            return Sum(tuple(renamed(term, names, depth) for term in terms))
        case Product(factors):
            return Product(tuple(renamed(factor, names, depth) for factor in factors))
        case Power(base, exponent):
            return Power(renamed(base, names, depth), renamed(exponent, names, depth), node.root)
        case Call(_, arguments) | Apply(_, arguments):
            return replace(node, arguments=tuple(renamed(argument, names, depth) for argument in arguments))
        case Big(kind, variable, lower, upper, body):
            inner = {**names, variable: f"#{depth}"}
            ends = [None if end is None else renamed(end, names, depth) for end in (lower, upper)]
            return Big(kind, f"#{depth}", ends[0], ends[1], renamed(body, inner, depth + 1))
    return node
