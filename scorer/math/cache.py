"""Verdicts by what they are about, as many as fit into a bound of memory, the ones not used for longest dropped."""

from collections import OrderedDict

from codaserve.v1 import scorer_pb2 as pb

ENTRY_BYTES = 256
"""What an entry takes beside its verdict: the key, two objects and their place in the table."""


class Cache:
    """Maps keys of comparisons to their verdicts. A verdict that is given out says that it was cached."""

    def __init__(self, max_bytes: int) -> None:
        """Keeps up to `max_bytes`; 0 keeps nothing."""
        self._max_bytes = max_bytes
        self._verdicts: OrderedDict[bytes, bytes] = OrderedDict()
        self.bytes = 0
        """What the entries take."""

    def __len__(self) -> int:
        return len(self._verdicts)

    def get(self, key: bytes) -> pb.Verdict | None:
        """The verdict kept under a key."""
        kept = self._verdicts.get(key)
        if kept is None:
            return None
        self._verdicts.move_to_end(key)
        verdict = pb.Verdict.FromString(kept)
        verdict.cached = True
        return verdict

    def put(self, key: bytes, verdict: pb.Verdict) -> None:
        """Keeps a verdict. Only of what would be the same again: never of anything that a failure cut short."""
        content = verdict.SerializeToString()
        size = len(content) + ENTRY_BYTES
        if size > self._max_bytes:
            return
        replaced = self._verdicts.pop(key, None)
        if replaced is not None:
            self.bytes -= len(replaced) + ENTRY_BYTES
        self._verdicts[key] = content
        self.bytes += size
        while self.bytes > self._max_bytes:
            _, dropped = self._verdicts.popitem(last=False)
            self.bytes -= len(dropped) + ENTRY_BYTES
