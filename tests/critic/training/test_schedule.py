import pytest

from critic.training.schedule import rate_factor


def test_constant_by_hand() -> None:
    assert [rate_factor(update, 8, 0.5, "constant") for update in range(8)] == [0.25, 0.5, 0.75, 1, 1, 1, 1, 1]


def test_cosine_by_hand() -> None:
    # Two updates of warm-up; then cos(0), cos(pi / 4), cos(pi / 2), cos(3 pi / 4) as (1 + cos) / 2.
    factors = [rate_factor(update, 6, 1 / 3, "cosine") for update in range(6)]
    assert factors == pytest.approx([0.5, 1.0, 1.0, 0.853553, 0.5, 0.146447], abs=1e-6)


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
@pytest.mark.parametrize("warmup", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("updates", [1, 2, 7])
def test_never_zero_nor_above_the_peak(schedule: str, warmup: float, updates: int) -> None:
    assert all(0 < rate_factor(u, updates, warmup, schedule) <= 1 for u in range(updates))  # type: ignore[arg-type]
