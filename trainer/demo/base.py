"""A critic that sees where a line is wrong, for critics to begin with: the policy, grown and taught to check.

A policy knows what it would write; a critic has to see where something else stands. Here the policy's layers stay as
they are, and layers on top of them learn, at every token of fresh solutions whose writer slips, how unlikely the policy
found it, and whether the line and the whole solution are right up to it. So the model checks the demo's lines as a base
model of usual size checks others; nothing that it learns is about how often the policy succeeds.

In the policy's layers what comes next takes the place of what stands there, and a comparison needs both. So the model
is wider than the policy by one head's width, in which a code of each token passes the policy's layers untouched, and
the first layer above them begins with heads that bring both together.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss
from transformers import PreTrainedTokenizerFast, Qwen2ForCausalLM, Qwen2Model

from critic.checkpoint import Critic
from critic.model import ValueModel
from trainer.demo.marks import Marked, mark
from trainer.demo.tasks.problem import Checkable
from trainer.demo.warmup import POOL, Progress

LAYERS = 2
"""On top of the policy's."""
BATCH = 32
WHOLE = 1
"""Among what is found at a token: whether the line is right, whether all are, and how likely the token was."""
LEAST = -6.0
"""Log-probabilities below this are taken for it."""
SURPRISE_WEIGHT = 0.2

_CODE = 0.1
"""Norm of a token's code; that of its embedding is about 1, so that the policy's layers hardly notice."""
_QUIET = 1 / 8
"""What the policy's layers add up is made smaller by this, which changes nothing in them, for they begin with a
normalisation; so new layers can be heard above it."""
_LOUD, _FETCHED = 3.0, 4.0
"""What new layers add begins larger than usual by the first; what the prepared heads fetch, by the second."""
_HEARD = 5.0
"""Gain of what is left of the policy's state, in the new layers' normalisations, beside what was fetched."""
_LIFT = 64.0
"""In the end all that is added up is made larger by this, which changes nothing either: the codes are so small that the
steps of a critic's training, which are of one size for all weights, would erase them."""
_SHARPNESS, _FAST = 7.0, 6
"""How narrow the prepared heads look, and in how many of the fastest rotations."""


class Reader(nn.Module):
    """The base, `base`, with all through which it is taught."""

    def __init__(self, policy: Qwen2ForCausalLM) -> None:
        super().__init__()
        self.base = grown(policy)
        self.policy = policy
        self.marks = nn.Linear(self.base.config.hidden_size, 3)
        self.requires_grad_(False)
        for taught in (*self.base.layers[policy.config.num_hidden_layers :], self.base.norm, self.marks):
            taught.requires_grad_(True)

    def critic(self, tokenizer: PreTrainedTokenizerFast) -> Critic:
        """The base as a critic whose values say whether all lines are right so far, in bfloat16.

        Half the size of float32; what it finds is the same to three digits.
        """
        with torch.no_grad():
            self.base.embed_tokens.weight *= _LIFT
            for layer in self.base.layers:
                layer.self_attn.o_proj.weight *= _LIFT
                layer.mlp.down_proj.weight *= _LIFT
        head = nn.Linear(self.base.config.hidden_size, 1)
        head.load_state_dict({name: weights[WHOLE : WHOLE + 1] for name, weights in self.marks.state_dict().items()})
        return Critic(ValueModel(self.base.to(torch.bfloat16), head), tokenizer)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Of tokens (batch, length): what the policy expects after each, (batch, length, vocabulary) logits, and what
        is found at each, (batch, length, 3): logits of the line and of the whole, and the log-probability."""
        config = self.policy.config
        found = self.base(input_ids=tokens, output_hidden_states=True, use_cache=False)
        below = found.hidden_states[config.num_hidden_layers][..., : config.hidden_size]
        return self.policy.lm_head(self.policy.model.norm(below)), self.marks(found.last_hidden_state)


def grown(policy: Qwen2ForCausalLM) -> Qwen2Model:
    """A wider model whose lower layers compute what the policy's do, with LAYERS random ones above."""
    old = policy.config
    head, depth = old.hidden_size // old.num_attention_heads, old.num_hidden_layers
    config = old.__class__.from_dict(old.to_dict())
    config.num_hidden_layers += LAYERS
    config.layer_types = config.layer_types[:1] * config.num_hidden_layers
    config.num_attention_heads += 1
    config.num_key_value_heads += 1
    config.hidden_size += head
    base = Qwen2Model(config)
    state = base.state_dict()
    with torch.no_grad():
        for name, weights in policy.model.state_dict().items():
            whole = state[name].zero_()
            whole[tuple(slice(length) for length in weights.shape)] = weights
            if name.endswith("norm.weight"):  # means of squares are over more numbers, and those added are next to 0
                whole *= (old.hidden_size / config.hidden_size) ** 0.5
        codes = base.embed_tokens.weight[:, old.hidden_size :].normal_()
        codes *= _CODE / codes.norm(dim=1, keepdim=True)
        base.embed_tokens.weight *= _QUIET
        for number, layer in enumerate(base.layers):
            layer.self_attn.o_proj.weight *= _QUIET if number < depth else _LOUD
            layer.mlp.down_proj.weight *= _QUIET if number < depth else _LOUD
        _prepare(base.layers[depth], policy)
        later = [
            norm
            for layer in base.layers[depth + 1 :]
            for norm in (layer.input_layernorm, layer.post_attention_layernorm)
        ]
        for norm in (base.layers[depth].post_attention_layernorm, *later, base.norm):
            norm.weight.fill_(1)
            norm.weight[2 * head : old.hidden_size] = _HEARD
    return base


