"""From what one scorer and one client were measured to do, what many need."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from bench.scale.cost import Cost, Measured


@dataclass(frozen=True)
class Spread:
    """Of repeats."""

    middle: float
    """Median."""
    least: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        """Of at least one value."""
        known = list(values)
        return cls(statistics.median(known), min(known), max(known))

    def shown(self, form: str, scale: float = 1.0) -> str:
        """Median with the lowest and the highest, each in this format."""
        return f"{self.middle * scale:{form}} ({self.least * scale:{form}} to {self.most * scale:{form}})"


def scorer_seconds(costs: Iterable[Cost]) -> Spread:
    """Processor time of the scorer for an item."""
    return Spread.of(cost.scorer_cpu_seconds / cost.items for cost in costs)


def client_seconds(costs: Iterable[Cost]) -> Spread:
    """Processor time of the client for an item."""
    return Spread.of(cost.client_cpu_seconds / cost.items for cost in costs)


@dataclass(frozen=True)
class Need:
    """Of many scorers that are all as busy as can be."""

    items_per_second: float
    client_cores: float
    """Processor time of clients each second."""
    sent_bytes: float
    """By clients, each second."""
    received_bytes: float
    memory_bytes: float
    """Of all scorers."""


def need(one: Measured, scorers: int, cores_each: int = 1) -> Need:
    """What scorers need that have so many cores each, with a slot or worker for each core.

    Cores are taken to do the same side by side as one alone; memory is that of a scorer for one core, times cores.
    """
    rate = scorers * cores_each / scorer_seconds(one.costs).middle
    return Need(
        rate,
        rate * client_seconds(one.costs).middle,
        rate * one.bytes_sent,
        rate * one.bytes_received,
        scorers * cores_each * one.memory_bytes,
    )


def fed(one: Measured) -> float:
    """Cores of scorers that one client process keeps busy with a core of its own."""
    return scorer_seconds(one.costs).middle / client_seconds(one.costs).middle
