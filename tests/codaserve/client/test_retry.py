import pytest
from hypothesis import given
from hypothesis import strategies as st

from codaserve import RetryPolicy


def test_grows_to_the_longest() -> None:
    policy = RetryPolicy(initial_backoff=0.1, max_backoff=1.0, multiplier=2, jitter=0)
    assert [policy.backoff(n, lambda: 0.9) for n in range(1, 7)] == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]


@given(st.integers(1, 10**6), st.floats(0, 1, exclude_max=True), st.floats(0, 1), st.floats(1, 100))
def test_jitter_stays_within_its_share(failures: int, random: float, jitter: float, multiplier: float) -> None:
    policy = RetryPolicy(jitter=jitter, multiplier=multiplier)
    longest = RetryPolicy(jitter=0, multiplier=multiplier).backoff(failures, lambda: 0)
    assert longest * (1 - jitter) <= policy.backoff(failures, lambda: random) <= longest <= policy.max_backoff


@pytest.mark.parametrize(
    ("field", "value"),
    [("initial_backoff", 0), ("max_backoff", 0.01), ("multiplier", 0.5), ("jitter", 1.5), ("max_outage", -1)],
)
def test_refuses_nonsense(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=field):
        RetryPolicy(**{field: value})
