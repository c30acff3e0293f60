"""What the other side's question looked like when it is written again, to see whether its arguments were changed."""

from typing import Any, Protocol

from scorer.sandbox.guest.handle import told_of


class Lender(Protocol):
    """An end of the dialogue."""

    classes: dict[str, type]

    def lend(self, value: Any) -> tuple[str, Any] | None:
        """What stands for an object that cannot cross."""


class Mirror:
    """What the other side's question looked like: its own objects are this side's handles."""

    def __init__(self, peer: Lender) -> None:
        self.classes = peer.classes
        self._peer = peer

    def lend(self, value: Any) -> tuple[str, Any] | None:
        """What stood for it."""
        found: tuple[str, Any] = self._peer.lend(value) or ("", None)
        name, parts = found
        if name == "derived":
            return "back", parts[0]
        if name == "back" and (told := told_of(value)) is not None:
            return "derived", (parts, *told)
        return _MIRRORED.get(name, name), parts

    def restore(self, name: str, parts: Any) -> Any:
        """Never: nothing is read."""
        raise LookupError(name)


_MIRRORED = {"lent": "back", "back": "lent", "iterator": "iterator back", "iterator back": "iterator"}
