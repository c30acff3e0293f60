"""Input made to break a critic: it is answered or refused, and the next caller is served."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from transformers import LlamaConfig, LlamaForCausalLM

from codaserve.embedded import EmbeddedService
from codaserve.v1 import critic_pb2 as pb
from codaserve.v1 import critic_pb2_grpc
from tests.critic import made
from tests.soak.critic_load import resident

_MEMORY_BYTES = 1 << 30
"""By how much the server may grow: the largest message is 64 MB, and tokens take more than their characters."""
INVALID, TOO_LONG = pb.CRITIC_FAILURE_INVALID_INPUT, pb.CRITIC_FAILURE_TOO_LONG


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedService]:
    """With the limits that it has if nothing is set, and a model that is nearly free."""
    folder = tmp_path_factory.mktemp("hostile")
    config = LlamaConfig(
        hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=1, max_position_embeddings=8192
    )
    critic = made.make_critic(folder / "critic", LlamaForCausalLM, config, made.byte_level(), 1)
    arguments = ["--checkpoint", str(critic), "--device", "cpu"]
    with EmbeddedService.start("critic", arguments, timeout=120, log=folder / "log") as running:
        yield running


@pytest.fixture
def stub(service: EmbeddedService) -> Iterator[Any]:
    """Asks, and at the end makes sure that others are still answered."""
    options = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
    with grpc.insecure_channel(service.address, options=options) as channel:
        asked: Any = critic_pb2_grpc.CriticStub(channel)  # type: ignore[no-untyped-call]
        yield asked
        assert evaluate(asked, group("a\n")).WhichOneof("outcome") == "values"
        assert resident(service.process.pid) < _MEMORY_BYTES + (600 << 20)


def group(*texts: str, prompt: str = "q: ", **more: Any) -> pb.StateGroup:
    return pb.StateGroup(prompt=prompt, responses=pb.Responses(responses=[pb.Response(text=t) for t in texts]), **more)


def single(text: str, **more: Any) -> pb.StateGroup:
    return pb.StateGroup(prompt="q: ", responses=pb.Responses(responses=[pb.Response(text=text, **more)]))


def evaluate(stub: Any, sent: pb.StateGroup) -> pb.GroupEvaluation:
    (evaluation,) = stub.Evaluate(pb.EvaluateRequest(groups=[sent]), timeout=120).evaluations
    assert isinstance(evaluation, pb.GroupEvaluation)
    return evaluation


REFUSED: dict[str, tuple[Callable[[], pb.StateGroup], int]] = {
    "a prompt of 10 MB": (lambda: group("a", prompt="x" * 10**7), TOO_LONG),
    "a prompt of 10 MB to be truncated": (lambda: group("a", prompt="x y " * 2_500_000, truncate=True), TOO_LONG),
    "a million newlines": (lambda: group("\n" * 10**6), TOO_LONG),
    "a million lines": (lambda: group("a\n" * 10**6), TOO_LONG),
    "many long responses to be truncated": (lambda: group(*["ab " * 70_000] * 250, truncate=True), TOO_LONG),
    "100,000 step ends": (lambda: single("a" * 10**5, step_ends=range(1, 10**5 + 1)), TOO_LONG),
    "100,000 step ends beyond the text": (lambda: single("a", step_ends=range(1, 10**5)), INVALID),
    "100,000 step ends of tokens": (
        lambda: single("a" * 10**5, token_ends=range(1, 10**5 + 1), step_token_ends=range(1, 10**5)),
        TOO_LONG,
    ),
    "token ends that go back": (lambda: single("ab", token_ends=[2, 1] * 10**5), INVALID),
    "an outcome that is no number": (lambda: single("a", outcome=math.nan), INVALID),
    "an outcome without bounds": (lambda: single("a", outcome=-math.inf), INVALID),
    "too many responses": (lambda: group(*["a"] * 10_000), INVALID),
    "a long id": (lambda: group("a", id="x" * 10**6), INVALID),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(stub: Any, name: str) -> None:
    make, code = REFUSED[name]
    failure = evaluate(stub, make()).failure
    assert failure.code == code
    assert not failure.retryable


def test_a_surrogate_is_no_text(stub: Any, service: EmbeddedService) -> None:
    wire = pb.EvaluateRequest(groups=[group("abc")]).SerializeToString().replace(b"abc", b"\xed\xa0\x80")
    with grpc.insecure_channel(service.address) as channel:
        call = channel.unary_unary("/codaserve.v1.Critic/Evaluate")
        with pytest.raises(grpc.RpcError):
            call(wire, timeout=60)


def test_100_000_tokens_without_characters(stub: Any) -> None:
    evaluation = evaluate(stub, single("ab", token_ends=[0] * 50_000 + [2] * 50_000))
    (step,) = evaluation.values.responses[0].steps
    assert (step.tokens.begin, step.tokens.end) == (0, 100_000)


def test_as_many_steps_as_fit(stub: Any) -> None:
    evaluation = evaluate(stub, group("a\n" * 4000))
    assert len(evaluation.values.responses[0].steps) == 4000


def test_256_responses_in_each_of_256_groups(stub: Any) -> None:
    groups = [group(*(f"{r}\n{g}" for r in range(256)), prompt=f"{g}: ") for g in range(256)]
    answer = stub.Evaluate(pb.EvaluateRequest(groups=groups), timeout=300)
    assert [len(evaluation.values.responses) for evaluation in answer.evaluations] == [256] * 256


def test_a_long_prefix_for_each_of_many_alternatives(stub: Any) -> None:
    """Small as a message; prefix and step together are 256 times 4 groups times 3,000 tokens."""
    steps = [pb.Alternative(text=f"{number}\n") for number in range(256)]
    alternatives = pb.Alternatives(prefix="é\n" * 1_000, steps=steps)
    groups = [pb.StateGroup(prompt=f"{n}: ", alternatives=alternatives) for n in range(4)]
    answer = stub.Evaluate(pb.EvaluateRequest(groups=groups), timeout=300)
    assert [len(evaluation.values.alternatives) for evaluation in answer.evaluations] == [256] * 4
