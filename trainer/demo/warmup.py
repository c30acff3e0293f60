"""Makes the warmed-up policy from nothing: next-token training on worked solutions whose writer sometimes slips.

The slips are meant: they leave a policy that knows the procedure and is unsure at hard steps, as one trained on found
text would be. Reinforcement can then sharpen it, and longer problems, where slips multiply, start out hardly solved.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import torch
from transformers import PreTrainedTokenizerFast, Qwen2ForCausalLM

from trainer.demo.tasks.problem import Problem

BATCH = 64
POOL = 16
"""Batches that are drawn at once and sorted by length, so that little is padded."""
SHORT_SHARE = 0.2
"""Of the steps, the first ones, spent on short problems: copying and carrying are learned there sooner."""


@dataclass(frozen=True)
class Progress:
    """Where the warm-up is."""

    step: int
    steps: int
    loss: float
    """Mean cross-entropy of the response tokens of the step's batch, nats."""
    seconds: float


def warm_up(
    model: Qwen2ForCausalLM,
    tokenizer: PreTrainedTokenizerFast,
    draw: Callable[[bool, Random], Problem],
    *,
    steps: int,
    lr: float,
    slips: float,
    seed: int,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> None:
    """Trains `model` in place for `steps` batches of BATCH worked solutions.

    Args:
        draw: A random problem; a short one when told so.
        steps: Optimizer steps.
        lr: Peak of a learning rate that rises over the first 5 % of the steps and falls to a tenth along a cosine.
        slips: Carelessness of the solutions' writer, see `Problem.work`.
        seed: Of the problems and slips.
    """
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, betas=(0.9, 0.98), weight_decay=0.01)
    rise = max(1, steps // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / rise, 0.1 + 0.45 * (1 + math.cos(math.pi * min(1.0, step / steps)))),
    )
    model.train()
    began = time.monotonic()
    for step, (ids, labels) in zip(
        range(1, steps + 1), _batches(tokenizer, draw, steps, slips, Random(seed)), strict=False
    ):
        loss = model(input_ids=ids, attention_mask=(ids != tokenizer.pad_token_id).long(), labels=labels).loss
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        on_progress(Progress(step, steps, loss.item(), time.monotonic() - began))
    model.eval()


def _batches(
    tokenizer: PreTrainedTokenizerFast,
    draw: Callable[[bool, Random], Problem],
    steps: int,
    slips: float,
    rng: Random,
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """(ids, labels), each (BATCH, longest): right-padded, labels -100 on prompt and padding."""
    for start in range(0, steps, POOL):
        short = start < SHORT_SHARE * steps
        rows = []
        for _ in range(BATCH * POOL):
            problem = draw(short, rng)
            prompt = tokenizer(problem.prompt)["input_ids"]
            rows.append((prompt, [*tokenizer(problem.work(rng, slips))["input_ids"], tokenizer.eos_token_id]))
        rows.sort(key=lambda row: len(row[0]) + len(row[1]))
        batches = [rows[first : first + BATCH] for first in range(0, len(rows), BATCH)]
        rng.shuffle(batches)
        for batch in batches:
            yield _pad(batch, tokenizer.pad_token_id)


def _pad(rows: list[tuple[list[int], list[int]]], padding: int) -> tuple[torch.Tensor, torch.Tensor]:
    longest = max(len(prompt) + len(response) for prompt, response in rows)
    ids = torch.full((len(rows), longest), padding)
    labels = torch.full((len(rows), longest), -100)
    for row, (prompt, response) in enumerate(rows):
        ids[row, : len(prompt) + len(response)] = torch.tensor(prompt + response)
        labels[row, len(prompt) : len(prompt) + len(response)] = torch.tensor(response)
    return ids, labels
