"""How the writers of worked solutions differ: some are careful, and show it; most are not.

A policy that learns from all of them picks up both habits and the rates of both. Which habit leads to right answers is
not in the texts; reinforcement has to find it out.
"""

from random import Random

CAREFUL_SHARE = 0.2
"""Of the solutions."""
CAREFUL_SLIPS = 0.15
"""How often a careful writer slips, as a share of the others' slips."""


def is_careful(rng: Random) -> bool:
    """Whether the next solution's writer is careful."""
    return rng.random() < CAREFUL_SHARE


def slips_of(careful: bool, slips: float) -> float:
    """Carelessness of one writer, where `slips` is that of the others."""
    return slips * CAREFUL_SLIPS if careful else slips
