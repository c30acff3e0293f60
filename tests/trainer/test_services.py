"""Services by address and of our own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codaserve.embedded import EmbeddedServiceError
from codaserve.v1 import critic_pb2
from codaserve.v1 import scorer_pb2 as pb
from trainer.errors import ServiceEndedError
from trainer.services import _patience, connect
from trainer.settings import TrainerSettings


def connected(settings: TrainerSettings, folder: Path, on_event: Callable[[str], None]) -> Any:
    return connect(settings.scorer, settings.critic if settings.uses_critic else None, folder, on_event)


def items(count: int) -> list[pb.ScoreItem]:
    return [
        pb.ScoreItem(id=f"i{index}", math=pb.MathTask(gold=["1"], response="ab"[index % 2])) for index in range(count)
    ]


def test_given_addresses_are_used_and_answers_come_in_order(configure: Any, tmp_path: Path) -> None:
    with connected(configure(), tmp_path, lambda text: None) as services:
        results = services.score(items(50))
        assert [result.id for result in results] == [f"i{index}" for index in range(50)]
        assert [result.verdict.correct for result in results] == [False, True] * 25
        groups = [critic_pb2.StateGroup(id=f"g{index}", prompt="p") for index in range(5)]
        assert [evaluation.id for evaluation in services.evaluate(groups)] == ["g0", "g1", "g2", "g3", "g4"]
        assert services.watches["scorer"].service is None


@pytest.mark.parametrize(
    "changes", [{"objective__lambda_": 0.0}, {"critic__enabled": False}, {"objective__kind": "grpo"}]
)
def test_a_critic_that_is_not_needed_is_not_connected(configure: Any, tmp_path: Path, changes: dict[str, Any]) -> None:
    with connected(configure(**changes), tmp_path, lambda text: None) as services:
        assert services.critic is None


def test_without_addresses_a_scorer_is_started_and_stopped(configure: Any, tmp_path: Path) -> None:
    settings = configure(scorer__addresses=[], objective__lambda_=0.0)
    with connected(settings, tmp_path, lambda text: None) as services:
        service = services.watches["scorer"].service
        assert service is not None
        assert service.alive
        task = pb.MathTask(gold=["42"], response="so it is \\boxed{42}")
        (result,) = services.score([pb.ScoreItem(id="a", math=task)])
        assert result.verdict.correct
    assert not service.alive
    assert "listening" in (tmp_path / "scorer.log").read_text()


def test_a_service_that_does_not_start_is_an_error_with_its_log(configure: Any, tmp_path: Path) -> None:
    settings = configure(scorer__addresses=[], scorer__arguments=["--no_such_key", "1"])
    with (
        pytest.raises(EmbeddedServiceError, match=r"scorer: ended with status 2(?s:.*)no[_-]such[_-]key"),
        connected(settings, tmp_path, lambda text: None),
    ):
        pass


def test_what_was_sent_again_is_counted_for_each_service(configure: Any, scorer_server: Any, tmp_path: Path) -> None:
    settings = configure()
    rewards = {"there": ["127.0.0.1:1", scorer_server.address]}
    with connect(settings.scorer, settings.critic, tmp_path, lambda text: None, rewards) as services:
        assert services.retries() == {"scorer": 0, "critic": 0, "scorer of there": 0}
        for _ in range(3):
            services.score_reward("there", items(4))
        assert services.retries()["scorer of there"] > 0
        assert services.retries()["scorer"] == 0


def test_why_something_has_no_answer_is_said_once(
    configure: Any, scorer_server: Any, scorer: Any, tmp_path: Path
) -> None:
    """A scorer's address in place of a critic's would else only be seen as a code."""
    failure = pb.Failure(code=pb.FAILURE_INVALID_TASK, message="math.gold: has\nno entry")
    scorer.fail = lambda item, number: pb.ScoreResult(failure=failure)
    events: list[str] = []
    with connected(configure(critic__addresses=[scorer_server.address]), tmp_path, events.append) as services:
        services.score(items(3))
        services.evaluate([critic_pb2.StateGroup(id=f"g{index}", prompt="p") for index in range(2)])
    assert events[0] == "scorer: FAILURE_INVALID_TASK, the first: math.gold: has no entry"
    assert events[1].startswith("critic: CRITIC_FAILURE_INTERNAL, the first: ")
    assert "is not a codaserve.v1.Critic" in events[1]
    assert len(events) == 2


def test_our_own_scorer_that_ended_is_not_waited_for(configure: Any, tmp_path: Path) -> None:
    settings = configure(scorer__addresses=[], scorer__max_outage=300.0, objective__lambda_=0.0)
    with connected(settings, tmp_path, lambda text: None) as services:
        service = services.watches["scorer"].service
        assert service is not None
        service.process.kill()
        with pytest.raises(ServiceEndedError, match=r"scorer that was started .* status -9, 3 items have no answer"):
            services.score(items(3))


@pytest.mark.parametrize(("max_outage", "longest"), [(0.0, 0.1), (0.05, 0.05), (1.0, 1.0), (300.0, 5.0)])
def test_no_try_is_waited_for_longer_than_an_outage(configure: Any, max_outage: float, longest: float) -> None:
    policy = _patience(max_outage)
    assert (policy.max_backoff, policy.max_outage) == (longest, max_outage)
