"""What shares the next forward pass. A pure object: no clock, no threads.

The policy. A pass costs its tokens. Owners (requests) stand in line; each in turn gives its next tree to the pass until
the pass is full, and goes to the end of the line if it has more: a small request that comes behind a large one is in
the next pass, not behind all of the large one's, and the first in line is always in the next pass, so that nobody
starves. A tree that does not fit what room is left lets smaller ones of others pass, and is nearer to the front next
time. An idle model waits a moment for company; a model that was busy has had its wait.
"""

from collections import OrderedDict, deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Owner = TypeVar("Owner", bound=Hashable)


@dataclass(frozen=True)
class Item(Generic[Owner]):
    """A tree that waits.

    Attributes:
        owner: Whose it is.
        index: Which of the owner's trees.
        tokens: What it costs.
        checkpoint: Trees of different checkpoints cannot share a pass.
    """

    owner: Owner
    index: int
    tokens: int
    checkpoint: Hashable


@dataclass
class PassPlanner(Generic[Owner]):
    """The waiting trees.

    Attributes:
        max_tokens: Tokens of a pass. A larger tree runs alone.
        max_wait: Seconds that the first to arrive waits for company.
    """

    max_tokens: int
    max_wait: float
    _line: OrderedDict[Owner, deque[Item[Owner]]] = field(default_factory=OrderedDict)
    _arrived: dict[Owner, float] = field(default_factory=dict)
    _tokens: int = 0

    def add(self, owner: Owner, items: Sequence[Item[Owner]], now: float) -> None:
        """Puts a new owner into line, who came at `now`, seconds of any clock that does not go back."""
        if not items:
            return
        self._line[owner] = deque(items)
        self._arrived[owner] = now
        self._tokens += sum(item.tokens for item in items)

    def drop(self, owner: Owner) -> None:
        """Forgets what of the owner is still waiting."""
        self._tokens -= sum(item.tokens for item in self._line.pop(owner, ()))
        self._arrived.pop(owner, None)

    def due(self) -> float | None:
        """When the next pass should start: minus infinity if there is enough for a full one, None if nothing waits."""
        if not self._line:
            return None
        if self._tokens >= self.max_tokens:
            return float("-inf")
        return min(self._arrived.values()) + self.max_wait

    def take(self) -> list[Item[Owner]]:
        """Removes and returns the trees of the next pass. Empty when nothing waits."""
        taken: list[Item[Owner]] = []
        room = self.max_tokens
        gave = True
        while gave and room > 0:
            gave = False
            for owner in list(self._line):
                item = self._line[owner][0]
                if taken and (item.tokens > room or item.checkpoint != taken[0].checkpoint):
                    continue
                self._give(owner)
                taken.append(item)
                room -= item.tokens
                gave = True
                if room <= 0:
                    break
        return taken

    def _give(self, owner: Owner) -> None:
        items = self._line[owner]
        self._tokens -= items.popleft().tokens
        if items:
            self._line.move_to_end(owner)
        else:
            self.drop(owner)
