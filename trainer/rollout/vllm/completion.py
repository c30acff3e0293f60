"""What is asked of vLLM's completions endpoint, and what an answer must be. Pure."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from trainer.rollout.engine import Sampling

SLACK = 1e-3
"""A log-probability may exceed 0 by this much, from rounding."""


class AnswerError(Exception):
    """The server answered, but not with what was asked for."""


@dataclass(frozen=True)
class Choice:
    """One response."""

    ids: list[int]
    log_probabilities: list[float]
    truncated: bool


def completion_request(
    model: str, prompt: Sequence[int], n: int, ends: Collection[int], seed: int, sampling: Sampling
) -> dict[str, Any]:
    """The request for `n` responses to a prompt.

    Everything that shapes the distribution is given, since vLLM takes what is not from the model's generation_config.

    Args:
        model: The name under which the server has the policy.
        prompt: Token ids.
        n: Responses; vLLM draws the i-th from the seed plus i.
        ends: Ids of the tokens that end a response.
        seed: At most 2^62.
        sampling: The rest.
    """
    return {
        "model": model,
        "prompt": list(prompt),
        "n": n,
        "max_tokens": sampling.max_response_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": 0,
        "min_p": 0.0,
        "repetition_penalty": 1.0,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        "seed": seed,
        "stop_token_ids": sorted(ends),
        "logprobs": 0,
        "return_token_ids": True,
    }


def read_choices(
    answer: Any, prompt: Sequence[int], n: int, ends: Collection[int], max_tokens: int, vocabulary: int
) -> list[Choice]:
    """The responses in an answer to `completion_request`, in the order of their seeds.

    Args:
        answer: The JSON value.
        prompt: As asked.
        n: As asked.
        ends: As asked.
        max_tokens: As asked.
        vocabulary: Ids are below it.

    Raises:
        AnswerError: It is something else; the text says what.
    """
    choices = answer.get("choices") if isinstance(answer, dict) else None
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        raise AnswerError("the answer has no list of choices")
    by_index = {choice.get("index"): choice for choice in choices}
    if len(choices) != n or by_index.keys() != set(range(n)):
        raise AnswerError(f"{len(choices)} choices with the indices {sorted(map(str, by_index))} instead of {n}")
    return [_choice(by_index[index], prompt, ends, max_tokens, vocabulary) for index in range(n)]


def _choice(
    choice: dict[str, Any], prompt: Sequence[int], ends: Collection[int], max_tokens: int, vocabulary: int
) -> Choice:
    if choice.get("prompt_token_ids") != list(prompt):
        raise AnswerError("the prompt's token ids came back changed: is return_token_ids supported?")
    ids = choice.get("token_ids")
    if not isinstance(ids, list) or not all(type(token) is int and 0 <= token < vocabulary for token in ids):
        raise AnswerError(f"token_ids is no list of ids below {vocabulary}")
    if not 1 <= len(ids) <= max_tokens:
        raise AnswerError(f"a response of {len(ids)} tokens, where 1 to {max_tokens} were asked for")
    logs = (choice.get("logprobs") or {}).get("token_logprobs")
    if not isinstance(logs, list) or len(logs) != len(ids):
        raise AnswerError(f"{len(ids)} tokens, but not as many log-probabilities")
    if not all(isinstance(log, int | float) and math.isfinite(log) and log <= SLACK for log in logs):
        raise AnswerError("a log-probability is no number, not finite or above 0")
    ended = _ended(choice.get("finish_reason"), ids, ends, max_tokens)
    return Choice(ids, [min(float(log), 0.0) for log in logs], not ended)


def _ended(reason: Any, ids: list[int], ends: Collection[int], max_tokens: int) -> bool:
    """Whether a response ended by itself; else it was cut at the limit."""
    if reason == "stop":
        if ids[-1] not in ends:
            raise AnswerError(
                f"a response was stopped after token {ids[-1]}, which is not among the policy's ends {sorted(ends)}: "
                "the server has another generation_config"
            )
        return True
    if reason == "length":
        if len(ids) < max_tokens:
            raise AnswerError(
                f"a response was cut after {len(ids)} tokens of {max_tokens}: raise the server's --max-model-len"
            )
        return False
    raise AnswerError(f"a response ended for the reason {reason!r}")
