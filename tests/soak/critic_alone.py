"""What a checkpoint says of a sequence alone: a plain forward pass of the plain model, nothing packed or shared.

Sequences that are known beforehand are computed side by side, in transformers' own way: rows padded behind their ends,
which a causal model does not see.
"""

from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoModel

from critic.checkpoint import Critic
from critic.encode import CutText, Encoder

Sequence = tuple[tuple[int, ...], tuple[int, ...]]
"""Tokens, and the places at which values are read."""
_ROWS = 32
"""Of about the same length, computed at one time."""


class Alone:
    """One checkpoint."""

    def __init__(self, folder: Path, max_tokens: int) -> None:
        """Args:
        folder: The checkpoint.
        max_tokens: The server's limit.
        """
        critic = Critic.load(folder)
        self.identity = critic.identity
        self._encoder = Encoder(critic.tokenizer)
        self._model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
        self.max_tokens = min(max_tokens, self._model.config.max_position_embeddings)
        self._head = load_file(folder / "value_head.safetensors")
        self._kept = int(critic.tokenizer("a")["input_ids"][:1] == [critic.tokenizer.bos_token_id])
        self._hidden: dict[Sequence, list[float]] = {}
        self._known: dict[tuple[str, tuple[CutText, ...], bool], tuple[int, list[Sequence]] | None] = {}

    def learn(self, groups: Iterable[tuple[str, tuple[CutText, ...], bool]]) -> None:
        """Computes what `group` is going to be asked for: prompts, texts and whether to truncate."""
        new = {group: self._sequences(*group) for group in set(groups) - self._known.keys()}
        self._known |= new
        wanted = {one for known in new.values() if known is not None for one in known[1]} - self._hidden.keys()
        by_length = sorted(wanted, key=lambda one: len(one[0]))
        for begin in range(0, len(by_length), _ROWS):
            rows = by_length[begin : begin + _ROWS]
            self._hidden |= dict(zip(rows, self._compute(rows), strict=True))

    def group(self, prompt: str, texts: tuple[CutText, ...], truncate: bool) -> tuple[int, list[list[float]]] | None:
        """Tokens left out and, for each text, the values of the prompt and of each step end; None if it is too long."""
        if (prompt, texts, truncate) not in self._known:
            self.learn([(prompt, texts, truncate)])
        known = self._known[prompt, texts, truncate]
        return None if known is None else (known[0], [self._hidden[one] for one in known[1]])

    def _sequences(self, prompt: str, texts: tuple[CutText, ...], truncate: bool) -> tuple[int, list[Sequence]] | None:
        pairs = []
        for text in texts:
            (one,) = self._encoder.encode(prompt, [text])
            pairs.append((one.tokens, one.boundaries))
        excess = max(0, max(len(tokens) for tokens, _ in pairs) - self.max_tokens)
        if excess and (not truncate or pairs[0][1][0] + 1 - self._kept - excess < 1):
            return None
        return excess, [
            (tokens[: self._kept] + tokens[self._kept + excess :], tuple(place - excess for place in boundaries))
            for tokens, boundaries in pairs
        ]

    @torch.inference_mode()
    def _compute(self, rows: list[Sequence]) -> list[list[float]]:
        longest = max(len(tokens) for tokens, _ in rows)
        padded = torch.tensor([[*tokens, *[0] * (longest - len(tokens))] for tokens, _ in rows])
        hidden = self._model(padded, use_cache=False).last_hidden_state
        logits = (hidden @ self._head["weight"].T + self._head["bias"]).squeeze(-1).double().sigmoid()
        return [logits[row, list(places)].tolist() for row, (_, places) in enumerate(rows)]
