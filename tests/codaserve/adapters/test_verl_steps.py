"""Rewards in verl's own trainers, from its agent loop to the advantages of each token."""

import json
import math
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from codaserve.v1 import critic_pb2 as pb
from tests.codaserve.adapters.environments import run
from tests.codaserve.adapters.serving import FAILS, StepCritic, in_thread, scorer
from trainer.demo.settings import POLICY, SHIPPED

pytestmark = pytest.mark.adapters

RESPONSES = ["4 = 4", "5 = 5", "4 = 4" + " + 4" * 8, "5 = 5" + " + 5" * 8]
"""Right, wrong, and both too long for the critic."""
FAILING = ["4 = 4", "5 = 5", FAILS]
NO_VALUE = "3 + 3 = ?"
"""A prompt that the critic has no value of; the others' is 0.5, and that of a first step 0.75."""
DIVISOR = 0.5**0.5
"""The standard deviation of a right and a wrong outcome."""


class ShortCritic(StepCritic):
    """Takes 16 tokens."""

    async def EvaluateStream(  # noqa: N802
        self, requests: AsyncIterator[pb.StateGroup], context: grpc.aio.ServicerContext
    ) -> AsyncIterator[pb.GroupEvaluation]:
        async for group in requests:
            if "3" in group.prompt or max(len(one.token_ends) for one in group.responses.responses) > 16:
                failure = pb.CriticFailure(code="CRITIC_FAILURE_TOO_LONG", message="more than 16 tokens")
                yield pb.GroupEvaluation(id=group.id, failure=failure)
            else:
                async for evaluation in super().EvaluateStream(_only(group), context):
                    yield evaluation


async def _only(group: pb.StateGroup) -> AsyncIterator[pb.StateGroup]:
    yield group


@pytest.fixture(scope="module")
def found() -> Any:
    with scorer() as server, in_thread(ShortCritic()) as critic:
        setting = {"model": str(SHIPPED / POLICY), "scorer": server.address, "critic": critic.address}
        setting |= {"responses": RESPONSES, "failing": FAILING, "no_value": NO_VALUE}
        found = run(".venv-verl", "verl_steps_main.py", json.dumps(setting))
    assert found["version"] == "0.9.1" and found["trainer"] == [True, "sync"]
    return found


@pytest.mark.parametrize("trainer", ["steps", "steps_legacy"])
def test_the_steps_rewards_reach_the_advantages(found: Any, trainer: str) -> None:
    rewards, advantages = found[trainer]["rewards"], found[trainer]["advantages"]
    assert rewards[:2] == [[0, 0.25, 0, 0.25], [0, 0.25, 0, -0.75]]
    std = sum(4 * [0.25]) ** 0.5 / 3**0.5  # of outcomes less 0.5, whose mean is 0
    assert advantages[0] == pytest.approx([one / std for one in (0.5, 0.5, 0.25, 0.25)], abs=1e-4)
    assert advantages[1] == pytest.approx([one / std for one in (-0.5, -0.5, -0.75, -0.75)], abs=1e-4)
    # one step each: all tokens as the first step of the others
    assert advantages[2] == pytest.approx([0.5 / std] * len(advantages[2]), abs=1e-4)
    assert advantages[3] == pytest.approx([-0.5 / std] * len(advantages[3]), abs=1e-4)


@pytest.mark.parametrize("trainer", ["steps", "steps_sum", "steps_legacy"])
def test_all_responses_of_a_group_are_measured_alike(found: Any, trainer: str) -> None:
    assert [sum(row) for row in found[trainer]["rewards"]] == [0.5, -0.5, 0.5, -0.5]
    assert [row[-1] for row in found[trainer]["rewards"][2:]] == [0.5, -0.5]


def test_no_steps_are_counted(found: Any) -> None:
    right = {"score": 1.0, "acc": 1.0, "unscored": 0.0}
    wrong = {"score": 0.0, "acc": 0.0, "unscored": 0.0}
    alike = [right | {"no_steps": 0.0}, wrong | {"no_steps": 0.0}, right | {"no_steps": 1.0}, wrong | {"no_steps": 1.0}]
    assert found["steps"]["extra"] == alike


def test_without_the_agent_loop_the_sum_is_at_the_end(found: Any) -> None:
    assert [row[:-1] for row in found["steps_sum"]["rewards"][:2]] == [[0, 0, 0], [0, 0, 0]]


def test_without_a_value_of_the_prompt_there_is_no_reward(found: Any) -> None:
    assert found["steps_no_value"]["status"] == "failure" and "rewards" not in found["steps_no_value"]
    nan = found["steps_no_value_nan"]
    assert nan["status"] == "finished" and [extra["unscored"] for extra in nan["extra"]] == [1.0] * 4
    assert not any(any(row) for row in nan["advantages"])


def test_an_error_leaves_the_response_out(found: Any) -> None:
    failing = found["failing"]
    assert failing["status"] == "failure"
    assert failing["rewards"] == [[0, 0, 0, 1], [0, 0, 0, 0]]
    assert failing["advantages"] == [pytest.approx([side * 0.5 / DIVISOR] * 4, abs=1e-4) for side in (1, -1)]
    assert failing["async"] == ["fresh_0_0"]


def test_an_error_of_all_ends_the_synchronous_run(found: Any) -> None:
    assert "no materializable trajectories" in found["all_failing"]["error"]
    assert found["all_failing"]["async"] == ["fresh_0_0"]


def test_an_error_ends_the_legacy_run(found: Any) -> None:
    assert found["failing_legacy"] == {"error": "UnscoredError"}


def test_validation_counts_an_error_as_wrong(found: Any) -> None:
    error, nan = found["validation"]
    assert error == [0.5, 1.0] and all(map(math.isnan, nan))


@pytest.mark.parametrize("reward", ["nan", "steps_nan"])
def test_not_a_number_leaves_the_response_out_of_its_group(found: Any, reward: str) -> None:
    rewards, advantages = found[reward]["rewards"], found[reward]["advantages"]
    assert found[reward]["status"] == "finished" and "fresh_0_0" not in found[reward]["async"]
    assert math.isnan(sum(rewards[2])) and not any(advantages[2])
    assert [row[0] for row in advantages[:2]] == pytest.approx([0.5 / DIVISOR, -0.5 / DIVISOR], abs=1e-4)
