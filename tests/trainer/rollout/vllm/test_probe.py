"""Differences are found where they are, and never missed for want of a number."""

import math
from typing import Any

import pytest
import torch

from trainer.rollout.vllm import probe
from trainer.rollout.vllm.completion import AnswerError

IDS = [3, 5, 7]
# At each place the token that follows has probability 1/4, all others share the rest.
LOGITS = torch.full((3, 10), math.log(0.75 / 9))
LOGITS[0, 5] = LOGITS[1, 7] = LOGITS[2, 1] = math.log(0.25)


def answer(*logs: float) -> Any:
    entries = [{str(token): {"logprob": log, "rank": 1}} for token, log in zip(IDS[1:], logs, strict=True)]
    return {"choices": [{"prompt_token_ids": IDS, "prompt_logprobs": [None, *entries]}]}


def test_the_largest_difference_is_named() -> None:
    found = probe.compare_text(answer(math.log(0.25) + 0.001, math.log(0.25) - 0.01), IDS, LOGITS)
    assert (found.place, found.token, found.compared) == (2, 7, 2)
    assert found.size == pytest.approx(0.01, rel=1e-3)
    assert found.trained == pytest.approx(math.log(0.25))


def test_what_is_no_number_differs_infinitely() -> None:
    assert probe.compare_text(answer(float("nan"), math.log(0.25)), IDS, LOGITS).size == math.inf
    assert probe.compare_text(answer(math.log(0.25), float("-inf")), IDS, LOGITS).size == math.inf


@pytest.mark.parametrize(
    "broken",
    [
        None,
        {"choices": []},
        {"choices": [{"prompt_token_ids": [3, 5], "prompt_logprobs": []}]},
        {"choices": [{"prompt_token_ids": IDS, "prompt_logprobs": [None, {"5": {"logprob": -1}}]}]},
        {"choices": [{"prompt_token_ids": IDS, "prompt_logprobs": [None, {"5": {"logprob": -1}}, {"6": {}}]}]},
        {"choices": [{"prompt_token_ids": IDS, "prompt_logprobs": None}]},
    ],
)
def test_an_answer_without_them_is_refused(broken: Any) -> None:
    with pytest.raises(AnswerError):
        probe.compare_text(broken, IDS, LOGITS)


def test_the_token_after_the_text_is_compared_at_the_temperature_of_sampling() -> None:
    # At temperature 0.5 probabilities are squared: 1/16 against nine of 1/144.
    log = math.log((1 / 16) / (1 / 16 + 9 / 144))
    choice = {"index": 0, "prompt_token_ids": IDS, "token_ids": [1], "finish_reason": "length"}
    given = {"choices": [{**choice, "logprobs": {"token_logprobs": [log]}}]}
    assert probe.compare_next(given, IDS, {0}, LOGITS, 0.5).size == pytest.approx(0, abs=1e-6)
    assert probe.compare_next(given, IDS, {0}, LOGITS, 1.0).size == pytest.approx(log - math.log(0.25))


def test_the_text_fills_what_there_is(tokenizer: Any) -> None:
    assert len(probe.probe_tokens(tokenizer, 1000)) == probe.TOKENS
    assert len(probe.probe_tokens(tokenizer, 50)) == 50
    assert len(probe.probe_tokens(tokenizer, 0)) == 2
