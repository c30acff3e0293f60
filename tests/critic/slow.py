"""A model that is known as slow."""

from critic.batching import Batcher
from critic.engine.base import Engine
from critic.pace import ENOUGH, Pace


class _Slow(Pace):
    """Passes of late took an hour each, whatever they take now."""

    def __init__(self, tokens: int) -> None:
        super().__init__(tokens)
        for _ in range(ENOUGH):
            super().ran(tokens, 3600.0)

    def ran(self, tokens: int, seconds: float) -> None:
        """Is not counted."""


def slow_down(batcher: Batcher, engine: Engine, tokens: int) -> None:
    """Has passes of this engine estimated at an hour for so many tokens."""
    batcher._pace, batcher._paced = _Slow(tokens), id(engine)
