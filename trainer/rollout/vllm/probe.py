"""Proof that a server computes what the trainer does: log-probabilities of a fixed text, from both.

Two requests, since neither alone sees all: one for the text's own tokens, for which vLLM computes all of them anew, and
one for a token after it, which takes what vLLM has cached of the text, of the weights before if nobody cleared it.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from trainer.rollout.engine import Sampling
from trainer.rollout.vllm.completion import AnswerError, completion_request, read_choices

TEXT = """Question: A train leaves at 9:45 and needs 2 h 37 min for 184.5 km. When does it arrive, and how fast is it?
Answer: It arrives at 12:22. Its speed is 184.5 / (157/60) = 70.51 km/h, so \\boxed{70.51}.

def mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0

Let $f(x) = x^2 - 3x + 2$; then $f(x) = 0$ exactly for $x \\in \\{1, 2\\}$. "Why?" - Because (x - 1)(x - 2) = f(x).
"""
TOKENS = 300
"""More than two of the blocks that vLLM caches, on any device."""


@dataclass(frozen=True)
class Difference:
    """Where server and trainer disagree most."""

    place: int
    """Position in the probe."""
    token: int
    served: float
    trained: float
    compared: int
    """Log-probabilities that were compared."""

    @property
    def size(self) -> float:
        """Its absolute value; infinite when either is no finite number."""
        size = abs(self.served - self.trained)
        return size if math.isfinite(size) else math.inf


def probe_tokens(tokenizer: Any, longest: int) -> list[int]:
    """The text as the policy's tokens, repeated or cut to at most `longest`, and at least 2."""
    ids = list(tokenizer(TEXT, add_special_tokens=False)["input_ids"])
    wanted = max(2, min(TOKENS, longest))
    return (ids * math.ceil(wanted / max(1, len(ids))))[:wanted]


def trained_logits(model: Any, ids: Sequence[int]) -> torch.Tensor:
    """The trainer's logits after each token of the probe, [tokens, vocabulary], float32 on CPU."""
    with torch.no_grad():
        output = model(input_ids=torch.tensor([list(ids)], device=model.device), use_cache=False)
    logits: torch.Tensor = output.logits[0].float().cpu()
    return logits


def text_request(model: str, ids: Sequence[int]) -> dict[str, Any]:
    """Asks for the log-probability of each of the text's tokens."""
    return {
        "model": model,
        "prompt": list(ids),
        "max_tokens": 1,
        "temperature": 1.0,
        "seed": 0,
        "prompt_logprobs": 0,
        "return_token_ids": True,
    }


def next_request(model: str, ids: Sequence[int], ends: Collection[int], temperature: float) -> dict[str, Any]:
    """Asks for a token after the text, drawn as responses are."""
    return completion_request(model, ids, 1, ends, 0, Sampling(0, 1, temperature))


def compare_text(answer: Any, ids: Sequence[int], logits: torch.Tensor) -> Difference:
    """The largest difference within the text.

    Raises:
        AnswerError: The answer has no log-probabilities of it.
    """
    served = _prompt_log_probabilities(answer, ids)
    trained = torch.log_softmax(logits[:-1], -1).gather(-1, torch.tensor(list(ids[1:]))[:, None])[:, 0].tolist()
    found = [
        Difference(place, token, there, here, len(ids) - 1)
        for place, (token, there, here) in enumerate(zip(ids[1:], served, trained, strict=True), 1)
    ]
    return max(found, key=lambda difference: difference.size)


def compare_next(
    answer: Any, ids: Sequence[int], ends: Collection[int], logits: torch.Tensor, temperature: float
) -> Difference:
    """The difference at the token after the text.

    Raises:
        AnswerError: The answer is not a response of one token.
    """
    (choice,) = read_choices(answer, ids, 1, ends, 1, logits.shape[-1])
    trained = torch.log_softmax(logits[-1] / temperature, -1)
    return Difference(len(ids), choice.ids[0], choice.log_probabilities[0], float(trained[choice.ids[0]]), 1)


def _prompt_log_probabilities(answer: Any, ids: Sequence[int]) -> list[float]:
    try:
        (choice,) = answer["choices"]
        if choice["prompt_token_ids"] != list(ids):
            raise AnswerError("the probe's token ids came back changed")
        first, *others = choice["prompt_logprobs"]
        if first is not None or len(others) != len(ids) - 1:
            raise AnswerError(f"{len(others)} log-probabilities for a probe of {len(ids)} tokens")
        return [float(entry[str(token)]["logprob"]) for entry, token in zip(others, ids[1:], strict=True)]
    except (TypeError, KeyError, ValueError) as error:
        raise AnswerError(f"no log-probabilities of the probe's tokens: {type(error).__name__}: {error}") from error
