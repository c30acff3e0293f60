"""What every rule is given: the options of the task, and the comparison of parts."""

from collections.abc import Callable

from scorer.math.judgement import Options, Outcome
from scorer.math.syntax.tree import Node, TooLarge

MAX_COMPARISONS = 20_000
"""Of parts with parts, for one answer."""


class Context:
    """The options, and the comparison of parts, which are counted."""

    def __init__(self, options: Options, decide: "Callable[[Node, Node, Context], Outcome]") -> None:
        self.options = options
        self._decide = decide
        self._left = MAX_COMPARISONS

    def same(self, gold: Node, answer: Node) -> Outcome:
        """Compares a part of the gold answer with a part of the answer by the rules of whole answers.

        Raises:
            TooLarge: Too many parts were compared already.
        """
        self._left -= 1
        if self._left < 0:
            raise TooLarge(f"more than {MAX_COMPARISONS} comparisons of parts")
        return self._decide(gold, answer, self)


Rule = Callable[[Node, Node, Context], Outcome | None]
"""Says what a rule makes of a gold answer and an answer; None when the rule is not about such answers."""
