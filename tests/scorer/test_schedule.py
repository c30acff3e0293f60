"""Whole groups first, FIFO otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.schedule import Schedule


def schedule_of(*entries: str) -> Schedule[str]:
    """A schedule of items named like `a1`: item 1 of group a."""
    schedule: Schedule[str] = Schedule()
    for entry in entries:
        schedule.add(entry, entry[0])
    return schedule


def drain(schedule: Schedule[str]) -> list[str]:
    taken = []
    while (item := schedule.take()) is not None:
        taken.append(item)
    return taken


def test_a_group_that_has_begun_goes_before_groups_that_came_earlier() -> None:
    schedule = schedule_of("a1", "b1", "a2", "c1", "b2")
    assert drain(schedule) == ["a1", "a2", "b1", "b2", "c1"]


def test_late_items_of_a_running_group_go_first() -> None:
    schedule = schedule_of("a1", "b1")
    assert schedule.take() == "a1"
    schedule.add("a2", "a")
    assert schedule.take() == "a2"


def test_a_finished_group_has_no_precedence() -> None:
    schedule = schedule_of("a1", "b1")
    assert schedule.take() == "a1"
    schedule.finish("a1")
    schedule.add("a2", "a")
    assert drain(schedule) == ["b1", "a2"]


def test_groups_that_have_begun_go_in_the_order_of_beginning() -> None:
    schedule = schedule_of("a1", "b1")
    assert [schedule.take(), schedule.take()] == ["a1", "b1"]
    schedule.add("b2", "b")
    schedule.add("a2", "a")
    assert drain(schedule)[0] in ("a2", "b2")


def test_dropped_items_are_not_taken() -> None:
    schedule = schedule_of("a1", "a2", "b1")
    assert schedule.drop("a1")
    assert not schedule.drop("a1")
    assert drain(schedule) == ["a2", "b1"]
    assert not schedule.drop("a2")


def test_an_item_is_scheduled_once() -> None:
    schedule = schedule_of("a1")
    with pytest.raises(ValueError, match="already"):
        schedule.add("a1", "b")


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["add", "take", "finish", "drop"])), max_size=60))
def test_every_item_comes_out_once_or_is_dropped(steps: list[tuple[str, str]]) -> None:
    schedule: Schedule[int] = Schedule()
    waiting: dict[int, str] = {}
    running: dict[int, str] = {}
    for number, (group, step) in enumerate(steps):
        if step == "add":
            schedule.add(number, group)
            waiting[number] = group
        elif step == "take":
            item = schedule.take()
            assert (item is None) == (not waiting)
            if item is not None:
                begun = set(running.values())
                if begun & set(waiting.values()):
                    assert waiting[item] in begun
                running[item] = waiting.pop(item)
        elif step == "finish" and running:
            item = next(iter(running))
            schedule.finish(item)
            del running[item]
        elif step == "drop" and waiting:
            item = next(iter(waiting))
            assert schedule.drop(item)
            del waiting[item]
    while (item := schedule.take()) is not None:
        del waiting[item]
        schedule.finish(item)
    assert not waiting
