import pytest

from trainer.demo.results import LevelGain, Refresh, Results, StepPoint
from trainer.report.reports import Estimate


@pytest.fixture
def recorded() -> Results:
    """A small result with the gaps that real ones have: a step without wrong answers, one without a focused batch."""
    steps = [
        StepPoint(
            step=step,
            reward=0.3 + 0.1 * step,
            levels={"1": 0.9, "2": 0.2 * step} if step != 2 else {"1": 1.0},
            confidence_right=0.8,
            confidence_wrong=None if step == 3 else 0.6,
            focused_reward=None if step == 2 else 0.4,
            resampled=[
                {
                    "id": "train-7", "level": "2", "confidence": 0.7, "difficulty": 0.5, "value": 0.7,
                    "groups": 4, "reason": "value rank 1 of 4",
                }
            ] if step != 2 else [],
            unscored=1 if step == 1 else 0,
            seconds=2.5,
        )
        for step in (1, 2, 3, 4)
    ]  # fmt: skip
    return Results(
        seed=3,
        steps=steps,
        levels=[
            LevelGain("all", 200, Estimate(0.4, 0.35, 0.45), Estimate(0.6, 0.55, 0.65)),
            LevelGain("1", 100, Estimate(0.9, 0.84, 0.96), Estimate(1.0, 0.97, 1.0)),
            LevelGain("code", 100, Estimate(0.0, 0.0, 0.04), Estimate(0.2, 0.13, 0.28)),
        ],
        refresh=Refresh(
            solutions=20, states=90, completions=280, unscored=2, held_out_states=20, bce_before=0.5, bce_after=0.4,
            bce_constant=0.69, checkpoint_before="aa", checkpoint_after="bb", seconds=12.0,
        ),
        events=["scorer away for 2 s"],
        seconds={"training": 10.0, "total": 30.0},
    )  # fmt: skip
