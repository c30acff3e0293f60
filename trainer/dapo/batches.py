"""Which states are in which optimizer step. Pure."""

from collections.abc import Sequence

from trainer.chance import question_order


def batches(pairs: Sequence[int], *, batch_pairs: int, epochs: int, seed: int) -> list[list[int]]:
    """The states of each optimizer step, each epoch in an order of its own; all actions of a state are in one.

    Args:
        pairs: Actions of each state.
        batch_pairs: A step has at most so many, and at least one state.
        epochs: Passes.
        seed: Of the order.
    """
    found: list[list[int]] = []
    for epoch in range(epochs):
        room = 0
        for state in question_order(seed, epoch, len(pairs)):
            if pairs[state] > room:
                found.append([])
                room = max(batch_pairs, pairs[state])
            found[-1].append(state)
            room -= pairs[state]
    return found
