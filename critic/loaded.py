"""A checkpoint in use by the server."""

import math
from dataclasses import dataclass
from pathlib import Path

import torch

from critic.attention import UnsupportedAttentionError
from critic.checkpoint import CheckpointError, Critic, max_positions, tokenizer_digest
from critic.encode import EncodedSequence, Encoder
from critic.engine.base import Engine
from critic.engine.transformers import TransformersEngine, place
from critic.tree import Tree, plant

_ROUNDING = 0.01
"""What bfloat16 may make of the same value in passes of different shapes."""


@dataclass(eq=False)
class LoadedCheckpoint:
    """All that evaluating with one checkpoint needs."""

    folder: Path
    identity: str
    tokenizer: str
    """The tokenizer's identity."""
    description: str
    """Class and size of the model."""
    max_tokens: int
    """Longest sequence, the server's limit and the model's positions considered."""
    encoder: Encoder
    engine: Engine


def load(folder: Path, device: str, dtype: str, max_tokens: int) -> LoadedCheckpoint:
    """Reads a checkpoint and tries it once.

    Raises:
        CheckpointError: It cannot be read, or gives values that are not finite.
    """
    at, precision = place(device, dtype)
    try:
        critic = Critic.load(folder, device=at, dtype=precision)
    except torch.OutOfMemoryError as error:
        raise CheckpointError(f"{folder}: does not fit into the device's memory beside the one in use") from error
    engine = TransformersEngine(critic.model)
    _try(engine, folder)
    positions = max_positions(critic.model.backbone)
    backbone = critic.model.backbone
    millions = sum(parameter.numel() for parameter in backbone.parameters()) / 1e6
    return LoadedCheckpoint(
        folder=folder,
        identity=critic.identity,
        tokenizer=tokenizer_digest(critic.tokenizer),
        description=f"{type(backbone).__name__} {millions:.1f}M",
        max_tokens=max_tokens if positions is None else min(max_tokens, positions),
        encoder=Encoder(critic.tokenizer, critic.separator),
        engine=engine,
    )


def _try(engine: Engine, folder: Path) -> None:
    """Tells a model that cannot give values of half-written answers before anybody asks for one."""
    first, whole = EncodedSequence((0,), (0,)), EncodedSequence((0, 1, 0), (0, 2))
    try:
        (((alone,),),) = engine.values([plant([first])])
        (((before, after),),) = engine.values([plant([whole])])
        # The same as a common beginning with two rests, beside another tree.
        _, ((shared, rest), _) = engine.values([plant([first]), Tree((whole, EncodedSequence((0, 1), (1,))), 1)])
    except (UnsupportedAttentionError, TypeError) as error:
        raise CheckpointError(f"{folder}: models of this kind are not supported: {error}") from error
    if not all(math.isfinite(value) for value in (alone, before, after, shared, rest)):
        raise CheckpointError(f"{folder}: gives values that are not finite")
    if max(abs(alone - before), abs(alone - shared), abs(after - rest)) > _ROUNDING:
        raise CheckpointError(f"{folder}: the model is not causal, or sees more than its own sequence")
