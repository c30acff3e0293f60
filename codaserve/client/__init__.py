"""Clients of the scorer and of the critic: several addresses, deadlines, retries, typed failures."""

from codaserve.client.access import Access
from codaserve.client.aio import AsyncCriticClient, AsyncScorerClient
from codaserve.client.errors import ScoringFailure, ServiceError
from codaserve.client.outage import Outage
from codaserve.client.retry import RetryPolicy
from codaserve.client.sync import CriticClient, ScorerClient

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
]
