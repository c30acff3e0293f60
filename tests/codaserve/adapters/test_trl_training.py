"""TRL itself, in an environment of its own, with a real scorer and the critic of the demo."""

import json
import math
import statistics
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import grpc
import pytest

from codaserve.embedded import EmbeddedService
from codaserve.v1 import scorer_pb2 as pb
from tests.codaserve.adapters import serving
from tests.codaserve.adapters.environments import run
from trainer.demo.settings import CRITIC, POLICY, SHIPPED
from trainer.demo.tasks import arithmetic, family

pytestmark = pytest.mark.adapters
STEPS = 20
SIZE = 4


@pytest.fixture(scope="module")
def real_scorer() -> Iterator[str]:
    with EmbeddedService.start("scorer", timeout=300) as service:
        yield service.address


@pytest.fixture(scope="module")
def real_critic() -> Iterator[str]:
    with EmbeddedService.start("critic", ["--checkpoint", str(SHIPPED / CRITIC)], timeout=300) as service:
        yield service.address


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tasks") / "tasks.jsonl"
    random = Random(0)
    names = [level.name for level in arithmetic.LEVELS]
    family.write_tasks(file, [family.draw(names[i % len(names)], "train", random) for i in range(40)], prefix="t")
    return file


def train(scorer: str, tasks: Path, **setting: Any) -> Any:
    defaults = {
        "model": str(SHIPPED / POLICY),
        "tasks": str(tasks),
        "scorer": scorer,
        "steps": STEPS,
        "questions": 4,
        "group_size": SIZE,
        "tokens": 120,
        "trainer": "grpo",
        "asynchronous": False,
        "two_rewards": False,
        "wrapped": False,
        "reward": {},
        "codapo": {},
        "config": {"beta": 0.0, "loss_type": "grpo"},
    }
    return run(".venv-trl", "trl_main.py", json.dumps(defaults | setting))


def groups(generation: Any) -> list[range]:
    return [range(begin, begin + SIZE) for begin in range(0, len(generation["scored"]), SIZE)]


def rewards(generation: Any, places: range) -> list[float]:
    return [generation["scored"][place]["rewards"][0] for place in places]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_grpo(real_scorer: str, tasks: Path, asynchronous: bool) -> None:
    ran = train(real_scorer, tasks, asynchronous=asynchronous)
    golds = {row["prompt"]: row["math"]["gold"][0] for row in map(json.loads, tasks.read_text().splitlines())}
    assert len(ran["generations"]) == STEPS
    scored = [one for generation in ran["generations"] for one in generation["scored"]]
    assert {one["rewards"][0] for one in scored} == {0.0, 1.0}
    for one in scored:
        assert (f"\\boxed{{{golds[one['prompt']]}}}" in one["completion"]) == (one["rewards"][0] == 1)
    assert all(step["codaserve/unscored"] == 0 for step in ran["log"] if "reward" in step)
    assert ran["generations"][0]["weights"] != ran["generations"][-1]["weights"]