def _prepare(layer: Any, policy: Qwen2ForCausalLM) -> None:
    """Has two heads of a layer begin by fetching what the policy expected in a token's place, and one the token's code.

    The biases of queries and keys turn with the position; where those of queries are turned back by one token, a query
    meets the key before it. What is fetched from there are the directions that decide the policy's words most.
    """
    config, attention = policy.config, layer.self_attn
    width, size = config.hidden_size, config.hidden_size // config.num_attention_heads
    angles = config.rope_parameters["rope_theta"] ** (-torch.arange(0, size, 2) / size)
    used = _SHARPNESS * (torch.arange(size // 2) < _FAST)
    layer.input_layernorm.weight[:width] = policy.model.norm.weight
    layer.input_layernorm.weight[width:] = 20 / _CODE
    words = torch.linalg.svd(policy.lm_head.weight - policy.lm_head.weight.mean(0)).Vh
    for head, back in enumerate((1, 1, 0)):
        rows = slice(head * size, (head + 1) * size)
        for projection, turn in ((attention.q_proj, back * angles), (attention.k_proj, 0 * angles)):
            projection.weight[rows] = 0
            projection.bias[rows] = torch.cat([turn.cos() * used, -turn.sin() * used])
        attention.v_proj.weight[rows] = 0
        attention.o_proj.weight[:, rows] = 0
        if back:
            attention.v_proj.weight[rows, :width] = words[rows]
            attention.o_proj.weight[rows, rows] = _FETCHED * torch.eye(size)
        else:
            attention.v_proj.weight[rows, width:] = torch.eye(size)
            attention.o_proj.weight[width:, rows] = _FETCHED * torch.eye(size)


def teach(
    reader: Reader,
    tokenizer: PreTrainedTokenizerFast,
    draw: Callable[[Random], Checkable],
    *,
    steps: int,
    lr: float,
    slips: float,
    seed: int,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> None:
    """Trains what of `reader` is not frozen on `steps` batches of BATCH solutions.

    Args:
        draw: A random problem.
        lr: Peak of a learning rate that rises over the first 5 % of the steps and falls along a cosine to a twentieth.
        slips: Carelessness of the solutions' writer, see `Problem.work`.
        seed: Of the problems and slips.
    """
    parameters = [parameter for parameter in reader.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=lr, betas=(0.9, 0.98), weight_decay=0.01)
    rise = max(1, steps // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / rise, 0.05 + 0.475 * (1 + math.cos(math.pi * min(1.0, step / steps))))
    )
    began = time.monotonic()
    found = _batches(tokenizer, draw, slips, Random(seed))
    for step, batch in zip(range(1, steps + 1), found, strict=False):
        loss = _loss(reader, batch, tokenizer.pad_token_id)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        on_progress(Progress(step, steps, loss.item(), time.monotonic() - began))


def _loss(reader: Reader, batch: Sequence[Marked], padding: int) -> Tensor:
    longest = max(len(marked.tokens) for marked in batch)

    def rows(name: str, fill: float) -> Tensor:
        return torch.tensor([[*getattr(m, name), *[fill] * (longest - len(m.tokens))] for m in batch])

    tokens = rows("tokens", padding)
    expected, found = reader(tokens)
    likely = expected[:, :-1].log_softmax(-1).gather(-1, tokens[:, 1:, None]).squeeze(-1).clamp(LEAST)
    targets = torch.stack([rows("line", math.nan), rows("whole", math.nan)], -1)[:, 1:]
    known = ~targets[..., 0].isnan()
    found = found[:, 1:][known]
    right = binary_cross_entropy_with_logits(found[:, :2], targets[known])
    return right + SURPRISE_WEIGHT * mse_loss(found[:, 2], likely[known])


def _batches(
    tokenizer: PreTrainedTokenizerFast, draw: Callable[[Random], Checkable], slips: float, rng: Random
) -> Iterator[list[Marked]]:
    while True:
        problems = (draw(rng) for _ in range(BATCH * POOL))
        pool = [mark(tokenizer, problem, problem.work(rng, slips)) for problem in problems]
        pool.sort(key=lambda marked: len(marked.tokens))
        batches = [pool[first : first + BATCH] for first in range(0, len(pool), BATCH)]
        rng.shuffle(batches)
        yield from batches
