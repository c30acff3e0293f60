"""Room for items and their bytes."""

import pytest

from codaserve.serving.refusal import Refused, Why
from scorer.room import Room


def test_whichever_bound_is_reached_is_named_and_nothing_is_taken() -> None:
    room = Room(3, 100)
    assert room.take([10, 20], "a") == [10, 20]
    for sizes, setting in (([1, 1], "queue.size"), ([71], "queue.bytes")):
        with pytest.raises(Refused, match=rf"\({setting}\); come back in") as caught:
            room.take(sizes, "a")
        assert caught.value.why is Why.EXHAUSTED
        assert (caught.value.retry_after_ms or 0) > 0
        assert (room.items.depth, room.bytes.depth) == (2, 30)
    assert room.take([70], "a") == [70]
    assert room.fullness == 1


def test_all_that_was_taken_comes_back() -> None:
    room = Room(4, 100)
    for claim in room.take([10, 0, 20], "a"):
        room.give_back(claim, "a")
    room.withdraw(room.take([30, 40], "b"), "b")
    assert (room.items.depth, room.bytes.depth, room.fullness) == (0, 0, 0)


def test_what_is_larger_than_the_room_is_taken_alone() -> None:
    room = Room(10, 100)
    room.take([1], "a")
    with pytest.raises(Refused, match=r"queue\.bytes"):
        room.take([300, 200], "b")
    room.give_back(1, "a")
    claims = room.take([300, 200], "b")
    assert claims == [60, 40]
    with pytest.raises(Refused, match=r"queue\.bytes"):
        room.take([1], "a")
    for claim in claims:
        room.give_back(claim, "b")
    assert room.bytes.depth == 0
