"""The critic with real vLLM, on CPU, in the environment that `make vllm` installs."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

from codaserve import CriticClient
from codaserve.embedded import EmbeddedService
from codaserve.v1 import critic_pb2 as pb
from critic.checkpoint import Critic
from critic.encode import CutText, EncodedSequence, Encoder
from critic.engine.vllm.settings import VllmSettings
from critic.loaded import LoadedCheckpoint, load, load_in_vllm
from critic.model import ValueModel, hidden_layer_head
from critic.steps import newline_ends
from critic.tree import plant
from tests.system.serving import ROOT
from tests.tiny import byte_tokenizer, sizes

pytestmark = pytest.mark.vllm

VLLM = ROOT / ".venv-vllm/bin/python"
TOLERANCE = 1e-4
"""Between the engines, in float32 on CPU; docs/critic.md states it."""
PROMPT = "How many are left of 12 apples, when 5 are eaten and 3 are sold, and how many when 2 more are bought?\n"
TEXTS = [
    "12 - 5 = 7\n7 - 3 = 4\n4 + 2 = 6\n",
    "12 - 5 = 7\n7 - 3 = 5\n",
    "",
    "é ü\n\n" * 9,
    "12 - 5 = 7\n7 - 3 = 4\nso 4\n",
]


def make_critic(folder: Path, kind: str, seed: int) -> Path:
    """A critic of random weights: qwen with a linear head, or llama with a hidden layer in it."""
    torch.manual_seed(seed)
    tokenizer = byte_tokenizer()
    size = sizes(tokenizer, 64, num_key_value_heads=1, max_position_embeddings=512, initializer_range=0.2)
    model = Qwen2ForCausalLM(Qwen2Config(**size)) if kind == "qwen" else LlamaForCausalLM(LlamaConfig(**size))
    critic = Critic(ValueModel(model.model, torch.nn.Linear(64, 1)), tokenizer)
    if kind == "llama":
        critic.model.head = hidden_layer_head(64, 16)
    for parameter in critic.model.head.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    critic.save(folder)
    return folder


@pytest.fixture(scope="session", params=["qwen", "llama"])
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_critic(tmp_path_factory.mktemp("critics") / request.param, request.param, 1)


@contextmanager
def in_vllm(checkpoint: Path, prefix_caching: bool) -> Iterator[LoadedCheckpoint]:
    settings = VllmSettings(python=VLLM, prefix_caching=prefix_caching, cache_gib=0.25)
    loaded = load_in_vllm(checkpoint, "cpu", "float32", 512, settings, 1)
    try:
        yield loaded
    finally:
        loaded.engine.close()


def encoded(loaded: LoadedCheckpoint) -> list[EncodedSequence]:
    encoder: Encoder = loaded.encoder
    return encoder.encode(PROMPT, [CutText(text, tuple(newline_ends(text))) for text in TEXTS])


@pytest.mark.parametrize("prefix_caching", [True, False])
def test_both_engines_give_the_same_values_in_any_company(checkpoint: Path, prefix_caching: bool) -> None:
    reference = load(checkpoint, "cpu", "float32", 512)
    sequences = encoded(reference)
    wanted = [reference.engine.values([plant([sequence])])[0][0] for sequence in sequences]
    assert max(map(max, wanted)) - min(map(min, wanted)) > 0.05  # else the comparison would say nothing
    with in_vllm(checkpoint, prefix_caching) as loaded:
        assert loaded.identity == reference.identity
        assert loaded.engine.device == "cpu float32 vllm"
        alone = [loaded.engine.values([plant([sequence])])[0][0] for sequence in sequences]
        (together,) = loaded.engine.values([plant(sequences)])
        again, other, _ = loaded.engine.values([plant(sequences), plant(sequences[::-1]), plant(sequences[:1])])
        longest = EncodedSequence((5,) * 512, (0, 511))
        (((first, last),),) = loaded.engine.values([plant([longest])])
    for row in (alone, together, again, other[::-1]):
        for mine, right in zip(row, wanted, strict=True):
            assert mine == pytest.approx(right, abs=TOLERANCE)
    assert [first, last] == pytest.approx(reference.engine.values([plant([longest])])[0][0], abs=TOLERANCE)


def child(process: int, *, other_than: int = 0) -> int:
    """The vLLM of a service, once it has no other."""
    deadline = time.monotonic() + 30
    while True:
        done = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True, check=False)
        numbers = [int(number) for number in done.stdout.split()]
        if len(numbers) == 1 and numbers[0] != other_than:
            return numbers[0]
        assert time.monotonic() < deadline, f"processes {numbers}"
        time.sleep(0.1)


def test_serves_reloads_survives_a_death_and_leaves_nothing(tmp_path: Path) -> None:
    first, second = (make_critic(tmp_path / name, "qwen", seed) for seed, name in enumerate(("one", "two")))
    group = pb.StateGroup(prompt=PROMPT, responses=pb.Responses(responses=[pb.Response(text=text) for text in TEXTS]))

    def check(evaluation: pb.GroupEvaluation, folder: Path) -> None:
        reference = load(folder, "cpu", "float32", 512)
        assert evaluation.values.checkpoint == reference.identity
        for sequence, response in zip(encoded(reference), evaluation.values.responses, strict=True):
            wanted = reference.engine.values([plant([sequence])])[0][0]
            values = [evaluation.values.prompt_value, *(step.value for step in response.steps)]
            assert values == pytest.approx(wanted, abs=TOLERANCE)

    arguments = ["--checkpoint", str(first), "--engine", "vllm", "--vllm.python", str(VLLM), "--threads", "1"]
    arguments += ["--vllm.cache_gib", "0.25", "--limits.max_tokens", "400"]
    with (
        EmbeddedService.start("critic", arguments, timeout=300) as service,
        CriticClient(service.address, timeout=300) as client,
    ):
        check(client.evaluate([group])[0], first)
        engine = child(service.process.pid)
        client.reload(str(second))
        check(client.evaluate([group])[0], second)
        newer = child(service.process.pid, other_than=engine)
        long = pb.StateGroup(prompt="a" * 500, responses=pb.Responses(responses=[pb.Response(text="b")]))
        refused, answered = client.evaluate([long, group])
        assert refused.failure.code == pb.CRITIC_FAILURE_TOO_LONG
        check(answered, second)
        os.kill(newer, signal.SIGKILL)
        (evaluation,) = client.evaluate([group])
        if evaluation.HasField("failure"):  # the death was noticed by this pass
            assert (evaluation.failure.code, evaluation.failure.retryable) == (pb.CRITIC_FAILURE_INTERNAL, True)
            (evaluation,) = client.evaluate([group])
        check(evaluation, second)
        last = child(service.process.pid, other_than=newer)
    deadline = time.monotonic() + 30
    while Path(f"/proc/{last}").exists():
        assert time.monotonic() < deadline, "vLLM outlived the service"
        time.sleep(0.1)


def test_goes_when_the_service_is_killed(tmp_path: Path) -> None:
    folder = make_critic(tmp_path / "critic", "qwen", 1)
    code = (
        "import sys, time; from pathlib import Path; from critic.loaded import load_in_vllm\n"
        "from critic.engine.vllm.settings import VllmSettings\n"
        "settings = VllmSettings(python=Path(sys.argv[2]), cache_gib=0.25)\n"
        "loaded = load_in_vllm(Path(sys.argv[1]), 'cpu', 'auto', 512, settings, 1)\n"
        "print(loaded.engine._layout.folder, flush=True); time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, folder, VLLM], stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    layout = Path(process.stdout.readline().decode().strip())
    assert layout.is_dir()
    engine = child(process.pid)
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 30
    while Path(f"/proc/{engine}").exists():
        assert time.monotonic() < deadline, "vLLM outlived its parent"
        time.sleep(0.1)
    assert not layout.exists()