async def sometimes(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
    """No verdict on every third length of a response."""
    if len(item.math.response) % 3 == 0:
        item.math.response = serving.FAILS
    return await serving.judge(item, context)


@pytest.mark.parametrize("loss", ["grpo", "dapo"])
def test_failed_responses_are_masked_out_of_their_group(tasks: Path, loss: str) -> None:
    with serving.scorer(sometimes) as server:
        config = {"beta": 0.1, "loss_type": loss}
        ran = train(
            server.address,
            tasks,
            steps=4,
            trainer="masked",
            two_rewards=True,
            config=config,
            reward={"unscored": "none"},
        )
    masked = 0
    for generation in ran["generations"]:
        assert generation["items"] == sum(generation["lengths"])
        for places in groups(generation):
            kept = [place for place in places if len(generation["scored"][place]["completion"]) % 3]
            masked += SIZE - len(kept)
            for place in places:
                assert (generation["lengths"][place] == 0) == (place not in kept)
                if place not in kept:
                    assert generation["advantages"][place] == 0
            if len(kept) > 1:
                numbers = [sum(generation["scored"][place]["rewards"]) for place in kept]
                mean, std = statistics.mean(numbers), statistics.stdev(numbers)
                wanted = [(number - mean) / (std + 1e-4) for number in numbers]
                assert [generation["advantages"][place] for place in kept] == pytest.approx(wanted, abs=1e-4)
    assert masked > 4


def test_rloo_leaves_a_lone_none_out_of_its_group(tasks: Path) -> None:
    with serving.scorer(sometimes) as server:
        ran = train(server.address, tasks, steps=4, trainer="rloo", config={"beta": 0.0}, reward={"unscored": "none"})
    left_out = 0
    for generation in ran["generations"]:
        for places in groups(generation):
            kept = [place for place in places if len(generation["scored"][place]["completion"]) % 3]
            left_out += SIZE - len(kept)
            total = sum(generation["scored"][place]["rewards"][0] for place in kept)
            for place in places:
                wanted = 0.0
                if place in kept and len(kept) > 1:
                    own = generation["scored"][place]["rewards"][0]
                    wanted = own - (total - own) / (len(kept) - 1)
                assert generation["advantages"][place] == pytest.approx(wanted, abs=1e-5)
    assert left_out > 4


def test_online_dpo_makes_a_none_a_zero() -> None:
    with serving.scorer() as server:
        assert run(".venv-trl", "online_dpo_main.py", server.address) == [1.0, 0.0, 0.0]


def test_a_failure_ends_a_run_that_cannot_mask_it(tasks: Path) -> None:
    with (
        serving.scorer(sometimes) as server,
        pytest.raises(AssertionError, match="responses have no score; the first: FAILURE_INTERNAL"),
    ):
        train(server.address, tasks, steps=4)


@pytest.mark.parametrize("trainer", ["masked", "codapo"])
def test_a_trainer_that_does_not_know_our_function_says_so(tasks: Path, trainer: str) -> None:
    with serving.scorer() as server, pytest.raises(AssertionError, match="reward_funcs: none is of codaserve"):
        train(server.address, tasks, steps=1, trainer=trainer, two_rewards=True, wrapped=True)


def test_codapo_weights_and_focused_batches(real_scorer: str, tasks: Path) -> None:
    ran = train(real_scorer, tasks, trainer="codapo", questions=8, reward={"unscored": "none"})
    focused = 0
    for number, generation in enumerate(ran["generations"]):
        for places in groups(generation):
            numbers = rewards(generation, places)
            means = []
            for place in places:
                length = generation["lengths"][place]
                means.append(math.fsum(generation["log_probabilities"][place][:length]) / length)
            difficulty = 1 - statistics.mean(numbers)
            value = math.exp(statistics.mean(means)) * (1 - 4 * (difficulty - 0.5) ** 2)
            mean, std = statistics.mean(numbers), statistics.stdev(numbers)
            wanted = [(value + 0.1) * (number - mean) / (std + 1e-6) for number in numbers]
            assert [generation["advantages"][place] for place in places] == pytest.approx(wanted, abs=1e-3)
        prompts = [generation["scored"][places[0]]["prompt"] for places in groups(generation)]
        if number % 2:
            before = ran["generations"][number - 1]
            mixed = {
                before["scored"][places[0]]["prompt"]
                for places in groups(before)
                if len(set(rewards(before, places))) > 1
            }
            assert set(prompts) <= mixed and len(set(prompts)) == min(2, len(mixed))
            focused += 1
        else:
            assert len(set(prompts)) == 8
    assert focused == STEPS // 2


def test_step_credit_of_the_critic(real_scorer: str, real_critic: str, tasks: Path) -> None:
    codapo = {"critic": real_critic, "step_credit": 0.5}
    ran = train(real_scorer, tasks, trainer="codapo", codapo=codapo, reward={"unscored": "none"})
    assert len(ran["generations"]) == STEPS
    several = 0
    for generation in ran["generations"]:
        for advantages, length in zip(generation["advantages"], generation["lengths"], strict=True):
            assert not any(advantages[length:])
            several += len(set(advantages[:length])) > 1
    assert several > 100  # of 320 responses
    assert all(step["codapo/no_steps"] == 0 for step in ran["log"] if "codapo/no_steps" in step)
    assert ran["generations"][0]["weights"] != ran["generations"][-1]["weights"]


def test_without_a_value_nothing_is_updated(tasks: Path) -> None:
    async def wrong(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        return pb.ScoreResult(id=item.id, verdict=pb.Verdict(correct=False, score=0, reason="REASON_WRONG_ANSWER"))

    with serving.scorer(wrong) as server:
        ran = train(server.address, tasks, steps=4, trainer="codapo", reward={"unscored": "none"})
    steps = [step for step in ran["log"] if "codapo/skipped" in step]
    assert [step["codapo/skipped"] for step in steps] == [0, 1, 0, 1]
    assert [len(generation["scored"]) for generation in ran["generations"]] == [16, 0, 16, 0]
