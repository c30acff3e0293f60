"""What answers prompts: a model in this process or a server elsewhere, behind one interface."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

from trainer.rollout.rollout import Rollout


@dataclass(frozen=True)
class Sampling:
    """How responses are drawn."""

    seed: int
    """Of the whole request; equal seeds and equal weights give equal responses, as far as the engine can."""
    max_response_tokens: int
    temperature: float = 1.0
    """0 takes the likeliest token."""
    top_p: float = 1.0
    places: Sequence[int] | None = None
    """Where the prompts stand in a batch that is dealt to several processes, ascending; None when they are all of it.
    Chance belongs to the place, so that a prompt has the same responses whoever samples them."""
    limits: tuple[int, ...] = ()
    """Tokens that the responses to each prompt may have, at most `max_response_tokens`; empty for that."""


class RolloutEngine(Protocol):
    """Samples responses from the policy. Used by one thread."""

    def sample(
        self, prompts: Sequence[str], n: int, sampling: Sampling
    ) -> Generator[tuple[int, list[Rollout]], None, None]:
        """Gives the position of a prompt and its `n` responses as soon as they are complete, in any order.

        Closing the generator early stops the work.

        Raises:
            RunStoppedError: The engine is away or gives answers that cannot be used.
        """
        ...

    def synchronise(self, version: int) -> None:
        """Makes the engine sample from the policy as it is now, and proves that it does.

        Args:
            version: Updates that the policy has had; nothing is done when the engine has that version already.

        Raises:
            RunStoppedError: The engine could not take the weights, or does not compute what the policy does.
        """
        ...

    def retries(self) -> dict[str, int]:
        """How often something was sent again since the start, by what it was."""
        ...

    def close(self) -> None:
        """Stops the work and whatever was started."""
        ...
