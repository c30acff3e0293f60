"""Which sequences share the next forward pass. A pure object: no clock, no threads.

The policy. A pass costs its padded tokens: sequences times the longest. Sequences of like length are put together, and
the one that has waited longest is always in the next pass, so that neither long nor short ones starve. To find company
for it, the queue is looked at only to a few passes' depth, since sorting a deep queue by length would let late requests
overtake by that much. An idle model waits a moment for company; a model that was busy has had its wait.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

LOOKAHEAD = 4
"""Passes' worth of tokens within which company is looked for: padding falls off quickly up to here, and not after."""

Owner = TypeVar("Owner", bound=Hashable)


@dataclass(frozen=True)
class Item(Generic[Owner]):
    """A sequence that waits.

    Attributes:
        owner: Whose it is.
        index: Which of the owner's sequences.
        length: Tokens.
        checkpoint: Sequences of different checkpoints cannot share a pass.
    """

    owner: Owner
    index: int
    length: int
    checkpoint: Hashable


@dataclass
class PassPlanner(Generic[Owner]):
    """The waiting sequences, in order of arrival.

    Attributes:
        max_tokens: Padded tokens of a pass. A longer sequence runs alone.
        max_wait: Seconds that the first to arrive waits for company.
    """

    max_tokens: int
    max_wait: float
    _waiting: dict[Item[Owner], float] = field(default_factory=dict)
    _tokens: int = 0

    def add(self, items: Iterable[Item[Owner]], now: float) -> None:
        """Appends sequences that arrived at `now`, seconds of any clock that does not go back."""
        for item in items:
            self._waiting[item] = now
            self._tokens += item.length

    def drop(self, items: Iterable[Item[Owner]]) -> None:
        """Forgets those of the sequences that are still waiting."""
        for item in items:
            if item in self._waiting:
                self._remove(item)

    def due(self) -> float | None:
        """When the next pass should start: minus infinity if there is enough for a full one, None if nothing waits."""
        if not self._waiting:
            return None
        if self._tokens >= self.max_tokens:
            return float("-inf")
        return next(iter(self._waiting.values())) + self.max_wait

    def take(self) -> list[Item[Owner]]:
        """Removes and returns the sequences of the next pass, by length. Empty when nothing waits."""
        if not self._waiting:
            return []
        window = self._window()
        lengths = [item.length for item in window]
        chosen = next(part for part in split(lengths, self.max_tokens) if 0 in part)
        taken = [window[index] for index in chosen]
        for item in taken:
            self._remove(item)
        return taken

    def _window(self) -> list[Item[Owner]]:
        window: list[Item[Owner]] = []
        tokens = 0
        for item in self._waiting:
            if window and (item.checkpoint != window[0].checkpoint or tokens >= LOOKAHEAD * self.max_tokens):
                break
            window.append(item)
            tokens += item.length
        return window

    def _remove(self, item: Item[Owner]) -> None:
        del self._waiting[item]
        self._tokens -= item.length


def split(lengths: Sequence[int], max_tokens: int) -> list[list[int]]:
    """Cuts sequences into passes of at most `max_tokens` padded tokens each, by length, shortest first.

    Returns:
        Indices into `lengths`, each once. A sequence longer than `max_tokens` is alone in its pass.
    """
    passes: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda index: lengths[index]):
        if passes and (len(passes[-1]) + 1) * lengths[index] <= max_tokens:
            passes[-1].append(index)
        else:
            passes.append([index])
    return passes
