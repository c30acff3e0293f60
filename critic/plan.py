"""What shares the next forward pass. A pure object: no clock, no threads.

The policy. A pass costs its tokens. Who is next is what `codaserve.serving.schedule` says, an owner (a group of states)
being what is worked on together: clients give trees in turn, each the same share of a pass as far as their trees' sizes
let it; within a client whole groups first, then what is due first. The first in line is always in the next pass, so
that no client starves. A tree that does not fit what room is left lets smaller ones of others pass, and its client
keeps its turn. An idle model waits a moment for company; a model that was busy has had its wait. What can no longer be
done in time is given up as long as others wait; alone it is tried, since that delays nobody.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Generic, TypeVar

from codaserve.serving.schedule import Schedule

Owner = TypeVar("Owner", bound=Hashable)


@dataclass(frozen=True, eq=False)  # told apart by identity, which is quick
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


@dataclass(frozen=True)
class Pass(Generic[Owner]):
    """What is next.

    Attributes:
        items: The trees of the next pass. Empty when nothing waits.
        given_up: Owners of which nothing waits any more, since it would have been too late.
    """

    items: list[Item[Owner]] = field(default_factory=list)
    given_up: list[Owner] = field(default_factory=list)


class PassPlanner(Generic[Owner]):
    """The waiting trees."""

    def __init__(self, max_tokens: int, max_wait: float) -> None:
        """Args:
        max_tokens: Tokens of a pass. A larger tree runs alone.
        max_wait: Seconds that the first to arrive waits for company.
        """
        self._max_tokens = max_tokens
        self._max_wait = max_wait
        self._schedule: Schedule[Item[Owner]] = Schedule()
        self._waiting: dict[Owner, dict[Item[Owner], None]] = {}
        self._arrived: dict[Owner, float] = {}  # the first to arrive first
        self._tokens: dict[Owner, int] = {}  # of what waits
        self._all_tokens = 0

    def add(
        self, owner: Owner, items: Sequence[Item[Owner]], now: float, *, client: Hashable = None, due: float = inf
    ) -> None:
        """Puts a new owner into line.

        Args:
            owner: Whose trees they are.
            items: The trees.
            now: Seconds of any clock that does not go back.
            client: Whose the owner is.
            due: When all of it has to be done, by the same clock.
        """
        if not items:
            return
        self._waiting[owner] = dict.fromkeys(items)
        self._arrived[owner] = now
        self._tokens[owner] = 0
        for item in items:
            self._schedule.add(item, owner, client=client, due=due, cost=item.tokens)
            self._count(owner, item.tokens)

    def drop(self, owner: Owner) -> None:
        """Forgets what of the owner is still waiting."""
        for item in self._waiting.get(owner, ()):
            self._schedule.drop(item)
        self._forget(owner)

    def due(self) -> float | None:
        """When the next pass should start: minus infinity if there is enough for a full one, None if nothing waits."""
        if not self._arrived:
            return None
        if self._all_tokens >= self._max_tokens:
            return -inf
        return next(iter(self._arrived.values())) + self._max_wait

    def tokens_before(self, client: Hashable) -> int:
        """Tokens that pass, about, before the first of what a client would add now."""
        own, clients = self._schedule.waiting_cost_of(client), self._schedule.clients_waiting
        return min(self._all_tokens, own * clients)

    def take(self, too_late: Callable[[Owner, int], bool] = lambda owner, tokens: False) -> Pass[Owner]:
        """Removes and returns what is next.

        Args:
            too_late: Whether an owner of which so many tokens wait cannot be done in time any more.
        """
        chosen: Pass[Owner] = Pass()
        room = self._max_tokens
        for item in self._schedule.offers():
            owner = item.owner
            if (chosen.items or len(self._waiting) > 1) and too_late(owner, self._tokens[owner]):
                chosen.given_up.append(owner)
                self.drop(owner)
            elif not chosen.items or (item.tokens <= room and item.checkpoint == chosen.items[0].checkpoint):
                self._schedule.begin(item)
                self._leave(item)
                chosen.items.append(item)
                room -= item.tokens
                if room <= 0:
                    break
        for item in chosen.items:  # passes follow one another, so that what runs is weighed within one only
            self._schedule.finish(item)
        return chosen

    def _leave(self, item: Item[Owner]) -> None:
        owner = item.owner
        del self._waiting[owner][item]
        self._count(owner, -item.tokens)
        if not self._waiting[owner]:
            self._forget(owner)

    def _count(self, owner: Owner, tokens: int) -> None:
        self._tokens[owner] += tokens
        self._all_tokens += tokens

    def _forget(self, owner: Owner) -> None:
        self._waiting.pop(owner, None)
        self._arrived.pop(owner, None)
        self._all_tokens -= self._tokens.pop(owner, 0)
