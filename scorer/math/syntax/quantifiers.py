r"""What an answer says about its letters at its end: `for all integers k`, `where n \in \mathbb{Z}`, "for some real t".

It becomes relations in the list of the answer, as `, k \in \mathbb{Z}` does.
"""

import re

from scorer.math.syntax import names, relations
from scorer.math.syntax.cursor import Cursor
from scorer.math.syntax.tree import NamedSet, Node, NotReadable, Relation, Symbol

_SETS = {
    "integer": "Z",
    "positive integer": "Z+",
    "natural number": "N",
    "nonnegative integer": "N0",
    "non-negative integer": "N0",
    "rational number": "Q",
    "real number": "R",
    "real": "R",
    "complex number": "C",
    "positive real number": "R+",
}
_NAMES = "|".join(sorted(_SETS, key=len, reverse=True))
_BEFORE = re.compile(
    r"(?:for|where|with)(?P<quantity> (?:all|any|some|every|each|an?|arbitrary|any arbitrary))?"
    rf"(?: (?P<set>{_NAMES})s?)?"
)
_AFTER = re.compile(rf"(?:is|are|be)(?: an?| any| some| all)?(?: arbitrary)? (?P<set>{_NAMES})s?")
_WORDS = frozenset(["word", "text"])
_MAX_WORDS = 8


def begins(c: Cursor) -> bool:
    """Whether the words here say something about letters."""
    return c.kind in _WORDS and c.inside == "" and c.token.text.partition(" ")[0] in ("for", "where", "with")


def read(c: Cursor) -> list[Node]:
    """The relations that are said; none for a bare "for all x".

    Raises:
        NotReadable: Something else is said.
    """
    before = _BEFORE.fullmatch(_words(c))
    if before is None:
        raise NotReadable("what is said about the answer")
    name = before["set"]
    letters = [_letter(c)]
    while c.kind in (",", "join") and c.peek().kind in ("letter", "name"):
        c.advance()
        letters.append(_letter(c))
    if c.kind in _WORDS:
        after = _AFTER.fullmatch(_words(c))
        if after is None or name:
            raise NotReadable("what is said about the answer")
        name = after["set"]
    if name:
        if not all(isinstance(letter, Symbol) for letter in letters):
            raise NotReadable("what is said about the answer")
        return [Relation((letter, NamedSet(_SETS[name])), ("in",)) for letter in letters]
    last = letters[-1]
    if isinstance(last, Relation) and last.operators == ("in",):
        return [Relation((x, last.sides[1]), ("in",)) if isinstance(x, Symbol) else x for x in letters]
    if all(isinstance(letter, Relation) for letter in letters):
        return letters
    if before["quantity"] and all(isinstance(letter, Symbol) for letter in letters):
        return []
    raise NotReadable("what is said about the answer")


def _letter(c: Cursor) -> Node:
    """One letter, or what is said of it in signs."""
    return names.symbol(c) if c.kind in ("letter", "name") and c.peek().kind in _WORDS else relations.item(c)


def _words(c: Cursor) -> str:
    words: list[str] = []
    while len(words) < _MAX_WORDS:
        if c.kind in _WORDS:
            words.append(c.advance().text)
        elif words and c.kind == "letter" and c.token.run == 2 and c.token.text + c.peek().text == "an":
            words.append(c.advance().text + c.advance().text)
        else:
            break
    return " ".join(" ".join(words).split())
