"""CoDaSampling: which questions are drawn again, and how often (CoDaPO, arXiv 2606.07950).

The questions of highest value get fresh groups; each repeat is a group of its own. Where the paper's code selects by
a quantile, this selects exactly K.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """A question of the batch. `value` is None when too few of its responses were scored to know."""

    id: str
    value: float | None


@dataclass(frozen=True)
class Plan:
    """The focused batch."""

    slots: list[int]
    """Positions of the batch's questions, one for each fresh group; empty when no question has a value above 0."""
    counts: list[int]
    """How many groups each question of the batch got."""
    reasons: list[str]
    """For each question of the batch, why."""


def plan_focus(candidates: Sequence[Candidate], *, top_k: int, groups: int, seed: int) -> Plan:
    """Chooses exactly `top_k` questions by value, or all those above 0 when they are fewer, and deals them the groups.

    Ties are broken by a digest of the seed and the question's id, so that the choice does not depend on the order of
    the batch. A question that is in the batch twice, as at the end of an epoch or when there are fewer questions than
    places, competes once, with its higher value. A question of value 0 or unknown value is never chosen. Groups are
    dealt round-robin from the highest value down, so the counts of two chosen questions differ by one at most.

    Args:
        candidates: The valued questions of the batch.
        top_k: K, at least 1.
        groups: Groups to deal, at least 1; when fewer than `top_k`, only so many questions get one.
        seed: Of the tie break.
    """
    positive = [index for index, candidate in enumerate(candidates) if (candidate.value or 0) > 0]
    ordered = sorted(positive, key=lambda index: (-(candidates[index].value or 0), _tie(seed, candidates[index].id)))
    best: dict[str, int] = {}
    for index in ordered:
        best.setdefault(candidates[index].id, index)
    ranked = list(best.values())
    chosen = ranked[:top_k]
    slots = [chosen[slot % len(chosen)] for slot in range(groups)] if chosen else []
    counts = [0] * len(candidates)
    for index in slots:
        counts[index] += 1
    rank = {index: place + 1 for place, index in enumerate(ranked)}
    reasons = [
        "the same question has a place in the batch with a value as high or higher"
        if index in positive and index not in rank
        else _reason(candidate.value, rank.get(index), counts[index], len(ranked), top_k)
        for index, candidate in enumerate(candidates)
    ]
    return Plan(slots, counts, reasons)


def _tie(seed: int, identity: str) -> bytes:
    return hashlib.sha256(f"{seed}:{identity}".encode()).digest()


def _reason(value: float | None, rank: int | None, count: int, positive: int, top_k: int) -> str:
    if value is None:
        return "fewer than two responses were scored"
    if rank is None:
        return "value 0: all responses are right, or all are wrong"
    place = f"value {value:.3g} is number {rank} of {positive} above 0"
    if count:
        return place
    return f"{place}, not among the first {top_k}" if rank > top_k else f"{place}, but there are fewer groups"
