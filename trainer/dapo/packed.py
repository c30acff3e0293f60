"""Forward passes in which a state is computed once for all of its steps.

The rows are those of the critic (`critic.packing`): a state, then each of its steps, which sees the state and itself.
That needs an attention function of our own, which a model has while it is asked here and not while it samples.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from critic import attention
from critic.encode import EncodedSequence
from critic.packing import pack
from critic.passes import passes
from critic.tree import plant
from trainer.policy import Trained


@contextmanager
def packed_attention(model: Any) -> Iterator[None]:
    """Gives a model attention that knows packed rows. Backward passes that compute layers again belong inside.

    Args:
        model: Of transformers, without wrappers that hide its configuration.
    """
    before = model.config._attn_implementation
    model.set_attn_implementation(attention.NAME)
    try:
        yield
    finally:
        model.set_attn_implementation(before)


def packed_forward(
    model: Any, pairs: Sequence[Trained], *, temperature: float, max_tokens: int, device: torch.device
) -> Iterator[tuple[list[int], Tensor]]:
    """As `trainer.dapo.pairs.padded_forward`; a state's pairs are next to each other or it is computed again."""
    sequences = [_sequence(pair) for pair in pairs]
    for planned in passes(sequences, max_tokens):
        rows = [index for tree in planned for index in tree]
        row = pack([plant([sequences[index] for index in tree]) for tree in planned], device)
        output = model(
            input_ids=row.tokens,
            position_ids=row.positions,
            segments=row.segments,
            use_cache=False,
            logits_to_keep=row.reads,
        )
        logits = output.logits[0].float() / temperature
        targets = torch.tensor([token for index in rows for token in pairs[index].rollout.response_ids], device=device)
        tokens = logits.gather(-1, targets[:, None])[:, 0] - logits.logsumexp(-1)
        steps = tokens.split([len(pairs[index].rollout.response_ids) for index in rows])
        yield rows, torch.stack([step.sum() for step in steps])


def _sequence(pair: Trained) -> EncodedSequence:
    """Read where the next token is one of the step."""
    state, step = tuple(pair.rollout.prompt_ids), tuple(pair.rollout.response_ids)
    return EncodedSequence(state + step, tuple(range(len(state) - 1, len(state) + len(step) - 1)))
