"""The engine against a server that computes with transformers, and that fails in every way."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from codaserve.embedded import EmbeddedServiceError
from trainer.errors import DivergedError, RolloutError, SynchronisationError
from trainer.rollout.engine import Sampling
from trainer.rollout.rollout import Rollout
from trainer.rollout.vllm.engine import VllmEngine
from trainer.rollout.vllm.renewal import Policy
from trainer.rollout.vllm.settings import VllmRolloutSettings

PROMPTS = ["1 + 1 =", "é: ", "x"]
SAMPLING = Sampling(seed=3, max_response_tokens=6, temperature=0.7)
Make = Callable[..., VllmEngine]


@pytest.fixture
def events() -> list[str]:
    return []


@pytest.fixture
def make(model: Any, tokenizer: Any, server: Any, tmp_path: Path, events: list[str]) -> Iterator[Make]:
    with contextlib.ExitStack() as stack:

        def build(**changes: Any) -> VllmEngine:
            settings = {"addresses": [server.address], "dtype": "float32", "max_outage": 30.0, **changes}
            policy = Policy(model, "", tokenizer, SAMPLING.temperature, 64, True, contextlib.nullcontext)
            engine = VllmEngine(VllmRolloutSettings(**settings), policy, tmp_path, events.append)
            stack.callback(engine.close)
            return engine

        yield build


def answers(engine: VllmEngine) -> list[list[Rollout]]:
    return [group for _, group in sorted(engine.sample(PROMPTS, 2, SAMPLING), key=lambda item: item[0])]


def change(model: Any) -> None:
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1.5)


def test_responses_are_the_policys_and_follow_it(make: Make, model: Any, server: Any, tmp_path: Path) -> None:
    engine = make()
    engine.synchronise(0)
    before = answers(engine)
    assert answers(engine) == before
    assert [[rollout.prompt for rollout in group] for group in before] == [[prompt] * 2 for prompt in PROMPTS]
    loaded = server.count("/collective_rpc")
    engine.synchronise(0)
    assert server.count("/collective_rpc") == loaded  # it has that version
    change(model)
    engine.synchronise(1)
    after = answers(engine)
    assert after != before
    for rollout in (rollout for group in after for rollout in group):
        ids = torch.tensor([rollout.prompt_ids + rollout.response_ids])
        with torch.no_grad():
            logits = model(ids).logits[0, len(rollout.prompt_ids) - 1 : -1] / SAMPLING.temperature
        own = torch.log_softmax(logits, -1).gather(-1, torch.tensor(rollout.response_ids)[:, None])[:, 0]
        assert rollout.log_probabilities == pytest.approx(own.tolist(), abs=1e-4)
    order = [path for path, _ in server.requests]
    at = order.index("/pause")
    assert order[at : at + 4] == ["/pause", "/collective_rpc", "/reset_prefix_cache", "/resume"]
    assert [path.name for path in (tmp_path / "rollout-weights").iterdir()] == ["policy-00000001"]
    engine.close()
    assert not (tmp_path / "rollout-weights").exists()


def test_a_server_that_keeps_old_weights_stops_the_run(make: Make, model: Any, server: Any, tmp_path: Path) -> None:
    engine = make()
    engine.synchronise(0)
    change(model)
    server.fault = lambda path, number, handler: path == "/collective_rpc" and (handler.reply(200, b"{}") or True)
    with pytest.raises(
        SynchronisationError, match=r"version 1 of it: token \d+ .* at place \d+ of the probe has .*tolerance"
    ):
        engine.synchronise(1)

    engine.close()
    assert (tmp_path / "rollout-weights" / "policy-00000001" / "config.json").exists()  # the message names it


def test_cached_beginnings_of_old_weights_stop_the_run(make: Make, model: Any, server: Any) -> None:
    """The probe's own tokens are computed anew, the token after them is not: the second request has to tell."""
    engine = make()
    engine.synchronise(0)
    change(model)
    old = server.model
    respond = server.respond

    def from_cache(body: Any, index: int) -> Any:
        new, server.model = server.model, old
        try:
            return respond(body, index)
        finally:
            server.model = new

    server.respond = from_cache
    with pytest.raises(SynchronisationError, match="processed_logprobs"):
        engine.synchronise(1)


def test_weights_that_are_not_finite_are_a_divergence(make: Make, model: Any) -> None:
    with torch.no_grad():
        model.model.norm.weight.fill_(float("nan"))
    with pytest.raises(DivergedError):
        make().synchronise(0)


