"""The phases of a group."""

import pytest

from codaserve.serving.metrics import REGISTRY
from critic.times import Times


def counted(phase: str, what: str) -> float:
    return REGISTRY.get_sample_value(f"codaserve_critic_phase_seconds_{what}", {"phase": phase}) or 0.0


def test_each_phase_is_counted_once_and_all_of_them_are_the_whole_time() -> None:
    now = 100.0
    phases = ("cut", "wait", "model", "answer")
    before = {(phase, what): counted(phase, what) for phase in phases for what in ("count", "sum")}
    times = Times(lambda: now, "cut")
    for phase, seconds in (("wait", 1.0), ("model", 2.0), ("wait", 4.0), ("model", 8.0)):
        now += seconds
        times.enter(phase)
    now += 16.0
    times.tell()
    spent = {key: counted(*key) - value for key, value in before.items()}
    assert {phase: spent[phase, "sum"] for phase in phases} == pytest.approx(
        {"cut": 1.0, "wait": 2.0 + 8.0, "model": 4.0 + 16.0, "answer": 0.0}
    )
    assert {phase: spent[phase, "count"] for phase in phases} == {"cut": 1, "wait": 1, "model": 1, "answer": 0}
