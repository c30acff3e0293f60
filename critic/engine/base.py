"""What serving needs of an engine."""

from collections.abc import Sequence
from typing import Protocol

from critic.tree import Tree


class Engine(Protocol):
    """One loaded checkpoint on one device."""

    device: str
    """Where and how precisely it computes, "cpu float32" say."""
    best_pass_tokens: int
    """Tokens of a pass that the device is quickest with."""

    def values(self, trees: Sequence[Tree]) -> list[list[list[float]]]:
        """V at each boundary of each sequence of each tree, from one forward pass over all of them.

        A value does not depend on the company, within rounding. One that is not finite means a fault of the model for
        that sequence; it is returned as it is, never replaced. Called from one thread at a time.

        Args:
            trees: At least one; together they fit the token budget of a pass, unless there is only one.

        Returns:
            For each tree and each of its sequences one value in (0, 1) or NaN for each of its boundaries.
        """
        ...

    def close(self) -> None:
        """Frees what does not go by itself. Another thread may still wait for values, which fails then."""
        ...
