"""Requests are complete, and answers are believed only when they are what was asked for."""

from copy import deepcopy
from typing import Any

import pytest

from trainer.rollout.engine import Sampling
from trainer.rollout.vllm.completion import AnswerError, Choice, completion_request, read_choices

PROMPT = [5, 6]
GOOD: dict[str, Any] = {
    "choices": [
        {
            "index": 1,
            "prompt_token_ids": PROMPT,
            "token_ids": [7, 8, 9],
            "logprobs": {"token_logprobs": [-1.0, -0.5, -2]},
            "finish_reason": "length",
        },
        {
            "index": 0,
            "prompt_token_ids": PROMPT,
            "token_ids": [7, 0],
            "logprobs": {"token_logprobs": [-1.0, 1e-7]},
            "finish_reason": "stop",
        },
    ]
}


def read(answer: Any) -> list[Choice]:
    return read_choices(answer, PROMPT, 2, {0}, 3, 10)


def test_choices_come_in_order_and_truncation_is_told_from_an_end() -> None:
    assert read(GOOD) == [Choice([7, 0], [-1.0, 0.0], False), Choice([7, 8, 9], [-1.0, -0.5, -2.0], True)]


def test_everything_that_shapes_the_distribution_is_given() -> None:
    request = completion_request("m", PROMPT, 4, {3, 0}, 11, Sampling(1, 9, 0.5))
    assert request["stop_token_ids"] == [0, 3]
    assert (request["n"], request["seed"], request["max_tokens"], request["temperature"]) == (4, 11, 9, 0.5)
    assert (request["top_p"], request["top_k"], request["min_p"], request["repetition_penalty"]) == (1.0, 0, 0.0, 1.0)


@pytest.mark.parametrize("answer", [None, [], "x", {}, {"choices": None}, {"choices": [1, 2]}, {"choices": []}])
def test_another_answer_is_refused(answer: Any) -> None:
    with pytest.raises(AnswerError):
        read(answer)


@pytest.mark.parametrize(
    "field, value, text",
    [
        ("index", 0, "2 choices"),
        ("index", 2, "2 choices"),
        ("prompt_token_ids", [5], "came back changed"),
        ("prompt_token_ids", None, "came back changed"),
        ("token_ids", None, "no list of ids"),
        ("token_ids", [7, 10, 9], "no list of ids"),
        ("token_ids", [7, -1, 9], "no list of ids"),
        ("token_ids", [7, True, 9], "no list of ids"),
        ("token_ids", [], "a response of 0 tokens"),
        ("token_ids", [1, 2, 3, 4], "a response of 4 tokens"),
        ("token_ids", [7, 8], "not as many log-probabilities"),
        ("logprobs", None, "not as many log-probabilities"),
        ("logprobs", {"token_logprobs": [-1.0, None, -2.0]}, "no number"),
        ("logprobs", {"token_logprobs": [-1.0, float("nan"), -2.0]}, "not finite"),
        ("logprobs", {"token_logprobs": [-1.0, float("-inf"), -2.0]}, "not finite"),
        ("logprobs", {"token_logprobs": [-1.0, 0.5, -2.0]}, "above 0"),
        ("finish_reason", "stop", "not among the policy's ends"),
        ("finish_reason", "abort", "the reason 'abort'"),
        ("finish_reason", None, "the reason None"),
    ],
)
def test_a_choice_with_a_fault_is_refused(field: str, value: Any, text: str) -> None:
    answer = deepcopy(GOOD)
    answer["choices"][0][field] = value
    with pytest.raises(AnswerError, match=text):
        read(answer)


def test_a_response_that_the_server_cut_short_is_refused() -> None:
    with pytest.raises(AnswerError, match="cut after 3 tokens of 4: raise the server's --max-model-len"):
        read_choices(GOOD, PROMPT, 2, {0}, 4, 10)
