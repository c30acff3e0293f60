"""Collecting by `codaserve critic collect` and by `codaserve dapo`, with real vLLM on CPU.

In the environment of `make vllm` or that of CODASERVE_VLLM.
"""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch

from codaserve.cli.main import main
from tests.system.test_vllm_rollouts import TEMPERATURE, TOLERANCE, VLLM, group_members, tied_model
from trainer.rollout.vllm.server import VllmServer

pytestmark = pytest.mark.vllm
LONGEST = 40


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def command(folder: Path, *more: str) -> list[str]:
    tasks = folder / "tasks.jsonl"
    tasks.write_text("".join(json.dumps({"question": f"{n}+1=", "gold": str(n + 1)}) + "\n" for n in range(3)))
    made = ["critic", "collect", "--output", str(folder / "data"), "--tasks.file", str(tasks)]
    made += ["--policy.path", str(folder / "policy"), "--policy.temperature", str(TEMPERATURE)]
    made += ["--policy.max-prompt-tokens", "8", "--policy.max-response-tokens", str(LONGEST - 8)]
    return [*made, "--solutions", "4", "--keep", "2", "--completions", "3", "--policy.engine", "vllm", *more]


def iteration(folder: Path) -> list[str]:
    """Of `codaserve dapo`, with the questions of `command`."""
    made = ["--output", str(folder / "dapo"), "--tasks.file", str(folder / "tasks.jsonl"), "--model.device", "cpu"]
    made += ["--model.path", str(folder / "policy"), "--critic.base", str(folder / "policy")]
    made += ["--answers.max-prompt-tokens", "8", "--answers.max-response-tokens", str(LONGEST - 8)]
    made += ["--answers.temperature", str(TEMPERATURE), "--answers.engine", "vllm"]
    made += ["--collect.solutions", "4", "--collect.keep", "2", "--collect.completions", "3"]
    return [*made, "--critic.held-out-share", "0", "--pairs.threshold", "0"]


def check(data: Path, model: Any) -> None:
    """Log-probabilities are those of the policy's own forward pass."""
    rows = [row for part in sorted((data / "states").iterdir()) for row in pq.read_table(part).to_pylist()]
    assert {row["question"] for row in rows} == {"1", "2", "3"}
    for row in rows:
        assert len(row["completions"]) == 3
        for completion in row["completions"]:
            ids = row["state_ids"] + completion["token_ids"]
            with torch.no_grad():
                logits = model(torch.tensor([ids])).logits[0, len(row["state_ids"]) - 1 : -1].float() / TEMPERATURE
            own = torch.log_softmax(logits, -1).gather(-1, torch.tensor(completion["token_ids"])[:, None])[:, 0]
            assert completion["log_probabilities"] == pytest.approx(own.tolist(), abs=TOLERANCE)


def test_a_server_of_its_own_writes_the_policys_answers_and_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model, _ = tied_model(tmp_path / "policy")
    started: list[VllmServer] = []
    start = VllmServer.start

    def noted(*arguments: Any) -> VllmServer:
        started.append(start(*arguments))
        return started[-1]

    monkeypatch.setattr(VllmServer, "start", noted)
    own = ["--policy.vllm.python", str(VLLM), "--policy.vllm.arguments=--enforce-eager"]
    assert main(command(tmp_path, *own)) == 0, capsys.readouterr().err
    check(tmp_path / "data", model)
    (server,) = started
    assert not group_members(server.process.pid)


def test_a_plain_server_of_the_policy_will_do_and_one_of_another_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, tokenizer = tied_model(tmp_path / "policy")
    arguments = ["--model", str(tmp_path / "policy"), "--dtype", "float32", "--max-model-len", str(LONGEST)]
    arguments += ["--logprobs-mode", "processed_logprobs", "--enforce-eager"]
    server = VllmServer.start(VLLM, arguments, tmp_path / "vllm.log", 600)
    try:
        there = ["--policy.vllm.addresses", server.address]
        assert main(command(tmp_path, *there)) == 0, capsys.readouterr().err
        check(tmp_path / "data", model)
        assert main(["dapo", *iteration(tmp_path), "--answers.vllm.addresses", server.address]) == 0
        check(tmp_path / "dapo" / "iteration-01" / "data", model)
        with torch.no_grad():
            model.model.norm.weight.mul_(1.5)
        model.save_pretrained(tmp_path / "other" / "policy")
        tokenizer.save_pretrained(tmp_path / "other" / "policy")
        assert main(command(tmp_path / "other", *there)) == 3
        assert "does not compute what the policy does: token" in capsys.readouterr().err
    finally:
        server.stop()
