import pytest
from hypothesis import given
from hypothesis import strategies as st

from codaserve.serving.admission import LONGEST_HINT_MS, SHORTEST_HINT_MS, UNKNOWN_HINT_MS, WANTING_SECONDS, Admission


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_takes_all_of_a_batch_or_none() -> None:
    admission = Admission(10)
    assert admission.try_admit(7)
    assert not admission.try_admit(4)
    assert admission.depth == 7
    assert admission.try_admit(3)
    admission.release(10)
    assert admission.depth == 0
    assert not admission.try_admit(11)


def test_refuses_nonsense() -> None:
    with pytest.raises(ValueError, match="size"):
        Admission(0)
    admission = Admission(2)
    with pytest.raises(ValueError, match="release"):
        admission.release(1)
    with pytest.raises(ValueError, match="admit"):
        admission.try_admit(-1)


def test_hint_follows_the_rate_of_completion() -> None:
    clock = Clock()
    admission = Admission(100, clock=clock)
    assert admission.try_admit(100)
    assert admission.retry_after_ms() == UNKNOWN_HINT_MS
    for _ in range(21):  # 10 a second
        clock.now += 0.1
        admission.release(1)
        admission.try_admit(1)
    assert admission.retry_after_ms(1) == pytest.approx(100, abs=10)
    assert admission.retry_after_ms(20) == pytest.approx(2000, abs=100)
    assert admission.retry_after_ms(10**6) == LONGEST_HINT_MS


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20), st.floats(0, 5)), max_size=60))
def test_never_over_the_bound_and_hint_always_sane(steps: list[tuple[bool, int, float]]) -> None:
    clock = Clock()
    admission = Admission(16, clock=clock)
    inside = 0
    for admit, n, pause in steps:
        clock.now += pause
        if admit:
            fits = inside + n <= 16
            assert admission.try_admit(n) == fits
            inside += n if fits else 0
        else:
            n = min(n, inside)
            admission.release(n)
            inside -= n
        assert admission.depth == inside <= 16
        assert SHORTEST_HINT_MS <= admission.retry_after_ms(n) <= LONGEST_HINT_MS


def test_what_is_withdrawn_says_nothing_of_the_rate() -> None:
    clock = Clock()
    admission = Admission(4, clock=clock)
    admission.try_admit(4)
    for _ in range(3):
        admission.withdraw(1)
    assert admission.depth == 1
    assert admission.retry_after_ms() == UNKNOWN_HINT_MS


def test_one_client_alone_may_fill_the_queue() -> None:
    admission = Admission(8)
    assert admission.try_admit(8, "a")


def test_there_is_room_for_a_second_client_soon_and_then_always() -> None:
    admission = Admission(8)
    assert admission.try_admit(8, "a")
    assert not admission.try_admit(1, "b")  # it is full; but b is known from now on
    admission.release(4, "a")
    assert admission.try_admit(2, "a")
    assert not admission.try_admit(1, "a")  # more than its half, and three quarters are taken
    assert admission.try_admit(2, "b")
    admission.release(6, "a")
    assert admission.try_admit(2, "b")
    assert not admission.try_admit(3, "b")  # a was refused just now and will come back


def test_who_was_refused_long_ago_wants_nothing_any_more() -> None:
    clock = Clock()
    admission = Admission(8, clock=clock)
    assert admission.try_admit(8, "a")
    assert not admission.try_admit(1, "b")
    admission.release(1, "a")
    assert not admission.try_admit(1, "a")
    clock.now += WANTING_SECONDS + 1
    assert admission.try_admit(1, "a")


def test_a_batch_larger_than_a_share_is_taken_when_nothing_of_its_client_is_inside() -> None:
    admission = Admission(8)
    assert admission.try_admit(1, "b")
    assert admission.try_admit(7, "a")
    with pytest.raises(ValueError, match="cannot release 2 items of 1"):
        admission.release(2, "b")
