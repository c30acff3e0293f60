"""Making room by leaving out the prompt's beginning. Pure."""

from collections.abc import Sequence

from critic.encode import EncodedSequence, TooLongError


def truncate(sequences: Sequence[EncodedSequence], max_tokens: int, kept: int) -> tuple[list[EncodedSequence], int]:
    """Leaves out the same tokens of each sequence, as many as the longest needs.

    Args:
        sequences: Of one prompt.
        max_tokens: Longest sequence afterwards.
        kept: Tokens at the very beginning that stay, 1 for a beginning-of-text token.

    Returns:
        The sequences, and how many tokens were left out.

    Raises:
        TooLongError: Not even one token of the prompt would be left.
    """
    excess = max(len(sequence.tokens) for sequence in sequences) - max_tokens
    if excess <= 0:
        return list(sequences), 0
    prompt = sequences[0].boundaries[0] + 1
    if prompt - kept - excess < 1:
        raise TooLongError(f"a response alone leaves no room for the prompt within max_tokens, which is {max_tokens}")
    return [
        EncodedSequence(
            sequence.tokens[:kept] + sequence.tokens[kept + excess :],
            tuple(place - excess for place in sequence.boundaries),
        )
        for sequence in sequences
    ], excess
