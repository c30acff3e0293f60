from codaserve.client.dialect import CRITIC, MOST_SLOW_TOGETHER, SCORER, UNKNOWN_LIMITS, Limits
from codaserve.v1 import critic_pb2, scorer_pb2


def limits_of(workers: int, seconds: float, timeout: float, queue: int = 10_000) -> Limits:
    limits = scorer_pb2.ScorerLimits(
        math_workers=workers,
        sandbox_slots=workers,
        max_queue=queue,
        default_run=scorer_pb2.RunLimits(wall_seconds=seconds),
    )
    return SCORER.limits(scorer_pb2.ScorerInfo(limits=limits), timeout)


def scorer(workers: int, seconds: float, timeout: float, queue: int = 10_000) -> int:
    read = limits_of(workers, seconds, timeout, queue)
    return read.window // read.slow_weight


def test_programs_go_together_as_long_as_every_worker_has_a_call() -> None:
    assert limits_of(1, 10, 60).slow_together == MOST_SLOW_TOGETHER
    assert limits_of(32, 10, 60).slow_together == 2
    assert limits_of(32, 10, 120).slow_together == 4
    assert limits_of(32, 10, 60, queue=16).slow_together == 0
    assert CRITIC.limits(critic_pb2.CriticInfo(limits=critic_pb2.CriticLimits(max_groups=8)), 60).slow_together == 0


def test_more_workers_or_time_take_more_at_once_and_slow_runs_less() -> None:
    assert scorer(32, 10, 60) == 2 * 32
    assert scorer(32, 10, 120) == 4 * 32
    assert scorer(32, 1, 60) == 16 * 32
    assert scorer(1, 10, 60) == 16
    assert scorer(1, 10, 60, queue=3) == 3


def test_what_is_not_published_is_guessed() -> None:
    assert SCORER.limits(scorer_pb2.ScorerInfo(), 60) == UNKNOWN_LIMITS
    assert CRITIC.limits(critic_pb2.CriticInfo(), 60) == UNKNOWN_LIMITS


def test_math_answers_share_a_window_by_what_they_may_cost() -> None:
    limits = scorer_pb2.ScorerLimits(math_workers=4, math_seconds=2, sandbox_slots=4, max_queue=1000)
    limits.default_run.wall_seconds = 10
    read = SCORER.limits(scorer_pb2.ScorerInfo(limits=limits), 60)
    assert read.window == 96
    assert read.slow_weight == 6
