"""The policy: loading it, and the log-probabilities that it is trained through."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM

from codaserve.settings import ConfigurationError
from codaserve.tokenizer import load_tokenizer
from trainer.checkpoint import UNREADABLE
from trainer.lora import adapt
from trainer.peers import ALONE, Peers
from trainer.recompute import recompute_layers
from trainer.settings import TrainerSettings


def load_policy(path: str | Path, settings: TrainerSettings) -> tuple[Any, Any]:
    """The model as it is to be trained, in float32 and evaluation mode, and its tokenizer.

    Evaluation mode stays on in training: with dropout the ratio of new to old probability would be noise.

    Raises:
        ConfigurationError: It cannot be loaded, lacks weights, its positions do not suffice, or it cannot be trained
            as the settings have it.
    """
    model, tokenizer = read_policy(path)
    check_positions(model, settings.rollout.max_prompt_tokens, settings.rollout.max_response_tokens, "rollout")
    if settings.model.gradient_checkpointing:
        recompute_layers(model)
    if settings.model.lora.rank:
        return adapt(model, settings.model.lora), tokenizer
    _freeze(model, settings.model.trainable)
    return model, tokenizer


def read_policy(path: str | Path, field: str = "model.path") -> tuple[Any, Any]:
    """The model, in float32 and evaluation mode, and its tokenizer.

    Args:
        path: Folder, or name on a hub.
        field: Of the settings that has it, for messages.

    Raises:
        ConfigurationError: It cannot be loaded or lacks weights.
    """
    try:
        tokenizer = load_tokenizer(path)
        model, loading = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, output_loading_info=True)
    except UNREADABLE as error:
        raise ConfigurationError(f"{field}: {path} cannot be loaded: {str(error) or type(error).__name__}") from error
    if missing := sorted(loading["missing_keys"]):  # they would start from chance
        raise ConfigurationError(
            f"{field}: {path} lacks {len(missing)} weights of a {type(model).__name__}, the first: {missing[0]}"
        )
    return model.eval(), tokenizer


def check_positions(model: Any, prompt_tokens: int, response_tokens: int, section: str) -> None:
    """Refuses settings for which the model has too few positions.

    Raises:
        ConfigurationError: It has.
    """
    positions = getattr(model.config, "max_position_embeddings", None)
    if positions is not None and prompt_tokens + response_tokens > positions:
        raise ConfigurationError(
            f"{section}.max_prompt_tokens + {section}.max_response_tokens is {prompt_tokens + response_tokens}, the "
            f"model has {positions} positions"
        )


def _freeze(model: Any, trainable: str) -> None:
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(re.search(trainable, name) is not None)
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise ConfigurationError(
            f"model.trainable: no parameter's name has a match for {trainable!r}; the first is called "
            f"{next(name for name, _ in model.named_parameters())}"
        )


class Tokens(Protocol):
    """A prompt and what follows it."""

    @property
    def prompt_ids(self) -> Sequence[int]: ...

    @property
    def response_ids(self) -> Sequence[int]: ...


class Trained(Protocol):
    """What the policy is trained on."""

    @property
    def rollout(self) -> Tokens: ...


@dataclass(frozen=True)
class MicroBatch:
    """Responses for one forward pass. Prompts are padded on the left, responses on the right: responses align."""

    rows: list[int]
    """Their positions in the batch."""
    ids: Tensor
    """[rows, prompt + response]."""
    attention: Tensor
    """The same shape, 1 where there is a token."""
    responses: int
    """Tokens of the longest response."""

    def spread(self, values: Sequence[Sequence[float]]) -> Tensor:
        """One number for each response token, given for the whole batch, as [rows, responses] with 0 for padding."""
        padded = [[*values[row], *[0.0] * (self.responses - len(values[row]))] for row in self.rows]
        return torch.tensor(padded, device=self.ids.device)


def micro_batches(
    rows: Sequence[Trained], max_tokens: int, device: torch.device, peers: Peers = ALONE
) -> Iterator[MicroBatch]:
    """Cuts rows into passes of at most `max_tokens` tokens, padding included, longest first; at least one row each.

    With several processes each gets its share of the rows, one of long ones and of short ones.
    """
    by_length = sorted(range(len(rows)), key=lambda index: -_length(rows[index]))
    order = [by_length[place] for place in peers.share(len(rows))]
    begin = 0
    while begin < len(order):
        end, prompt, response = begin, 0, 0
        while end < len(order):
            rollout = rows[order[end]].rollout
            wider = max(prompt, len(rollout.prompt_ids)), max(response, len(rollout.response_ids))
            if end > begin and (end + 1 - begin) * sum(wider) > max_tokens:
                break
            (prompt, response), end = wider, end + 1
        yield _collate(rows, order[begin:end], prompt, response, device)
        begin = end


def _length(row: Trained) -> int:
    return len(row.rollout.prompt_ids) + len(row.rollout.response_ids)


def _collate(
    rows: Sequence[Trained], chosen: list[int], prompt: int, response: int, device: torch.device
) -> MicroBatch:
    ids, attention = [], []
    for index in chosen:
        rollout = rows[index].rollout
        tokens = [*rollout.prompt_ids, *rollout.response_ids]
        left, right = prompt - len(rollout.prompt_ids), response - len(rollout.response_ids)
        ids.append([0] * left + tokens + [0] * right)
        attention.append([0] * left + [1] * len(tokens) + [0] * right)
    return MicroBatch(chosen, torch.tensor(ids, device=device), torch.tensor(attention, device=device), response)


def log_probabilities(model: Any, batch: MicroBatch, temperature: float) -> Tensor:
    """Natural logarithms of the response tokens' probabilities at the temperature of sampling, float32.

    Returns:
        [rows, responses]; what stands at padding means nothing.
    """
    positions = (batch.attention.cumsum(1) - 1).clamp(min=0)
    output = model(
        input_ids=batch.ids,
        attention_mask=batch.attention,
        position_ids=positions,
        use_cache=False,
        logits_to_keep=batch.responses + 1,
    )
    logits = output.logits[:, :-1].float() / temperature
    targets = batch.ids[:, -batch.responses :]
    chosen: Tensor = logits.gather(-1, targets[..., None])[..., 0] - logits.logsumexp(-1)
    return chosen
