"""What a checkpoint says of a sequence alone: a plain forward pass of the plain model, nothing packed or shared."""

from functools import cache
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoModel

from critic.checkpoint import Critic
from critic.encode import CutText, Encoder


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
        self._values = cache(self._compute)

    def group(self, prompt: str, texts: tuple[CutText, ...], *, truncate: bool) -> tuple[int, list[list[float]]] | None:
        """Tokens left out and, for each text, the values of the prompt and of each step end; None if it is too long."""
        pairs = []
        for text in texts:
            (one,) = self._encoder.encode(prompt, [text])
            pairs.append((one.tokens, one.boundaries))
        excess = max(0, max(len(tokens) for tokens, _ in pairs) - self.max_tokens)
        if excess and (not truncate or pairs[0][1][0] + 1 - self._kept - excess < 1):
            return None
        return excess, [
            self._values(
                tokens[: self._kept] + tokens[self._kept + excess :], tuple(place - excess for place in boundaries)
            )
            for tokens, boundaries in pairs
        ]

    def _compute(self, tokens: tuple[int, ...], boundaries: tuple[int, ...]) -> list[float]:
        with torch.inference_mode():
            hidden = self._model(torch.tensor([tokens]), use_cache=False).last_hidden_state[0, list(boundaries)]
            logits = hidden @ self._head["weight"].T + self._head["bias"]
        return [float(value) for value in logits.double().sigmoid().squeeze(-1)]
