"""Solutions and completions from a server that has the policy already."""

from pathlib import Path
from typing import Any

import pytest
import torch

from codaserve.settings import ConfigurationError
from tests.trainer.rollout.vllm.conftest import Server
from trainer.collect.settings import PolicySettings
from trainer.collect.writer import writer
from trainer.errors import RolloutError, SynchronisationError

PROMPTS, BEGUN = ["1 + 1 =", "2 + 2 = x\n"], ["", "x\n"]


@pytest.fixture
def settings(policy_dir: Path, served: Server) -> PolicySettings:
    return PolicySettings.model_validate({
        "path": str(policy_dir),
        "engine": "vllm",
        "temperature": 0.7,
        "max_prompt_tokens": 20,
        "max_response_tokens": 6,
        "vllm": {"addresses": [served.address], "max_outage": 30.0},
    })  # fmt: skip


@pytest.fixture
def served(policy_dir: Path) -> Any:
    server = Server(policy_dir)
    yield server
    server.stop()


@pytest.fixture
def write(settings: PolicySettings, model: Any, tokenizer: Any, tmp_path: Path) -> Any:
    with writer(settings, model, tokenizer, tmp_path, print, special_tokens=True) as it:
        yield it


def test_answers_are_the_policys_and_what_is_begun_takes_of_their_tokens(
    write: Any, model: Any, tokenizer: Any, served: Server
) -> None:
    rollouts = write(PROMPTS, 3, seed=1, begun=BEGUN)
    assert [rollout.prompt for rollout in rollouts] == [PROMPTS[0]] * 3 + [PROMPTS[1]] * 3
    for rollout, most in zip(rollouts, [6] * 3 + [4] * 3, strict=True):
        assert len(rollout.response_ids) == most or rollout.response_ids[-1] == tokenizer.eos_token_id
        ids = torch.tensor([rollout.prompt_ids + rollout.response_ids])
        with torch.no_grad():
            logits = model(ids).logits[0, len(rollout.prompt_ids) - 1 : -1] / 0.7
        own = torch.log_softmax(logits, -1).gather(-1, torch.tensor(rollout.response_ids)[:, None])[:, 0]
        assert rollout.log_probabilities == pytest.approx(own.tolist(), abs=1e-4)
    assert write(PROMPTS, 3, seed=1, begun=BEGUN) == rollouts
    assert write(PROMPTS, 3, seed=2, begun=BEGUN) != rollouts
    # No more than any server has.
    assert {path for path, _ in served.requests} == {"/v1/models", "/v1/completions"}


def test_a_server_with_another_policy_is_found_out(write: Any, served: Server) -> None:
    write(PROMPTS, 1, seed=1)
    with torch.no_grad():
        for parameter in served.model.parameters():
            parameter.mul_(1.5)
    with pytest.raises(SynchronisationError, match=r"what the policy does: token .*policy\.vllm\.tolerance .*--model"):
        write(PROMPTS, 1, seed=1)


def test_a_server_that_is_away_for_a_moment_is_asked_again(write: Any, served: Server) -> None:
    before = write(PROMPTS, 2, seed=1)
    failed: list[str] = []

    def fault(path: str, number: int, handler: Any) -> bool:
        if path == "/v1/completions" and len(failed) < 2:
            failed.append(path)
            handler.reply(503, b"")
            return True
        return False

    served.fault = fault
    assert write(PROMPTS, 2, seed=1) == before
    assert len(failed) == 2


def test_what_cannot_be_used_is_refused(settings: PolicySettings, model: Any, tokenizer: Any, tmp_path: Path) -> None:
    def open_it(**changes: Any) -> None:
        changed = settings.model_copy(update=changes)
        with writer(changed, model, tokenizer, tmp_path, print, special_tokens=True):
            pass

    with pytest.raises(RolloutError, match="max_prompt_tokens and max_response_tokens are 1020 together"):
        open_it(max_prompt_tokens=1014)
    vllm = settings.vllm.model_copy(update={"addresses": ["ftp://x"]})
    with pytest.raises(ConfigurationError, match=r"policy\.vllm\.addresses: .*neither"):
        open_it(vllm=vllm)
