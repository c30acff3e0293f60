"""The bound of what the scorer takes on: so many items, and so many bytes of them."""

from collections.abc import Sequence

from codaserve.serving.admission import Admission
from codaserve.serving.refusal import Refused, Why


class Room:
    """Room for items and for their bytes. Not thread-safe."""

    def __init__(self, items: int, size: int) -> None:
        """Args:
        items: How many may be inside at one time.
        size: Bytes that they may have together.
        """
        self.items = Admission(items)
        self.bytes = Admission(size)

    @property
    def fullness(self) -> float:
        """Share that is taken of what is scarcer, items or bytes."""
        return max(queue.depth / queue.size for queue in (self.items, self.bytes))

    def take(self, sizes: Sequence[int], client: str) -> list[int]:
        """Takes room for all of a client's items or for none.

        Args:
            sizes: Bytes of each. Items that have more than there is room for in all are taken when nothing else is
                inside.
            client: Whose they are.

        Returns:
            The bytes that count for each, to be given back with it.

        Raises:
            Refused: EXHAUSTED; the message names the setting that is the bound.
        """
        total, most = sum(sizes), self.bytes.size
        claims = list(sizes) if total <= most else [size * most // total for size in sizes]
        count, claim = len(claims), sum(claims)
        if not self.items.try_admit(count, client):
            raise _full("items", "queue.size", self.items, count)
        if not self.bytes.try_admit(claim, client):
            self.items.withdraw(count, client)
            raise _full("bytes", "queue.bytes", self.bytes, claim)
        return claims

    def withdraw(self, claims: Sequence[int], client: str) -> None:
        """Gives back the room of items that were not begun."""
        self.items.withdraw(len(claims), client)
        self.bytes.withdraw(sum(claims), client)

    def give_back(self, claim: int, client: str) -> None:
        """Gives back the room of an item, whatever became of it."""
        self.items.release(1, client)
        self.bytes.release(claim, client)


def _full(things: str, setting: str, queue: Admission, n: int) -> Refused:
    wait = queue.retry_after_ms(n)
    return Refused(
        Why.EXHAUSTED,
        f"the queue is full: it takes {queue.size} {things} ({setting}); come back in {wait} ms",
        retry_after_ms=wait,
        reason=things,
    )
