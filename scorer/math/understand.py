"""Compares two answers by reading both whole: words first, then mathematics. Bounded, exact, and without state.

UNKNOWN when one of them cannot be read, or their values cannot be told apart; of the latter, `scorer.math.symbolic` may
know more.
"""

from functools import lru_cache

from scorer.math.answers import compare as answers
from scorer.math.answers.choice import text_of
from scorer.math.answers.wording import compare_wording, is_prose, without_only
from scorer.math.judgement import Judgement, Options, Outcome
from scorer.math.syntax.parse import parse
from scorer.math.syntax.tree import Node, NotReadable, TooLarge
from scorer.math.values import limited

UNREAD = "unread"
"""The rule for what the grammar does not know: it is different, unless the gold answer states another one."""


def compare(gold: str, answer: str, options: Options) -> Judgement:
    """Compares two answers as they were written.

    Args:
        gold: The gold answer.
        answer: The answer.
        options: What the task asks for, but for `forms`.

    Returns:
        The judgement; SIZE when one is refused for its size, UNKNOWN by rule `UNREAD` when one is not read, and
        UNKNOWN by another rule when another method has to tell.
    """
    gold, answer = without_only(gold), without_only(answer)
    worded = compare_wording(gold, answer, options)
    if worded is not None:
        return worded
    gold = text_of(gold, options) or gold
    try:
        with limited():
            return answers.compare(tree(gold), tree(answer), options)
    except NotReadable as error:
        return Judgement(Outcome.UNKNOWN, UNREAD, gold, answer, f"not read: {error}")
    except TooLarge as error:
        return Judgement(Outcome.SIZE, detail=f"refused for its size: {error}")


@lru_cache(maxsize=256)  # the golds of a group come many times
def tree(text: str) -> Node:
    """What an answer is made of.

    Raises:
        NotReadable: The grammar does not know such an answer.
        TooLarge: It is refused for its size.
    """
    return parse(text)


def unreadable(gold: str, options: Options) -> str:
    """Why a gold answer can be read neither as words nor as mathematics; empty when it can, or is only too large."""
    gold = without_only(gold)
    try:
        tree(gold)
    except TooLarge:
        return ""
    except NotReadable as error:
        foreign = not gold.isascii() and gold.replace(" ", "").isalpha()
        words = foreign or is_prose(gold) or compare_wording(gold, "17", options) is not None
        return "" if words else str(error)
    return ""


def tree_or_none(text: str) -> Node | None:
    """The same, and None when it cannot be had."""
    try:
        return tree(text)
    except (NotReadable, TooLarge):
        return None
