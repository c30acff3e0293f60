"""Responses from the trained model itself, in this process."""

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from trainer.rollout.engine import Sampling
from trainer.rollout.rollout import Rollout
from trainer.rollout.transformers import sample_groups
from trainer.sharding import whole


@dataclass(frozen=True)
class LocalEngine:
    """A `RolloutEngine` without weights of its own."""

    model: Any
    tokenizer: Any
    batch_size: int
    """Responses at one time."""
    special_tokens: bool
    autocast: Callable[[], AbstractContextManager[Any]]
    """What forward passes run under."""

    def sample(
        self, prompts: Sequence[str], n: int, sampling: Sampling
    ) -> Generator[tuple[int, list[Rollout]], None, None]:
        """As `RolloutEngine.sample`."""
        with whole(self.model) as model:
            groups = sample_groups(
                model,
                self.tokenizer,
                prompts,
                n,
                seed=sampling.seed,
                max_response_tokens=sampling.max_response_tokens,
                temperature=sampling.temperature,
                top_p=sampling.top_p,
                batch_size=self.batch_size,
                special_tokens=self.special_tokens,
                places=sampling.places,
                limits=sampling.limits,
            )
            while True:
                with self.autocast():  # not around the whole loop: what happens between two groups is not ours
                    group = next(groups, None)
                if group is None:
                    return
                yield group

    def synchronise(self, version: int) -> None:
        """There is nothing to renew."""

    def retries(self) -> dict[str, int]:
        """Nothing is sent."""
        return {}

    def close(self) -> None:
        """There is nothing to stop."""
