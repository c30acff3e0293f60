"""The reader's place in the tokens, and what encloses it."""

from scorer.math.syntax.tokens import Token, unreadable
from scorer.math.syntax.tree import NotReadable, TooLarge

MAX_DIGITS = 4000
"""Of one number; Python refuses to print more than 4,300."""

MAX_DEPTH = 100
"""Brackets, exponents and functions inside each other: each takes some frames of Python's stack."""


class Cursor:
    """Goes through tokens from left to right."""

    __slots__ = ("bound", "depth", "inside", "kind", "limit", "position", "source", "token", "tokens")

    def __init__(self, source: str, tokens: list[Token]) -> None:
        self.source = source
        self.tokens = tokens
        self.position = 0
        self.token = tokens[0]
        self.kind = self.token.kind
        self.depth = 0
        self.bound: frozenset[str] = frozenset()
        """Variables of the sums and products around: `i` is one there, and not the imaginary unit."""
        self.limit = MAX_DEPTH
        self.inside = ""
        """The innermost bracket: "", "(", "[", "]" (French), "set", "builder" (after its bar), "{" (LaTeX), "|"."""

    def advance(self) -> Token:
        """Goes on by one token and returns the one passed.

        Raises:
            NotReadable: There is none.
        """
        passed = self.token
        if passed.kind == "end":
            raise self.wrong()
        self.position += 1
        self.token = self.tokens[self.position]
        self.kind = self.token.kind
        return passed

    def go_to(self, position: int) -> None:
        """Goes to a token."""
        self.position = position
        self.token = self.tokens[position]
        self.kind = self.token.kind

    def peek(self, ahead: int = 1) -> Token:
        """A token further on; the last one when there is none."""
        position = self.position + ahead
        return self.tokens[position] if position < len(self.tokens) else self.tokens[-1]

    def expect(self, kind: str) -> Token:
        """Passes a token of this kind.

        Raises:
            NotReadable: Another one is there.
        """
        if self.kind != kind:
            raise unreadable(f"{self.token.text or self.kind!r} where {kind!r} was expected")
        return self.advance()

    def accept(self, kind: str) -> bool:
        """Passes a token of this kind if one is there."""
        if self.kind == kind:
            self.advance()
            return True
        return False

    def enter(self, inside: str) -> str:
        """Goes into brackets, and returns what to give `leave`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooLarge(f"nested more than {MAX_DEPTH} deep")
        before, self.inside = self.inside, inside
        return before

    def leave(self, before: str) -> None:
        """Comes out of brackets."""
        self.depth -= 1
        self.inside = before

    def wrong(self) -> NotReadable:
        """The error to raise when the token here has no place."""
        return unreadable(f"{self.token.text or self.kind!r} here" if self.kind != "end" else "a text that breaks off")
