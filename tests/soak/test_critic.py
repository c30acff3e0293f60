"""A critic under mixed load while it is reloaded: every answer is that of the checkpoint that it names, alone."""

import asyncio
import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import grpc
import pytest
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

from codaserve.embedded import EmbeddedService
from codaserve.v1 import critic_pb2 as pb
from codaserve.v1 import critic_pb2_grpc
from tests.critic import made
from tests.soak import critic_load
from tests.soak.critic_alone import Alone
from tests.soak.critic_groups import Asked, draw

TOLERANCE = 1e-4
"""Of values in float32: large groups add up in other orders than sequences alone."""
MAX_TOKENS = 900
_MEMORY_BYTES = 32 << 20
"""By how much the server may grow from the first quarter to the end: arenas of its allocator."""


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two with other values, and one of another architecture with another tokenizer and fewer positions."""
    folder = tmp_path_factory.mktemp("critics")
    sizes = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    qwen = Qwen2Config(**sizes, num_key_value_heads=2, max_position_embeddings=1024)
    llama = LlamaConfig(**sizes, num_key_value_heads=2, max_position_embeddings=700)
    return [
        made.make_critic(folder / "one", Qwen2ForCausalLM, qwen, made.byte_level(), 1),
        made.make_critic(folder / "two", Qwen2ForCausalLM, qwen, made.byte_level(), 2),
        made.make_critic(folder / "three", LlamaForCausalLM, llama, made.byte_fallback(), 3),
    ]


@pytest.fixture
def service(checkpoints: list[Path], tmp_path: Path) -> Iterator[EmbeddedService]:
    """A server in a process of its own."""
    arguments = ["--checkpoint", str(checkpoints[0]), "--device", "cpu", "--limits.max_tokens", str(MAX_TOKENS)]
    with EmbeddedService.start("critic", arguments, timeout=120, log=tmp_path / "log") as running:
        yield running


LENGTHS = [
    pytest.param(300, 200, 0.3, id="short"),
    pytest.param(int(os.environ.get("SOAK_CALLS", "10000")), 2500, 1.0, marks=pytest.mark.soak, id="long"),
]


@pytest.mark.parametrize(("calls", "kinds", "every"), LENGTHS)
def test_every_answer_is_that_of_the_checkpoint_it_names(
    service: EmbeddedService, checkpoints: list[Path], tmp_path: Path, calls: int, kinds: int, every: float
) -> None:
    chance = random.Random(calls)
    asked = [draw(chance) for _ in range(kinds)]
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "critic.json").write_text("{}")
    pid = service.process.pid
    account = asyncio.run(critic_load.load(service.address, pid, asked, calls, checkpoints, broken, every))
    quarter = [size for done, size in account.memory if calls * 0.15 <= done <= calls * 0.35]
    last = [size for done, size in account.memory if done >= calls * 0.8]
    print(f"\n{calls} calls in {account.seconds:.0f} s: {dict(account.calls)}, {len(account.answers)} groups answered")
    print(f"reloads {dict(account.reloads)}")
    if quarter and last:
        middle, end = statistics.median(quarter), statistics.median(last)
        print(f"resident memory {middle / 1e6:.0f} MB at a quarter, {end / 1e6:.0f} MB at the end")
        if calls >= 2000:  # before that, its caches fill
            assert end <= middle + _MEMORY_BYTES

    alone = {one.identity: one for one in (Alone(folder, MAX_TOKENS) for folder in checkpoints)}
    compared = time.monotonic()
    for one in alone.values():
        one.learn(
            (each.group.prompt, each.texts, each.group.truncate)
            for each, evaluation in account.answers
            if each.texts is not None and evaluation.values.checkpoint in ("", one.identity)
        )
    results = Counter(_check(one, evaluation, alone) for one, evaluation in account.answers)
    print(f"answers {dict(results)}, compared in {time.monotonic() - compared:.0f} s")
    assert account.calls["answered"] > calls / 2
    assert account.reloads["taken"] >= 3
    assert set(results) == {"values", "values of a truncated prompt", "too long", "refused"}
    with grpc.insecure_channel(service.address) as channel:
        info = critic_pb2_grpc.CriticStub(channel).Info(pb.CriticInfoRequest(), timeout=60)  # type: ignore[no-untyped-call]
    assert info.queue_depth == 0
    assert info.checkpoint in alone
    assert "raised by servicer method" not in (tmp_path / "log").read_text()


def _check(asked: Asked, evaluation: pb.GroupEvaluation, alone: dict[str, Alone]) -> str:
    """Compares an answer with what is known, and returns its kind."""
    if asked.texts is None:
        failure = evaluation.failure
        assert (failure.code, failure.field) == (pb.CRITIC_FAILURE_INVALID_INPUT, asked.field), evaluation
        return "refused"
    group = asked.group

    def by(one: Alone) -> tuple[int, list[list[float]]] | None:
        assert asked.texts is not None
        return one.group(group.prompt, asked.texts, group.truncate)

    if evaluation.WhichOneof("outcome") == "failure":
        assert evaluation.failure.code == pb.CRITIC_FAILURE_TOO_LONG, evaluation
        assert any(by(one) is None for one in alone.values())
        return "too long"
    values = evaluation.values
    wanted = by(alone[values.checkpoint])
    assert wanted is not None
    assert values.truncated_tokens == wanted[0]
    rows = wanted[1]
    if group.HasField("alternatives"):
        _check_alternatives(group, values, rows)
    else:
        _check_responses(asked, values, rows)
    return "values of a truncated prompt" if wanted[0] else "values"


def _check_alternatives(group: pb.StateGroup, values: pb.GroupValues, rows: list[list[float]]) -> None:
    steps = group.alternatives.steps
    known = [s.outcome if s.HasField("outcome") else row[-1] for s, row in zip(steps, rows, strict=True)]
    assert values.prompt_value == pytest.approx(rows[0][-2], abs=TOLERANCE)
    assert [a.value for a in values.alternatives] == pytest.approx(known, abs=TOLERANCE)
    mean = sum(known) / len(known)
    assert [a.advantage for a in values.alternatives] == pytest.approx([v - mean for v in known], abs=2 * TOLERANCE)


def _check_responses(asked: Asked, values: pb.GroupValues, rows: list[list[float]]) -> None:
    assert asked.texts is not None
    responses = asked.group.responses.responses
    assert values.prompt_value == pytest.approx(rows[0][0], abs=TOLERANCE)
    for sent, text, row, result in zip(responses, asked.texts, rows, values.responses, strict=True):
        known = row[1:]
        if known and sent.HasField("outcome"):
            known = [*known[:-1], sent.outcome]
        assert [step.value for step in result.steps] == pytest.approx(known, abs=TOLERANCE)
        given = [values.prompt_value, *(step.value for step in result.steps)]
        assert [s.advantage for s in result.steps] == pytest.approx([b - a for a, b in pairwise(given)], abs=1e-9)
        assert [(s.characters.begin, s.characters.end) for s in result.steps] == list(pairwise((0, *text.ends)))
        for step in result.steps:
            assert step.HasField("tokens") == bool(sent.token_ends)
            for token in range(step.tokens.begin, step.tokens.end):
                assert step.characters.begin < sent.token_ends[token] <= step.characters.end
        if sent.token_ends and result.steps:
            spans = [(step.tokens.begin, step.tokens.end) for step in result.steps]
            assert [spans[0][0], spans[-1][1]] == [0, len(sent.token_ends)]
            assert all(before[1] == after[0] for before, after in pairwise(spans))