def test_failed_requests_are_made_again_with_the_same_seeds(make: Make, server: Any, events: list[str]) -> None:
    engine = make()
    engine.synchronise(0)
    wanted = answers(engine)
    before = server.count("/v1/completions")
    broken = (
        lambda handler: handler.reply(503, b"full"),
        lambda handler: handler.connection.close(),
        lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
    )

    def fail(path: str, number: int, handler: Any) -> bool:
        if path != "/v1/completions" or number >= before + len(broken):
            return False
        broken[number - before](handler)
        return True

    server.fault = fail
    assert answers(engine) == wanted
    assert "rollouts wait up to 30 s" in events[0]
    assert events[-1] == "rollouts go on"
    assert engine.retries() == {"rollouts": len(broken)}


def test_a_server_that_was_started_again_gets_its_weights_before_it_is_asked(
    make: Make, model: Any, server: Any, events: list[str]
) -> None:
    engine = make()
    change(model)
    engine.synchronise(1)
    wanted = answers(engine)
    server.restart()
    assert answers(engine) == wanted
    assert [event for event in events if "lost its weights" in event]
    begun = server.count("/v1/completions")

    def restart(path: str, number: int, handler: Any) -> bool:
        if path == "/v1/completions" and number == begun:
            server.restart()
            handler.connection.close()
            return True
        return False

    server.fault = restart
    assert answers(engine) == wanted


@pytest.mark.parametrize(
    "status, text", [(503, "no rollouts: .* status 503: away"), (400, "no rollouts: .* status 400: away")]
)
def test_past_the_longest_outage_the_run_stops(make: Make, server: Any, status: int, text: str) -> None:
    engine = make(max_outage=0.5)
    engine.synchronise(0)
    server.fault = lambda path, number, handler: handler.reply(status, b"away") or True
    with pytest.raises(RolloutError, match=text):
        answers(engine)


def test_an_answer_that_cannot_be_believed_stops_the_run(make: Make, server: Any) -> None:
    engine = make()
    engine.synchronise(0)
    server.respond = lambda body, index: {"token_ids": [0], "logprobs": {"token_logprobs": [1.0]}}
    with pytest.raises(RolloutError, match="above 0"):
        answers(engine)


def test_leaving_early_ends_what_is_under_way(make: Make, server: Any) -> None:
    engine = make()
    engine.synchronise(0)
    begun, gone = server.count("/v1/completions"), threading.Event()

    def hang(path: str, number: int, handler: Any) -> bool:
        return path == "/v1/completions" and number > begun and (gone.wait(60) or True)

    server.fault = hang
    groups = engine.sample(PROMPTS, 2, SAMPLING)
    next(groups)
    groups.close()  # would wait for the server otherwise
    gone.set()


def test_two_servers_share_the_prompts_and_stand_in_for_each_other(make: Make, server: Any, policy_dir: Path) -> None:
    other = type(server)(policy_dir)
    try:
        engine = make(addresses=[server.address, other.address])
        engine.synchronise(0)
        asked = [it.count("/v1/completions") for it in (server, other)]
        wanted = answers(engine)
        assert [it.count("/v1/completions") for it in (server, other)] == [asked[0] + 2, asked[1] + 1]
        other.fault = lambda path, number, handler: handler.reply(503, b"") or True
        assert answers(engine) == wanted
    finally:
        other.stop()


def test_what_is_no_vllm_server_is_refused(make: Make, server: Any) -> None:
    server.fault = lambda path, number, handler: path == "/v1/models" and (handler.reply(200, b"[]") or True)
    with pytest.raises(RolloutError, match="no vLLM server"):
        make().synchronise(0)
    server.fault = lambda path, number, handler: path == "/pause" and (handler.reply(404, b"") or True)
    with pytest.raises(RolloutError, match=r"no such endpoint; start it as docs/rollouts\.md says"):
        make().synchronise(0)


def test_a_server_for_shorter_texts_is_refused(make: Make, server: Any) -> None:
    short = b'{"data": [{"id": "policy", "max_model_len": 63}]}'
    server.fault = lambda path, number, handler: path == "/v1/models" and (handler.reply(200, short) or True)
    with pytest.raises(RolloutError, match=r"takes 63 tokens, .* are 64 together"):
        make().synchronise(0)


@pytest.mark.parametrize(
    "python, text", [("/nowhere/python", "does not run"), ("/bin/false", "ended while starting with status 1")]
)
def test_a_server_that_does_not_start_says_so(make: Make, tmp_path: Path, python: str, text: str) -> None:
    with pytest.raises(EmbeddedServiceError, match=text):
        make(addresses=[], python=python).synchronise(0)
    assert not list(tmp_path.glob("codaserve-vllm-*"))
