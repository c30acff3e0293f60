"""The sampling loop against the model's plain forward pass and against chance itself."""

from contextlib import nullcontext
from typing import Any

import pytest
import torch

from trainer.rollout.engine import Sampling
from trainer.rollout.local import LocalEngine
from trainer.rollout.rollout import Rollout
from trainer.rollout.transformers import choose, sample


def rollouts(model: Any, tokenizer: Any, **options: Any) -> list[Rollout]:
    given = {"seed": 3, "max_response_tokens": 12} | options
    return sample(model, tokenizer, ["1 + 1 =", "what is 20 * 3?", "x"], 4, **given)


def end_often(model: Any) -> None:
    """Makes the end of sequence likely, so that responses end at different times."""
    with torch.no_grad():
        model.get_input_embeddings().weight *= 8
    original = model.forward

    def forward(*arguments: Any, **options: Any) -> Any:
        output = original(*arguments, **options)
        output.logits[..., 0] = output.logits[..., 1:].logsumexp(-1) - 2.0
        return output

    model.forward = forward


def exact(model: Any, rollout: Rollout, temperature: float = 1.0) -> list[float]:
    """Log-probabilities from one pass over the whole sequence."""
    ids = torch.tensor([rollout.prompt_ids + rollout.response_ids])
    with torch.no_grad():
        logs = torch.log_softmax(model(ids).logits[0, :-1] / temperature, -1)
    start = len(rollout.prompt_ids) - 1
    return [float(logs[start + index, token]) for index, token in enumerate(rollout.response_ids)]


@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_log_probabilities_are_those_of_a_plain_forward_pass(model: Any, tokenizer: Any, temperature: float) -> None:
    end_often(model)
    results = rollouts(model, tokenizer, temperature=temperature, max_response_tokens=20)
    assert len({len(rollout.response_ids) for rollout in results}) > 2
    for rollout in results:
        assert rollout.log_probabilities == pytest.approx(exact(model, rollout, temperature), abs=1e-4)


def test_responses_come_prompt_by_prompt_and_end_where_they_end(model: Any, tokenizer: Any) -> None:
    end_often(model)
    results = rollouts(model, tokenizer, max_response_tokens=20)
    assert [rollout.prompt for rollout in results] == ["1 + 1 ="] * 4 + ["what is 20 * 3?"] * 4 + ["x"] * 4
    assert {rollout.truncated for rollout in results} == {True, False}
    for rollout in results:
        assert tokenizer.eos_token_id not in rollout.response_ids[:-1]
        assert rollout.truncated == (rollout.response_ids[-1] != tokenizer.eos_token_id)
        assert len(rollout.response_ids) <= 20
        assert rollout.response == tokenizer.decode(rollout.response_ids, skip_special_tokens=True)
        assert len(rollout.token_ends) == len(rollout.response_ids)


def test_the_seed_decides(model: Any, tokenizer: Any) -> None:
    assert rollouts(model, tokenizer) == rollouts(model, tokenizer)
    assert rollouts(model, tokenizer) != rollouts(model, tokenizer, seed=4)


def test_the_batch_size_does_not_change_what_is_sampled(model: Any, tokenizer: Any) -> None:
    whole = [rollout.response_ids for rollout in rollouts(model, tokenizer)]
    assert [rollout.response_ids for rollout in rollouts(model, tokenizer, batch_size=5)] == whole


def test_who_samples_does_not_change_what_is_sampled(model: Any, tokenizer: Any) -> None:
    prompts = [f"{number} + 1 =" for number in range(5)]

    def groups(places: list[int] | None, batch_size: int) -> dict[int, list[list[int]]]:
        asked = prompts if places is None else [prompts[place] for place in places]
        engine = LocalEngine(model, tokenizer, batch_size, True, nullcontext)
        found = dict(engine.sample(asked, 3, Sampling(7, 6, places=places)))
        of = places or range(5)
        return {of[index]: [rollout.response_ids for rollout in group] for index, group in found.items()}

    whole = groups(None, 64)
    assert groups([0, 2, 4], 64) | groups([1, 3], 2) == whole
    assert len({tuple(ids) for group in whole.values() for ids in group}) > 10


def test_the_global_random_state_is_neither_used_nor_changed(model: Any, tokenizer: Any) -> None:
    before = torch.get_rng_state()
    first = rollouts(model, tokenizer)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(7)
    assert rollouts(model, tokenizer) == first


def test_greedy_takes_the_likeliest(model: Any, tokenizer: Any) -> None:
    rollout = rollouts(model, tokenizer, temperature=0)[0]
    ids = list(rollout.prompt_ids)
    for token in rollout.response_ids:
        with torch.no_grad():
            assert int(model(torch.tensor([ids])).logits[0, -1].argmax()) == token
        ids.append(token)


def test_the_models_mode_is_restored(model: Any, tokenizer: Any) -> None:
    model.train()
    rollouts(model, tokenizer)
    assert model.training


def test_choose_follows_the_distribution() -> None:
    logits = torch.log(torch.tensor([0.1, 0.0, 0.6, 0.3])).expand(4, -1)
    # The cumulative distribution is 0.1, 0.1, 0.7, 1.0.
    tokens, logs = choose(logits, torch.tensor([0.05, 0.11, 0.69, 0.75]), 1.0, 1.0)
    assert tokens.tolist() == [0, 2, 2, 3]
    assert logs.exp().tolist() == pytest.approx([0.1, 0.6, 0.6, 0.3])


def test_choose_never_takes_a_token_of_probability_0() -> None:
    logits = torch.log(torch.tensor([[0.0, 1.0, 0.0]])).expand(2, -1)
    tokens, _ = choose(logits, torch.tensor([0.0, 1 - 2**-24]), 1.0, 1.0)
    assert tokens.tolist() == [1, 1]


def test_top_p_keeps_the_smallest_set_and_the_whole_distributions_log_probability() -> None:
    # 0.6 alone is under 0.7, so 0.3 belongs to the set too and 0.1 does not; of 0.9, the targets are 0.45 and 0.81.
    logits = torch.log(torch.tensor([0.1, 0.6, 0.3])).expand(3, -1)
    tokens, logs = choose(logits, torch.tensor([0.0, 0.5, 0.9]), 1.0, 0.7)
    assert tokens.tolist() == [1, 1, 2]
    assert logs.exp().tolist() == pytest.approx([0.6, 0.6, 0.3])


def test_sampled_frequencies_match_the_models_probabilities(model: Any, tokenizer: Any) -> None:
    end_often(model)
    results = sample(model, tokenizer, ["x"], 2000, seed=0, max_response_tokens=1, batch_size=2000)
    with torch.no_grad():
        expected = torch.softmax(model(torch.tensor([results[0].prompt_ids])).logits[0, -1], -1)
    observed = sum(rollout.response_ids == [0] for rollout in results) / 2000
    spread = float((expected[0] * (1 - expected[0]) / 2000) ** 0.5)
    assert abs(observed - float(expected[0])) < 4 * spread


def test_bad_prompts_are_refused(model: Any, tokenizer: Any) -> None:
    with pytest.raises(ValueError, match="no tokens"):
        sample(model, tokenizer, [""], 1, seed=0, max_response_tokens=1)
