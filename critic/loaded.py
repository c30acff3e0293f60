"""A checkpoint in use by the server."""

import math
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from critic.attention import UnsupportedAttentionError
from critic.checkpoint import (
    CheckpointError,
    Critic,
    digest,
    hidden_size,
    max_positions,
    read_facts,
    read_head,
    read_shape,
    stamps,
    tokenizer_digest,
)
from critic.encode import EncodedSequence, Encoder
from critic.engine.base import Engine
from critic.engine.transformers import TransformersEngine, place
from critic.engine.vllm.engine import VllmEngine
from critic.engine.vllm.layout import Layout
from critic.engine.vllm.process import ProcessError
from critic.engine.vllm.settings import VllmSettings
from critic.tree import Tree, plant
from critic.weights import WeightsError, check_weights

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
    encoding: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "critic-encode"))
    """The one thread that the encoder is used on. It ends with the checkpoint, and with it what tokenizers keep for
    each thread and never let go: a thread for all checkpoints would grow by some megabytes with each."""


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
    backbone = critic.model.backbone
    return LoadedCheckpoint(
        folder=folder,
        identity=critic.identity,
        tokenizer=tokenizer_digest(critic.tokenizer),
        description=_describe(backbone),
        max_tokens=_longest(backbone, max_tokens),
        encoder=Encoder(critic.tokenizer, critic.separator),
        engine=engine,
    )


def load_in_vllm(
    folder: Path, device: str, dtype: str, max_tokens: int, settings: VllmSettings, threads: int
) -> LoadedCheckpoint:
    """Has vLLM read a checkpoint, and tries it once. Arguments are those of `VllmEngine`.

    Raises:
        CheckpointError: It cannot be read, vLLM does not serve it, or it gives values that are not finite.
    """
    _, separator = read_facts(folder)
    try:
        before = stamps(folder)
        identity = digest(folder)
        backbone, tokenizer = read_shape(folder)
        head = read_head(folder, hidden_size(backbone))
        check_weights(folder)
        layout = Layout(folder, head)
    except WeightsError as error:
        raise CheckpointError(f"{folder}: {error}") from error
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{folder}: cannot be read: {error}") from error
    unchanged = False
    with suppress(OSError):  # it may be gone by now
        unchanged = stamps(folder) == before
    if not unchanged:
        layout.close()
        raise CheckpointError(f"{folder}: was replaced while it was read; try again")
    longest = _longest(backbone, max_tokens)
    try:
        engine = VllmEngine(layout, settings, device=device, dtype=dtype, threads=threads, max_tokens=longest)
    except ProcessError as error:
        raise CheckpointError(f"{folder}: cannot be served by vLLM: {error}") from error
    try:
        _try(engine, folder)
    except BaseException:
        engine.close()
        raise
    return LoadedCheckpoint(
        folder=folder,
        identity=identity,
        tokenizer=tokenizer_digest(tokenizer),
        description=_describe(backbone),
        max_tokens=longest,
        encoder=Encoder(tokenizer, separator),
        engine=engine,
    )


def _describe(backbone: Any) -> str:
    millions = sum(parameter.numel() for parameter in backbone.parameters()) / 1e6
    return f"{type(backbone).__name__} {millions:.1f}M"


def _longest(backbone: Any, max_tokens: int) -> int:
    positions = max_positions(backbone)
    return max_tokens if positions is None else min(max_tokens, positions)


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
    except ProcessError as error:
        raise CheckpointError(f"{folder}: vLLM gives no values: {error}") from error
    if not all(math.isfinite(value) for value in (alone, before, after, shared, rest)):
        raise CheckpointError(f"{folder}: gives values that are not finite")
    if max(abs(alone - before), abs(alone - shared), abs(after - rest)) > _ROUNDING:
        raise CheckpointError(f"{folder}: the model is not causal, or sees more than its own sequence")
