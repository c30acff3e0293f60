"""Rollouts from real vLLM: on CPU, in the environment that `make vllm` installs, or in that of CODASERVE_VLLM."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import Qwen2Config, Qwen2ForCausalLM

from codaserve.v1 import scorer_pb2_grpc
from tests.system.serving import ROOT
from tests.tiny import byte_tokenizer, saved, sizes
from tests.trainer.conftest import FakeScorer, Server
from trainer.errors import SynchronisationError
from trainer.rollout.engine import Sampling
from trainer.rollout.rollout import Rollout
from trainer.rollout.vllm.engine import VllmEngine
from trainer.rollout.vllm.renewal import Policy
from trainer.rollout.vllm.server import VllmServer
from trainer.rollout.vllm.settings import VllmRolloutSettings

pytestmark = pytest.mark.vllm

VLLM = Path(os.environ.get("CODASERVE_VLLM", ROOT / ".venv-vllm/bin/python"))
TOLERANCE = 1e-3
"""Between vLLM and transformers, in float32 on CPU; docs/rollouts.md states it."""
TEMPERATURE = 0.8
LONGEST = 320
PROMPTS = ["What is 2 + 2?\n", "é ü: ", "The quick brown fox " * 8]
SAMPLING = Sampling(seed=7, max_response_tokens=40, temperature=TEMPERATURE)


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def tied_model(folder: Path) -> tuple[Any, Any]:
    """Random weights; the end of a response is likely enough to be met within the limit."""
    torch.manual_seed(1)
    tokenizer = byte_tokenizer()
    config = Qwen2Config(
        **sizes(tokenizer, 64, max_position_embeddings=512),
        num_key_value_heads=1,
        initializer_range=0.1,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
    )
    model = Qwen2ForCausalLM(config).eval()
    saved(model, tokenizer, folder)
    return model, tokenizer


def policy(model: Any, tokenizer: Any, folder: Path) -> Policy:
    return Policy(model, str(folder), tokenizer, TEMPERATURE, LONGEST, True, contextlib.nullcontext)


@contextlib.contextmanager
def engine(policy: Policy, folder: Path, *addresses: str) -> Iterator[tuple[VllmEngine, list[str]]]:
    settings = VllmRolloutSettings(
        addresses=list(addresses), python=VLLM, dtype="float32", arguments=["--enforce-eager"], max_outage=60.0
    )
    events: list[str] = []
    with contextlib.closing(VllmEngine(settings, policy, folder, events.append)) as it:
        yield it, events


def train_a_little(model: Any) -> None:
    """Moves every trainable weight, as an update would, by much more than the tolerance."""
    with torch.no_grad():
        for index, parameter in enumerate(p for p in model.parameters() if p.requires_grad):
            generator = torch.Generator().manual_seed(index)
            parameter += 0.02 * torch.randn(parameter.shape, generator=generator).to(parameter.device)


def answers(it: VllmEngine, n: int = 4, sampling: Sampling = SAMPLING) -> list[list[Rollout]]:
    return [group for _, group in sorted(it.sample(PROMPTS, n, sampling), key=lambda item: item[0])]


def check(groups: list[list[Rollout]], model: Any, tokenizer: Any) -> None:
    """Everything that the trainer relies on, by its own forward pass."""
    assert [group[0].prompt for group in groups] == PROMPTS
    for rollout in (rollout for group in groups for rollout in group):
        ids = rollout.prompt_ids + rollout.response_ids
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits[0, len(rollout.prompt_ids) - 1 : -1].float() / TEMPERATURE
        own = torch.log_softmax(logits, -1).gather(-1, torch.tensor(rollout.response_ids)[:, None])[:, 0]
        assert rollout.log_probabilities == pytest.approx(own.tolist(), abs=TOLERANCE)
        assert rollout.truncated == (rollout.response_ids[-1] != tokenizer.eos_token_id)
        assert not rollout.truncated or len(rollout.response_ids) == SAMPLING.max_response_tokens
        assert tokenizer.decode(rollout.response_ids, skip_special_tokens=True) == rollout.response
        assert len(rollout.token_ends) == len(rollout.response_ids)
        assert rollout.token_ends[-1] == len(rollout.response)


def test_a_server_of_its_own_follows_a_tied_policy_and_goes(tmp_path: Path) -> None:
    model, tokenizer = tied_model(tmp_path / "policy")
    with engine(policy(model, tokenizer, tmp_path / "policy"), tmp_path) as (it, events):
        it.synchronise(0)
        before = answers(it)
        check(before, model, tokenizer)
        assert {rollout.truncated for group in before for rollout in group} == {True, False}
        assert len({rollout.response for group in before for rollout in group}) > len(PROMPTS)
        assert answers(it) == before  # a seed decides everything
        assert answers(it, sampling=Sampling(8, 40, TEMPERATURE)) != before
        train_a_little(model)
        it.synchronise(1)
        after = answers(it)
        check(after, model, tokenizer)
        assert after != before
        (greedy,) = zip(*answers(it, 1, Sampling(0, 5, 0.0)), strict=True)
        assert [rollout.response for rollout in greedy] == [
            rollout.response for (rollout,) in answers(it, 1, Sampling(99, 5, 0.0))
        ]
        stopped = it.sample(PROMPTS, 4, SAMPLING)
        next(stopped)
        stopped.close()  # what is under way is cancelled
        assert answers(it) == after
        assert it._own is not None
        process = it._own.process.pid
        assert not events
        # vLLM keeps nothing of the weights before: only the newest folder is left.
        assert len(list((tmp_path / "rollout-weights").iterdir())) == 1
    assert not group_members(process)
    assert not (tmp_path / "rollout-weights").exists()
    assert (tmp_path / "vllm.log").stat().st_size > 0


def group_members(group: int) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "pgid=,stat=,comm="], capture_output=True, text=True, check=True)
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return [row[2] for row in rows if row[0] == str(group) and not row[1].startswith("Z")]


def test_a_running_server_is_renewed_and_the_proof_finds_an_output_layer_that_stayed_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, tokenizer = tied_model(tmp_path / "policy")
    arguments = ["--model", str(tmp_path / "policy"), "--dtype", "float32", "--max-model-len", str(LONGEST)]
    arguments += ["--logprobs-mode", "processed_logprobs", "--enforce-eager"]
    server = VllmServer.start(VLLM, arguments, tmp_path / "tied.log", 600)
    try:
        with engine(policy(model, tokenizer, tmp_path / "policy"), tmp_path, server.address) as (it, _):
            for version in (0, 1):
                it.synchronise(version)
                check(answers(it), model, tokenizer)
                train_a_little(model)
            # As save_pretrained writes a tied model: with its embeddings alone, from which this vLLM does not renew its
            # packed copy of the output layer. It says nothing of that.
            monkeypatch.setattr("trainer.rollout.vllm.weights._untie", lambda *arguments: None)
            with pytest.raises(SynchronisationError, match=r"log-probability .* whose output layer is not tied"):
                it.synchronise(2)
    finally:
        server.stop()


def test_adapters_are_renewed_without_the_model(tmp_path: Path) -> None:
    model, tokenizer = tied_model(tmp_path / "policy")
    wrapped = get_peft_model(model, LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM")).eval()
    with engine(policy(wrapped, tokenizer, tmp_path / "policy"), tmp_path) as (it, _):
        it.synchronise(0)
        before = answers(it)
        check(before, wrapped, tokenizer)
        for version in (1, 2):
            train_a_little(wrapped)
            it.synchronise(version)
            check(answers(it), wrapped, tokenizer)
        assert answers(it) != before


RUN = """
import sys
from trainer.loop import train
from trainer.settings import TrainerSettings
train(TrainerSettings.model_validate_json(sys.argv[1]))
"""


def run_settings(folder: Path, **more: Any) -> dict[str, Any]:
    tied_model(folder / "policy")
    lines = [{"id": f"q{number}", "question": f"{number} =", "math": {"gold": ["1"]}} for number in range(8)]
    (folder / "tasks.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return {
        "output_dir": str(folder / "run"),
        "steps": 2,
        "model": {"path": str(folder / "policy"), "device": "cpu"},
        "tasks": {"file": str(folder / "tasks.jsonl")},
        "rollout": {
            "questions": 4,
            "group_size": 4,
            "max_prompt_tokens": 32,
            "max_response_tokens": 12,
            "engine": "vllm",
            "vllm": {"python": str(VLLM), "arguments": ["--enforce-eager"]},
        },
        "optimizer": {"learning_rate": 1e-2},
        "objective": {"kind": "grpo"},
        **more,
    }


def test_a_run_with_vllm_renews_its_weights_at_every_step(tmp_path: Path) -> None:
    # Judges by the sum of a response's characters, so that a policy of random weights is right about half of the time.
    scorer = Server(lambda it: scorer_pb2_grpc.add_ScorerServicer_to_server(FakeScorer(), it))  # type: ignore[no-untyped-call]
    settings = json.dumps(run_settings(tmp_path, scorer={"addresses": [scorer.address]}))
    try:
        subprocess.run([sys.executable, "-c", RUN, settings], cwd=ROOT, check=True, timeout=900)
    finally:
        scorer.stop()
    steps = [json.loads(line) for line in (tmp_path / "run/metrics.jsonl").read_text().splitlines()]
    assert [step["step"] for step in steps] == [1, 2]
    for step in steps:
        assert step["batch"]["scored"] == 16
        assert step["timings"]["synchronisation"] > 0
        phases = {name: seconds for name, seconds in step["timings"].items() if name != "total"}
        assert sum(phases.values()) == pytest.approx(step["timings"]["total"])
        assert step["batch"]["update"]["mismatch"] < TOLERANCE
        assert step["batch"]["update"]["gradient_norm"] > 0


def test_vllm_goes_when_the_trainer_is_killed(tmp_path: Path) -> None:
    settings = json.dumps(run_settings(tmp_path, steps=1000))
    process = subprocess.Popen([sys.executable, "-c", RUN, settings], cwd=ROOT)
    try:
        metrics = tmp_path / "run/metrics.jsonl"
        deadline = time.monotonic() + 600
        while not (metrics.exists() and metrics.stat().st_size):
            assert process.poll() is None
            assert time.monotonic() < deadline, "no step"
            time.sleep(0.5)
        children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True)
        groups = {os.getpgid(int(child)) for child in children.stdout.split()}
    finally:
        process.kill()
        process.wait()
    deadline = time.monotonic() + 60
    while any(group_members(group) for group in groups):
        assert time.monotonic() < deadline, [group_members(group) for group in groups]
        time.sleep(0.2)
