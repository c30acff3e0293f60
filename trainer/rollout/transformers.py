"""Sampling with a transformers model in this process.

An own loop over the model's forward pass rather than `generate`: each prompt is computed once for all of its
responses, responses that have ended leave the batch, every token's log-probability is kept, and chance comes from a
seed alone, so that a resumed run samples what the uninterrupted one would have.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

from trainer.rollout.offsets import TokenOffsets, decode
from trainer.rollout.rollout import Rollout

COMPACT_BELOW = 0.8
"""Ended responses are dropped from the batch when no more than this share of it is left: dropping copies the cache."""


@dataclass
class _Row:
    """A response as it grows."""

    ids: list[int] = field(default_factory=list)
    log_probabilities: list[float] = field(default_factory=list)
    ended: bool = False


def sample(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[str],
    n: int,
    *,
    seed: int,
    max_response_tokens: int,
    temperature: float = 1.0,
    top_p: float = 1.0,
    batch_size: int = 256,
    special_tokens: bool = True,
    begun: Sequence[str] = (),
) -> list[Rollout]:
    """Samples `n` responses to each prompt.

    Args:
        model: A causal language model of transformers; it is put into evaluation mode for the time of sampling.
        tokenizer: Its tokenizer.
        prompts: Texts, any template applied.
        n: Responses to each.
        seed: Equal seeds and equal weights give equal responses.
        max_response_tokens: A response without an end of sequence is truncated here.
        temperature: Logits are divided by it, for sampling and for the log-probabilities; 0 takes the likeliest token,
            with log-probabilities at temperature 1.
        top_p: Sample from the smallest set of tokens that has this probability. The log-probabilities stay those of
            the whole distribution.
        batch_size: Responses at one time.
        special_tokens: Let the tokenizer add the special tokens that it puts before a text, if any. Off for prompts
            from a chat template, which has them.
        begun: What each prompt ends with that is the beginning of its responses already: it takes its tokens of
            `max_response_tokens`. Empty for no such beginnings.

    Returns:
        n responses to the first prompt, then n to the second, and so on.

    Raises:
        ValueError: A prompt has no tokens, or neither model nor tokenizer names an end-of-sequence token.
    """
    found = sample_groups(
        model,
        tokenizer,
        prompts,
        n,
        seed=seed,
        max_response_tokens=max_response_tokens,
        temperature=temperature,
        top_p=top_p,
        batch_size=batch_size,
        special_tokens=special_tokens,
        limits=room_left(tokenizer, prompts, begun, max_response_tokens, special_tokens=special_tokens),
    )
    return [rollout for _, group in sorted(found, key=lambda item: item[0]) for rollout in group]


def sample_groups(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[str],
    n: int,
    *,
    seed: int,
    max_response_tokens: int,
    temperature: float,
    top_p: float,
    batch_size: int,
    special_tokens: bool,
    places: Sequence[int] | None = None,
    limits: Sequence[int] = (),
) -> Iterator[tuple[int, list[Rollout]]]:
    """As `sample`, but gives the position of each prompt with its responses as soon as they have ended.

    Args, besides those of `sample`:
        places: As in `Sampling`.
        limits: As in `Sampling`.
    """
    prompt_ids = [encode_prompt(tokenizer, prompt, special_tokens=special_tokens) for prompt in prompts]
    for prompt, ids in zip(prompts, prompt_ids, strict=True):
        if not ids:
            raise ValueError(f"a prompt of no tokens: {prompt[:80]!r}")
    chances = _Chances(seed, max_response_tokens)
    of_prompt = range(len(prompts)) if places is None else places
    owners = [index for index in range(len(prompts)) for _ in range(n)]
    most = limits or [max_response_tokens] * len(prompts)
    rows: dict[int, _Row] = {}
    missing = [n] * len(prompts)
    offsets = TokenOffsets(tokenizer)
    was_training = model.training
    model.eval()
    try:
        for begin in range(0, len(owners), batch_size):
            part = owners[begin : begin + batch_size]
            batch = _Batch(
                model, [prompt_ids[owner] for owner in range(part[0], part[-1] + 1)], end_tokens(model, tokenizer)
            )
            chance = chances.of([of_prompt[owners[row]] * n + row % n for row in range(begin, begin + len(part))])
            own = [most[owner] for owner in part]
            for place, row in batch.run([owner - part[0] for owner in part], own, chance, temperature, top_p):
                rows[begin + place] = row
                owner = part[place]
                missing[owner] -= 1
                if not missing[owner]:
                    group = [rows.pop(index) for index in range(owner * n, (owner + 1) * n)]
                    yield owner, [_finish(tokenizer, offsets, prompts[owner], prompt_ids[owner], one) for one in group]
    finally:
        model.train(was_training)


def encode_prompt(tokenizer: Any, prompt: str, *, special_tokens: bool = True) -> list[int]:
    """The tokens that the policy is given for a prompt."""
    return list(tokenizer(prompt, add_special_tokens=special_tokens)["input_ids"])


def room_left(
    tokenizer: Any, prompts: Sequence[str], begun: Sequence[str], most: int, *, special_tokens: bool
) -> list[int]:
    """Tokens that are left of `most` to the responses to each prompt, at least one; arguments are those of `sample`."""
    left = []
    for prompt, beginning in zip(prompts, begun, strict=bool(begun)):
        whole, before = (
            len(encode_prompt(tokenizer, text, special_tokens=special_tokens))
            for text in (prompt, prompt.removesuffix(beginning))
        )
        left.append(max(most - (whole - before), 1))
    return left


def end_tokens(model: Any, tokenizer: Any) -> set[int]:
    """The tokens that end a response.

    Raises:
        ValueError: Neither model nor tokenizer names one.
    """
    configured = getattr(model.generation_config, "eos_token_id", None)
    candidates = [*(configured if isinstance(configured, list) else [configured]), tokenizer.eos_token_id]
    ends = {int(end) for end in candidates if end is not None}
    if not ends:
        raise ValueError("neither the model's generation_config nor the tokenizer has an eos_token_id: set one")
    return ends


def _finish(tokenizer: Any, offsets: TokenOffsets, prompt: str, prompt_ids: list[int], row: _Row) -> Rollout:
    text = decode(tokenizer, row.ids)
    return Rollout(prompt, prompt_ids, text, row.ids, row.log_probabilities, not row.ended, offsets.ends(row.ids, text))


class _Chances:
    """The chance of each response of a batch, from one generator: it depends neither on how many are sampled at one
    time nor on which of them are sampled here."""

    def __init__(self, seed: int, width: int) -> None:
        self._generator = torch.Generator().manual_seed(seed)
        self._width = width
        self._drawn = 0

    def of(self, responses: Sequence[int]) -> Tensor:
        """[responses, width]; responses ascend, also from one call to the next."""
        drawn, self._drawn = self._drawn, responses[-1] + 1
        table = torch.rand(self._drawn - drawn, self._width, generator=self._generator)
        return table[[response - drawn for response in responses]]


class _Batch:
    """Some prompts and the responses to them that are sampled at one time."""

    def __init__(self, model: Any, prompts: list[list[int]], ends: set[int]) -> None:
        width = max(len(ids) for ids in prompts)
        device = model.device
        self.model = model
        self.ends = torch.tensor(sorted(ends), device=device)
        self.ids = torch.tensor([[0] * (width - len(ids)) + ids for ids in prompts], device=device)
        self.mask = torch.tensor([[0] * (width - len(ids)) + [1] * len(ids) for ids in prompts], device=device)
        self.cache = DynamicCache(config=model.config)

    @torch.no_grad()
    def run(
        self, owners: list[int], most: list[int], chance: Tensor, temperature: float, top_p: float
    ) -> Iterator[tuple[int, _Row]]:
        """Gives each response with its position when it has ended, or when all have that have not reached their limit.

        Args:
            owners: For each response the position of its prompt.
            most: For each response the tokens that it may have.
            chance: Uniform in [0, 1), [responses, as many tokens as the longest may have, or more].
            temperature: As in `sample`.
            top_p: As in `sample`.
        """
        positions = (self.mask.cumsum(1) - 1).clamp(min=0)
        logits = self._forward(self.ids, positions)
        index = torch.tensor(owners, device=self.mask.device)
        self.cache.batch_select_indices(index)
        self.mask, logits, position = self.mask[index], logits[index], positions[index, -1:]
        rows = [_Row() for _ in owners]
        live = list(range(len(rows)))  # the response in each row of the batch, ended ones included until compacted
        chance = chance.to(self.mask.device)
        for turn in range(max(most)):
            tokens, log_probabilities = choose(logits, chance[live, turn], temperature, top_p)
            ended = torch.isin(tokens, self.ends).tolist()
            for row, token, log_probability, end in zip(
                live, tokens.tolist(), log_probabilities.tolist(), ended, strict=True
            ):
                if not rows[row].ended and turn < most[row]:
                    rows[row].ids.append(token)
                    rows[row].log_probabilities.append(log_probability)
                    rows[row].ended = end
                    if end:
                        yield row, rows[row]
            going = [place for place, row in enumerate(live) if not rows[row].ended and turn + 1 < most[row]]
            if not going:
                break
            if len(going) <= COMPACT_BELOW * len(live):
                keep = torch.tensor(going, device=self.mask.device)
                self.cache.batch_select_indices(keep)
                self.mask, tokens, position = self.mask[keep], tokens[keep], position[keep]
                live = [live[place] for place in going]
            self.mask = torch.cat([self.mask, self.mask.new_ones(len(live), 1)], dim=1)
            position = position + 1
            logits = self._forward(tokens[:, None], position)
        for place, one in enumerate(rows):
            if not one.ended:
                yield place, one

    def _forward(self, ids: Tensor, positions: Tensor) -> Tensor:
        output = self.model(
            input_ids=ids,
            attention_mask=self.mask,
            position_ids=positions,
            past_key_values=self.cache,
            use_cache=True,
            logits_to_keep=1,
        )
        logits: Tensor = output.logits[:, -1]
        return logits


def choose(logits: Tensor, chance: Tensor, temperature: float, top_p: float) -> tuple[Tensor, Tensor]:
    """One token for each row, by the inverse of the cumulative distribution.

    Args:
        logits: [rows, vocabulary].
        chance: [rows], uniform in [0, 1).
        temperature: As in `sample`.
        top_p: As in `sample`.

    Returns:
        Tokens and their log-probabilities at this temperature over the whole vocabulary, [rows] each.
    """
    log_probabilities = torch.log_softmax(logits.float() / (temperature or 1.0), dim=-1)
    if temperature == 0:
        tokens = logits.argmax(-1)
    else:
        probabilities = log_probabilities.double().exp()
        if top_p < 1:
            ordered, order = probabilities.sort(dim=-1, descending=True, stable=True)
            ordered[ordered.cumsum(-1) - ordered >= top_p] = 0
            probabilities = torch.zeros_like(probabilities).scatter(-1, order, ordered)
        cumulative = probabilities.cumsum(-1)
        # right=True finds the first token whose cumulative probability exceeds the target: never one of probability 0.
        target = chance.double()[:, None] * cumulative[:, -1:]
        tokens = torch.searchsorted(cumulative, target, right=True)[:, 0].clamp(max=logits.shape[-1] - 1)
    return tokens, log_probabilities.gather(-1, tokens[:, None])[:, 0]
