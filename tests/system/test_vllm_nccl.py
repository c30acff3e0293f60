"""Weights from GPU to GPU into real vLLM; needs two GPUs and, in CODASERVE_VLLM, the interpreter of a vLLM for them."""

import contextlib
import os
from pathlib import Path

import pytest
import torch

from tests.system.test_vllm_rollouts import LONGEST, PROMPTS, SAMPLING, TEMPERATURE, VLLM, tied_model, train_a_little
from trainer.rollout.vllm.engine import VllmEngine
from trainer.rollout.vllm.renewal import Policy
from trainer.rollout.vllm.server import VllmServer
from trainer.rollout.vllm.settings import VllmRolloutSettings

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.skipif(
        torch.cuda.device_count() < 2 or "CODASERVE_VLLM" not in os.environ, reason="needs two GPUs and CODASERVE_VLLM"
    ),
]


def test_a_server_follows_the_policy_over_nccl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, tokenizer = tied_model(tmp_path / "policy")
    model.to("cuda:0")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")  # ours are in use already
    arguments = ["--model", str(tmp_path / "policy"), "--dtype", "bfloat16", "--max-model-len", str(LONGEST)]
    arguments += ["--logprobs-mode", "processed_logprobs", "--weight-transfer-config", '{"backend": "nccl"}']
    server = VllmServer.start(VLLM, arguments, tmp_path / "vllm.log", 600)
    try:
        settings = VllmRolloutSettings(addresses=[server.address], dtype="bfloat16", transfer="nccl")
        policy = Policy(model, "", tokenizer, TEMPERATURE, LONGEST, True, contextlib.nullcontext)
        with contextlib.closing(VllmEngine(settings, policy, tmp_path, print)) as engine:
            for version in range(3):
                engine.synchronise(version)  # proves it
                assert len(list(engine.sample(PROMPTS, 4, SAMPLING))) == len(PROMPTS)
                train_a_little(model)
    finally:
        server.stop()
