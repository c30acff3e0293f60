r"""Whether an answer says the same as a gold answer, once both are read.

Each rule is about answers of one kind, on at least one side, and says nothing about others. The first rule that says
something decides:

| rule | about |
|---|---|
| `structure` | both were read as the same |
| `dots` | what goes on as `1, 2, \ldots` against what does not |
| `signs` | plus-minus that is not written out, `x > \pm 4` |
| `vanishing` | letters times 0, which may be words: "0 foo" |
| `selection` | `C(10, 3)` against a number |
| `parameter` | values with a free integer, whatever its name: `k\pi`, `n\pi, n \in \mathbb{Z}` |
| `interval` | sets of real numbers: intervals, inequalities in one unknown, unions, set-builders |
| `matrix` | matrices, brackets in brackets, sums of unit vectors |
| `assignments` | values of several unknowns: `x = 1, y = 2` is the tuple (1, 2) in the order of the names |
| `collection` | tuples in their order; lists and sets in any; `x = 1, 2`; `\pm 3` |
| `operation` | `A \cup B` is `B \cup A` |
| `cases` | values with the conditions under which they hold |
| `equation` | equations and inequalities; what an equation says: `x = 5` says 5 |
| `ratio` | `2:3` is `4:6` |
| `text` | words beside mathematics |
| `constant` | `x^2 + C` is `x^2 + c` |
| `tolerance` | numbers that differ by no more than the task allows |
| `value` | numbers, expressions, quantities |
| `kind` | nothing above: two different kinds of things |
"""

from scorer.math.answers import (
    arbitrary,
    assignments,
    cases,
    matrix,
    operations,
    parameters,
    ratio,
    region,
    relation,
    selections,
    sequence,
    signs,
    text,
    value,
    vanishing,
)
from scorer.math.answers.canonical import canonical
from scorer.math.answers.context import Context, Rule
from scorer.math.answers.integers import enumerated
from scorer.math.answers.linear import worked_out
from scorer.math.answers.signs import expanded
from scorer.math.answers.stated import unknowns
from scorer.math.answers.value import is_value
from scorer.math.judgement import Judgement, Options, Outcome
from scorer.math.syntax.tree import Cases, Group, List, NamedSet, Node, Ratio, Text


def _structure(gold: Node, answer: Node, context: Context) -> Outcome | None:
    del context
    return Outcome.EQUAL if gold == answer else None


def _dots(gold: Node, answer: Node, context: Context) -> Outcome | None:
    del context
    return Outcome.DIFFERENT if ("..." in unknowns(gold)) != ("..." in unknowns(answer)) else None


_RULES: tuple[tuple[str, Rule], ...] = (
    ("structure", _structure),
    ("selection", selections.judge),
    ("dots", _dots),
    ("signs", signs.unread),
    ("vanishing", vanishing.judge),
    ("parameter", parameters.judge),
    ("interval", region.judge),
    ("matrix", matrix.judge),
    ("assignments", assignments.judge),
    ("collection", sequence.judge),
    ("operation", operations.judge),
    ("cases", cases.judge),
    ("equation", relation.judge),
    ("ratio", ratio.judge),
    ("text", text.judge),
    ("constant", arbitrary.judge),
    ("tolerance", value.judge_roughly),
    ("value", value.judge),
)


def compare(gold: Node, answer: Node, options: Options) -> Judgement:
    """Compares an answer with a gold answer.

    Args:
        gold: The gold answer as it was read.
        answer: The answer as it was read.
        options: What the task asks for.

    Returns:
        The judgement; UNKNOWN when another method has to tell.

    Raises:
        TooLarge: The comparison would take too long.
    """
    context = Context(options, lambda left, right, context: _decide(left, right, context)[1])
    rule, outcome = _decide(gold, answer, context)
    return Judgement(
        outcome, rule, canonical(_prepared(gold), context.same), canonical(_prepared(answer), context.same)
    )


def _decide(gold: Node, answer: Node, context: Context) -> tuple[str, Outcome]:
    gold, answer = _prepared(gold), _prepared(answer)
    for name, rule in _RULES:
        outcome = rule(gold, answer, context)
        if outcome is not None:
            return name, outcome
    return "kind", Outcome.DIFFERENT if _never_alike(gold, answer) else Outcome.UNKNOWN


def _never_alike(gold: Node, answer: Node) -> bool:
    """Whether one of two is a single value, or a set that has a name, and the other surely is not."""
    return any(
        (is_value(one) or isinstance(one, NamedSet))
        and (is_value(other) or isinstance(other, NamedSet | Group | List | Ratio | Text))
        for one, other in ((gold, answer), (answer, gold))
    )


def _prepared(node: Node) -> Node:
    """Signs and few integers written out, matrices worked out, and a system in a brace as a list of equations."""
    if isinstance(node, Cases) and all(condition is None for _, condition in node.branches):
        node = List(tuple(equation for equation, _ in node.branches), "and")
    return enumerated(worked_out(expanded(node)))
