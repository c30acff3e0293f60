"""Phases add up."""

import pytest

from trainer.timing import Stopwatch


def test_phases_and_the_rest_make_the_total() -> None:
    watch = Stopwatch({"generation": 5.0, "scoring": 1.0, "idle": 1.0, "total": 7.0})
    with watch.phase("generation"):
        pass
    with pytest.raises(ZeroDivisionError), watch.phase("scoring"):
        1 / 0  # noqa: B018
    timings = watch.timings()
    assert set(timings) == {"generation", "scoring", "critic", "update", "synchronisation", "idle", "total"}
    assert timings["generation"] > 5
    assert timings["scoring"] > 1
    assert timings["critic"] == 0
    assert timings["total"] == pytest.approx(sum(timings[name] for name in timings if name != "total"))
    assert timings["idle"] >= 1
