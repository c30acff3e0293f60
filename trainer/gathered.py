"""A batch of groups that are scored, while the critic still values the last of them."""

from collections.abc import Callable
from dataclasses import dataclass

from trainer.groups import Group
from trainer.peers import Peers
from trainer.timing import Stopwatch


@dataclass
class Gathered:
    """Groups in the order of their questions, all of them scored."""

    groups: list[Group]
    rest: Callable[[Stopwatch], dict[int, Group]] | None
    """Waits for the values of this process's groups and gives those by their places; None when nothing is waited
    for."""
    peers: Peers
    """Those whose groups are in the batch, too."""

    def valued(self, watch: Stopwatch) -> list[Group]:
        """The groups with the critic's steps, as far as it gave any. All processes meet here.

        Raises:
            ServiceEndedError: The critic was our own and has ended.
        """
        rest, self.rest = self.rest, None
        if rest is not None:
            for part in self.peers.together(lambda: rest(watch)):
                for place, group in part.items():
                    self.groups[place] = group
        return self.groups
