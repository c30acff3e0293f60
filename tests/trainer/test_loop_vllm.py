"""Whole runs whose rollouts come from a server, which here computes with transformers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codaserve.settings import ConfigurationError
from tests.trainer.rollout.vllm.conftest import Server
from tests.trainer.several import trained
from tests.trainer.test_several import assert_alike
from trainer.errors import RolloutError, SynchronisationError
from trainer.loop import train


@pytest.fixture
def server(policy_dir: Path) -> Iterator[Server]:
    it = Server(policy_dir)
    yield it
    it.stop()


def changes(server: Server, **more: Any) -> dict[str, Any]:
    vllm = {"addresses": [server.address], "max_outage": 1.0}
    return {"rollout__engine": "vllm", "rollout__vllm": vllm, **more}


def test_a_run_is_on_policy_and_its_phases_add_up(configure: Any, recorder: Any, server: Server) -> None:
    train(configure(**changes(server)), observers=[recorder])
    assert len(recorder.steps) == 3
    assert len(recorder.evaluations) == 2
    for step in recorder.steps:
        assert step.focused is not None
        for batch in (step.batch, step.focused):
            assert batch.staleness == 0
            assert batch.update.mismatch < 1e-4
        phases = [seconds for name, seconds in step.timings.items() if name != "total"]
        assert sum(phases) == pytest.approx(step.timings["total"])
        assert step.timings["synchronisation"] > 0
    # Two updates in each of three steps, and the policy before them: each renewed once.
    assert server.count("/collective_rpc") == 7


@pytest.mark.parametrize("kind", ["codapo", "grpo"])
def test_the_next_batch_is_gathered_during_an_update_and_one_behind(
    configure: Any, recorder: Any, server: Server, kind: str
) -> None:
    settings = configure(
        **changes(server, rollout__max_staleness=1, steps=4, objective={"kind": kind}, evaluate__every=2)
    )
    train(settings, observers=[recorder])
    assert [step.batch.staleness for step in recorder.steps] == [0, 1, 1, 1]
    assert len(recorder.evaluations) == 3
    for step in recorder.steps:
        assert step.batch.scored == 16
        if step.focused is not None:
            assert step.focused.staleness == 0
    # What sampled and what is trained differ by an update.
    mismatches = [step.batch.update.mismatch for step in recorder.steps]
    assert mismatches[0] < 1e-4
    assert min(mismatches[1:]) > 1e-4


def test_a_server_that_goes_away_stops_the_run_and_it_can_be_resumed(
    configure: Any, recorder: Any, server: Server, tmp_path: Path
) -> None:
    whole = configure(**changes(server, steps=2, output_dir=tmp_path / "whole"))
    train(whole)
    settings = configure(**changes(server, steps=2))
    first = server.count("/v1/completions")

    def away(path: str, number: int, handler: Any) -> bool:
        if path == "/v1/completions" and number > first + 30:
            handler.reply(503, b"away")
            return True
        return False

    server.fault = away
    with pytest.raises(RolloutError, match="status 503: away") as caught:
        train(settings, observers=[recorder])
    assert caught.value.checkpoint is not None
    server.fault = lambda path, number, handler: False
    train(settings.model_copy(update={"resume": True}), observers=[recorder])

    def told(folder: Path) -> list[Any]:
        lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
        return [(line["step"], line["batch"]["reward"], line["batch"]["update"]) for line in lines if "batch" in line]

    assert told(settings.output_dir) == told(whole.output_dir)


def test_a_server_that_keeps_old_weights_stops_the_run_before_it_trains_on_them(
    configure: Any, recorder: Any, server: Server
) -> None:
    loads: list[str] = []

    def keep(path: str, number: int, handler: Any) -> bool:
        if path == "/collective_rpc" and loads:
            handler.reply(200, b"{}")
            return True
        loads.append(path) if path == "/collective_rpc" else None
        return False

    server.fault = keep
    with pytest.raises(SynchronisationError, match="does not compute what the policy does") as caught:
        train(configure(**changes(server)), observers=[recorder])
    assert not recorder.steps
    assert caught.value.checkpoint is not None


@pytest.mark.parametrize(
    ("vllm", "reason"),
    [
        ({"addresses": ["http://"]}, "'http://' is neither host:port nor a URL"),
        ({"addresses": ["h:1"], "transfer": "nccl"}, "nccl needs a policy on a GPU"),
    ],
)
def test_servers_that_cannot_be_used_are_refused(configure: Any, vllm: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        train(configure(rollout__engine="vllm", rollout__vllm=vllm))


def test_with_several_processes_the_main_one_alone_speaks_with_the_server(
    configure: Any, server: Server, tmp_path: Path
) -> None:
    kind = {"kind": "grpo"}
    keys = changes(server, rollout__max_staleness=1, objective=kind, evaluate__every=2)
    alone = configure(**keys, output_dir=tmp_path / "alone")
    train(alone)
    asked = server.count("/v1/completions"), server.count("/collective_rpc")
    together = configure(**keys, output_dir=tmp_path / "together")
    assert trained(together, tmp_path).outcomes() == [3, 3]
    assert (server.count("/v1/completions"), server.count("/collective_rpc")) == (2 * asked[0], 2 * asked[1])
    assert_alike(alone.output_dir, together.output_dir)
