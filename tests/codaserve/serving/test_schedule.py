"""Fair between clients, whole groups first, then what is due first."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codaserve.serving.schedule import Schedule


def schedule_of(*entries: str) -> Schedule[str]:
    """A schedule of items named like `a1`: item 1 of group a."""
    schedule: Schedule[str] = Schedule()
    for entry in entries:
        schedule.add(entry, entry[0])
    return schedule


def drain(schedule: Schedule[Any]) -> list[Any]:
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


def test_clients_take_turns_however_much_one_asks_for() -> None:
    schedule: Schedule[str] = Schedule()
    for number in range(100):
        schedule.add(f"greedy {number}", f"group {number}", client="greedy")
    for number in range(3):
        schedule.add(f"modest {number}", f"group {number}", client="modest")
    first = [schedule.take() for _ in range(6)]
    assert [str(item).split()[0] for item in first] == ["greedy", "modest"] * 3


def test_who_has_most_items_running_waits() -> None:
    schedule: Schedule[str] = Schedule()
    for client in ("a", "b"):
        for number in range(3):
            schedule.add(f"{client}{number}", number, client=client)
    assert [schedule.take() for _ in range(4)] == ["a0", "b0", "a1", "b1"]
    schedule.finish("b0")
    schedule.finish("b1")
    assert schedule.take() == "b2"
    assert schedule.waiting == schedule.waiting_of("a") == 1
    assert schedule.clients_waiting == 1


def test_equal_group_names_of_two_clients_are_two_groups() -> None:
    schedule: Schedule[str] = Schedule()
    schedule.add("a1", "g", client="a")
    schedule.add("a2", "g", client="a")
    schedule.add("b1", "g", client="b")
    assert [schedule.take() for _ in range(3)] == ["a1", "b1", "a2"]


def test_what_is_due_first_goes_first_but_not_before_a_group_that_has_begun() -> None:
    schedule: Schedule[str] = Schedule()
    schedule.add("late1", "late", due=30.0)
    assert schedule.take() == "late1"
    for item, due in (("late2", 30.0), ("soon1", 10.0), ("middle1", 20.0), ("middle2", 5.0)):
        schedule.add(item, item.rstrip("12"), due=due)
    assert drain(schedule) == ["late2", "middle1", "middle2", "soon1"]


def test_groups_that_come_and_go_leave_nothing_behind() -> None:
    schedule: Schedule[int] = Schedule()
    schedule.add(-1, "stays")
    for number in range(1000):
        schedule.add(number, number, due=number)
        assert schedule.drop(number)
    (line,) = schedule._lines.values()
    assert len(line._order) == 1
    assert drain(schedule) == [-1]
    schedule.finish(-1)
    assert not schedule._lines


def offered(schedule: Schedule[Any], *begun: str) -> list[str]:
    """What is offered to one who begins some of them."""
    seen = []
    for item in schedule.offers():
        seen.append(item)
        if item in begun:
            schedule.begin(item)
    return seen


def test_of_a_group_that_was_passed_over_no_others_are_offered() -> None:
    schedule = schedule_of("a1", "a2", "b1", "b2", "c1")
    assert offered(schedule, "b1", "c1") == ["a1", "b1", "b2", "c1"]
    assert offered(schedule) == ["b2", "a1"]
    assert schedule.waiting == 3


def test_a_client_that_passes_an_item_over_keeps_its_turn() -> None:
    schedule: Schedule[str] = Schedule()
    for item in ("a1", "a2", "b1", "b2"):
        schedule.add(item, item, client=item[0])
    assert offered(schedule, "a2", "b1") == ["a1", "a2", "b1", "b2"]
    assert offered(schedule) == ["a1", "b2"]


def test_offers_may_be_dropped() -> None:
    schedule = schedule_of("a1", "a2", "b1", "c1")
    seen = []
    for item in schedule.offers():
        seen.append(item)
        if item != "c1":
            assert schedule.drop(item)
    assert seen == ["a1", "a2", "b1", "c1"]
    assert drain(schedule) == ["c1"]


def test_what_items_cost_counts_and_not_how_many_they_are() -> None:
    schedule: Schedule[str] = Schedule()
    for number in range(4):
        schedule.add(f"large{number}", number, client="large", cost=30)
        schedule.add(f"small{number}", number, client="small", cost=10)
    assert (schedule.waiting_cost_of("large"), schedule.waiting_cost_of("nobody")) == (120, 0)
    assert [schedule.take() for _ in range(5)] == ["large0", "small0", "small1", "small2", "large1"]
    assert schedule.waiting_cost_of("small") == 10
    for number in range(3):
        schedule.finish(f"small{number}")
    assert schedule.take() == "small3"


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.integers(0, 3)), max_size=20),
    st.lists(st.booleans(), min_size=20, max_size=20),
)
def test_every_group_is_offered_and_nothing_is_twice(added: list[tuple[str, str, int]], choices: list[bool]) -> None:
    schedule: Schedule[int] = Schedule()
    for number, (client, group, due) in enumerate(added):
        schedule.add(number, group, client=client, due=due)
    seen = []
    for item in schedule.offers():
        seen.append(item)
        if choices[item]:
            schedule.begin(item)
    assert len(seen) == len(set(seen))
    assert {added[item][:2] for item in seen} == {(client, group) for client, group, _ in added}
    begun = {item for item in seen if choices[item]}
    assert schedule.waiting == len(added) - len(begun)
    rest = drain(schedule)
    assert sorted([*rest, *begun]) == list(range(len(added)))
    for item in (*rest, *begun):
        schedule.finish(item)
    assert not schedule._lines
