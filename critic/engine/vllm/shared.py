"""Common beginnings in vLLM: which sequences take what is computed already, and where values are then read. Pure.

vLLM shares keys and values of whole blocks between sequences that begin alike, but gives no output for tokens that it
does not compute. So one sequence of each tree computes all of its tokens, and what others leave out is read from it.
"""

from collections.abc import Sequence

from critic.engine.vllm.worker import Logits, Sequences
from critic.tree import Tree


def requests(trees: Sequence[Tree], number: int, prefix_caching: bool) -> Sequences:
    """What vLLM is asked for, tree after tree and sequence after sequence.

    Args:
        trees: Of one pass.
        number: Of the pass. Nothing is shared with other passes, whose logits are gone.
        prefix_caching: Whether sequences of a tree share anything.
    """
    return [
        (list(sequence.tokens), f"{number}.{index}", prefix_caching and place > 0)
        for index, tree in enumerate(trees)
        for place, sequence in enumerate(tree.sequences)
    ]


def boundaries(tree: Tree, rows: Logits) -> Logits:
    """The logits at the boundaries of each of a tree's sequences.

    Args:
        tree: The tree.
        rows: For each of its sequences the logits at its last tokens, as many as were computed.

    Raises:
        ValueError: A token was computed for none of the sequences that begin with it.
    """
    return [[_logit(tree, rows, index, place) for place in s.boundaries] for index, s in enumerate(tree.sequences)]


def _logit(tree: Tree, rows: Logits, index: int, place: int) -> float:
    beginning = tree.sequences[index].tokens[: place + 1]
    for other in (index, *range(len(rows))):
        sequence = tree.sequences[other]
        row: list[float] = rows[other]
        computed = place - (len(sequence.tokens) - len(row))
        if computed >= 0 and (other == index or sequence.tokens[: place + 1] == beginning):
            return row[computed]
    raise ValueError(f"no logit for token {place} of sequence {index}")
