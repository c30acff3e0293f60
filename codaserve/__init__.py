"""Reward and scoring services for reinforcement learning of language models, and the trainer that uses them.

The clients are here, and `reward` for training loops; importing this package alone imports nothing else until one of
them is used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codaserve.adapters.plain import reward
    from codaserve.client import (
        Access,
        AsyncCriticClient,
        AsyncScorerClient,
        CriticClient,
        Outage,
        RetryPolicy,
        ScorerClient,
        ScoringFailure,
        ServiceError,
    )

__version__ = "0.1.0"
__all__ = [
    "Access",
    "AsyncCriticClient",
    "AsyncScorerClient",
    "CriticClient",
    "Outage",
    "RetryPolicy",
    "ScorerClient",
    "ScoringFailure",
    "ServiceError",
    "__version__",
    "reward",
]


def __getattr__(name: str) -> Any:
    if name == "reward":
        from codaserve.adapters.plain import reward

        return reward
    if name in __all__:
        from codaserve import client

        return getattr(client, name)
    raise AttributeError(f"module 'codaserve' has no attribute {name!r}")
