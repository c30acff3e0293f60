import os

from bench.scale.cores import cores, on


def test_the_client_has_a_core_of_its_own_where_there_are_two() -> None:
    client, others = cores(3)
    assert len(others) == 3
    assert {client, *others} <= os.sched_getaffinity(0)
    assert client not in others or len(os.sched_getaffinity(0)) == 1


def test_the_core_is_left_again() -> None:
    before = os.sched_getaffinity(0)
    with on(max(before)):
        assert os.sched_getaffinity(0) == {max(before)}
    assert os.sched_getaffinity(0) == before
