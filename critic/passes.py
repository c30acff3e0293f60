"""Many sequences, all known beforehand, divided into forward passes."""

from collections.abc import Sequence

from critic.encode import EncodedSequence
from critic.plan import Item, PassPlanner
from critic.tree import grow, plant


def passes(sequences: Sequence[EncodedSequence], max_tokens: int) -> list[list[list[int]]]:
    """Puts the sequences of one prompt into trees and as many trees as fit `max_tokens` into each pass.

    Returns:
        For each pass the trees, each as indices into `sequences`; every index once.
    """
    prompts: dict[tuple[int, ...], list[int]] = {}
    for index, sequence in enumerate(sequences):
        prompts.setdefault(sequence.tokens[: sequence.boundaries[0] + 1], []).append(index)
    planner: PassPlanner[int] = PassPlanner(max_tokens, 0)
    trees: list[list[int]] = []
    for prompt, members in enumerate(prompts.values()):
        own = grow([sequences[index] for index in members], max_tokens)
        chosen = [[members[place] for place in tree] for tree in own]
        sizes = [plant([sequences[index] for index in tree]).tokens for tree in chosen]
        planner.add(prompt, [Item(prompt, len(trees) + i, size, None) for i, size in enumerate(sizes)], 0)
        trees += chosen
    result: list[list[list[int]]] = []
    while taken := planner.take().items:
        result.append([trees[item.index] for item in taken])
    return result
