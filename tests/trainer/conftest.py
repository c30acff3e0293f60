"""A policy small enough to be made anew for every test, and a scorer and a critic that are rules."""

import json
from bisect import bisect_right
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

from codaserve.v1 import critic_pb2, critic_pb2_grpc, scorer_pb2_grpc
from codaserve.v1 import scorer_pb2 as pb
from tests.tiny import byte_tokenizer, saved, sizes
from trainer.report.reports import EvaluationReport, StepReport
from trainer.settings import TrainerSettings


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    """A character beyond ASCII is several tokens."""
    return byte_tokenizer()


@pytest.fixture
def model(tokenizer: Any) -> Any:
    """Random weights, always the same."""
    return tiny_model(tokenizer)


def tiny_model(tokenizer: Any) -> Any:
    torch.manual_seed(1)
    config = Qwen2Config(
        **sizes(tokenizer, 16), num_key_value_heads=1, tie_word_embeddings=True, eos_token_id=tokenizer.eos_token_id
    )
    return Qwen2ForCausalLM(config).eval()


@pytest.fixture(scope="session")
def policy_dir(tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same policy as a folder."""
    return saved(tiny_model(tokenizer), tokenizer, tmp_path_factory.mktemp("policy"))


class FakeScorer(scorer_pb2_grpc.ScorerServicer):
    """Judges by a rule that needs no model: a response is right when its characters sum to an even number.

    `fail` decides which items get something else than a verdict; it sees the item and how many came before it.
    """

    def __init__(self) -> None:
        self.items: list[pb.ScoreItem] = []
        self.fail: Callable[[pb.ScoreItem, int], pb.ScoreResult | None] = lambda item, number: None
        self.before: Callable[[pb.ScoreItem], None] = lambda item: None

    def Score(self, request: Any, context: Any) -> pb.ScoreResponse:  # noqa: N802
        return pb.ScoreResponse(results=[self._judge(item) for item in request.items])

    def ScoreStream(self, requests: Any, context: Any) -> Iterator[pb.ScoreResult]:  # noqa: N802
        for item in requests:
            yield self._judge(item)

    def Info(self, request: Any, context: Any) -> pb.ScorerInfo:  # noqa: N802
        limits = pb.ScorerLimits(max_items=64, max_message_bytes=4 << 20, max_queue=1024)
        return pb.ScorerInfo(version="fake", limits=limits)

    def _judge(self, item: pb.ScoreItem) -> pb.ScoreResult:
        self.before(item)
        self.items.append(item)
        other = self.fail(item, len(self.items) - 1)
        if other is not None:
            other.id = item.id
            return other
        right = is_right(item.math.response)
        verdict = pb.Verdict(correct=right, score=float(right), reason=pb.REASON_MATCH)
        return pb.ScoreResult(id=item.id, verdict=verdict)


def is_right(response: str) -> bool:
    return sum(map(ord, response)) % 2 == 0


class FakeCritic(critic_pb2_grpc.CriticServicer):
    """Cuts steps after every third character and values each by its last one; next steps by their first one."""

    def __init__(self) -> None:
        self.groups: list[critic_pb2.StateGroup] = []
        self.fail: Callable[[critic_pb2.StateGroup], critic_pb2.GroupEvaluation | None] = lambda group: None
        self.reloaded: list[str] = []
        self.serves = "fake"

    def Evaluate(self, request: Any, context: Any) -> critic_pb2.EvaluateResponse:  # noqa: N802
        return critic_pb2.EvaluateResponse(evaluations=[self._value(group) for group in request.groups])

    def EvaluateStream(self, requests: Any, context: Any) -> Iterator[critic_pb2.GroupEvaluation]:  # noqa: N802
        for group in requests:
            yield self._value(group)

    def Info(self, request: Any, context: Any) -> critic_pb2.CriticInfo:  # noqa: N802
        limits = critic_pb2.CriticLimits(
            max_groups=64, max_responses=64, max_tokens=4096, max_message_bytes=4 << 20, max_queue=64
        )
        return critic_pb2.CriticInfo(version="fake", limits=limits)

    def Reload(self, request: Any, context: Any) -> critic_pb2.ReloadResponse:  # noqa: N802
        self.reloaded.append(request.path)
        return critic_pb2.ReloadResponse(checkpoint=self.serves)

    def _value(self, group: critic_pb2.StateGroup) -> critic_pb2.GroupEvaluation:
        self.groups.append(group)
        other = self.fail(group)
        if other is not None:
            other.id = group.id
            return other
        values = critic_pb2.GroupValues(prompt_value=0.5, checkpoint="fake")
        for step in group.alternatives.steps:
            values.alternatives.add(value=(ord(step.text[0]) % 10) / 10)
        for response in group.responses.responses:
            ends = [*range(3, len(response.text), 3), len(response.text)] if response.text else []
            steps, begin, token = [], 0, 0
            for end in ends:
                last = bisect_right(response.token_ends, end)
                value = (ord(response.text[end - 1]) % 10) / 10 if end < len(response.text) else response.outcome
                characters, tokens = critic_pb2.Span(begin=begin, end=end), critic_pb2.Span(begin=token, end=last)
                steps.append(critic_pb2.StepValue(value=value, characters=characters, tokens=tokens))
                begin, token = end, last
            values.responses.add(steps=steps)
        return critic_pb2.GroupEvaluation(id=group.id, values=values)


class Server:
    """A gRPC server that can be stopped and started again on its port."""

    def __init__(self, register: Callable[[grpc.Server], None]) -> None:
        self._register = register
        self._server: grpc.Server | None = None
        self.port = 0
        self.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        # Without SO_REUSEPORT nobody else can take the port while it is free for a moment and both seem to listen.
        self._server = grpc.server(ThreadPoolExecutor(8), options=[("grpc.so_reuseport", 0)])
        self._register(self._server)
        self.port = self._server.add_insecure_port(f"127.0.0.1:{self.port}")
        assert self.port
        self._server.start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop(0).wait()
            self._server = None


@pytest.fixture
def scorer() -> FakeScorer:
    return FakeScorer()


@pytest.fixture
def scorer_server(scorer: FakeScorer) -> Iterator[Server]:
    server = Server(lambda it: scorer_pb2_grpc.add_ScorerServicer_to_server(scorer, it))  # type: ignore[no-untyped-call]
    yield server
    server.stop()


@pytest.fixture
def critic() -> FakeCritic:
    return FakeCritic()


@pytest.fixture
def critic_server(critic: FakeCritic) -> Iterator[Server]:
    server = Server(lambda it: critic_pb2_grpc.add_CriticServicer_to_server(critic, it))  # type: ignore[no-untyped-call]
    yield server
    server.stop()


class Recorder:
    """An observer that keeps everything."""

    def __init__(self) -> None:
        self.steps: list[StepReport] = []
        self.evaluations: list[EvaluationReport] = []
        self.events: list[str] = []

    def on_step(self, report: StepReport) -> None:
        self.steps.append(report)

    def on_evaluation(self, report: EvaluationReport) -> None:
        self.evaluations.append(report)

    def on_event(self, text: str) -> None:
        self.events.append(text)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


Configure = Callable[..., TrainerSettings]


@pytest.fixture
def configure(tmp_path: Path, policy_dir: Path, scorer_server: Server, critic_server: Server) -> Configure:
    """Settings of a run of three small steps; keyword arguments replace keys, `section__key` inside a section."""
    lines = [
        {"id": f"q{index}", "level": str(index % 3), "question": f"{index} + 1 =", "math": {"gold": ["1"]}}
        for index in range(12)
    ]
    (tmp_path / "tasks.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "held_out.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines[:5]))

    def settings(**changes: Any) -> TrainerSettings:
        keys: dict[str, Any] = {
            "output_dir": tmp_path / "run",
            "steps": 3,
            "seed": 5,
            "model": {"path": str(policy_dir), "device": "cpu"},
            "tasks": {"file": tmp_path / "tasks.jsonl"},
            "evaluate": {"file": tmp_path / "held_out.jsonl", "samples": 2},
            "rollout": {"questions": 4, "group_size": 4, "max_prompt_tokens": 32, "max_response_tokens": 10},
            "optimizer": {"learning_rate": 1e-2},
            "scorer": {"addresses": [scorer_server.address], "max_outage": 20.0},
            "critic": {"addresses": [critic_server.address], "max_outage": 20.0},
            "checkpoint": {"every": 1},
        }
        for key, value in changes.items():
            section, _, name = key.rpartition("__")
            (keys.setdefault(section, {}) if section else keys)[name] = value
        return TrainerSettings(**keys)

    return settings
