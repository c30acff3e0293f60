from hypothesis import given
from hypothesis import strategies as st

from critic.plan import LOOKAHEAD, Item, PassPlanner, split

lengths = st.lists(st.integers(1, 60), max_size=40)


def items(*lengths: int, owner: str = "a", checkpoint: str = "c", first: int = 0) -> list[Item[str]]:
    return [Item(owner, first + index, length, checkpoint) for index, length in enumerate(lengths)]


@given(lengths, st.integers(1, 100))
def test_split_keeps_every_sequence_once_and_the_budget(lengths: list[int], budget: int) -> None:
    passes = split(lengths, budget)
    assert sorted(index for chosen in passes for index in chosen) == list(range(len(lengths)))
    for chosen in passes:
        assert len(chosen) == 1 or len(chosen) * max(lengths[index] for index in chosen) <= budget
        assert [lengths[index] for index in chosen] == sorted(lengths[index] for index in chosen)


def test_split_puts_like_lengths_together() -> None:
    assert split([10, 2, 9, 3], 20) == [[1, 3], [2, 0]]


def test_nothing_is_due_without_work() -> None:
    planner: PassPlanner[str] = PassPlanner(max_tokens=10, max_wait=0.5)
    assert planner.due() is None
    assert planner.take() == []


def test_the_first_to_arrive_waits_for_company_and_a_full_pass_does_not() -> None:
    planner: PassPlanner[str] = PassPlanner(max_tokens=10, max_wait=0.5)
    planner.add(items(4), now=100.0)
    planner.add(items(3, first=1), now=100.4)
    assert planner.due() == 100.5
    planner.add(items(3, first=2), now=100.45)
    assert planner.due() == float("-inf")


def test_the_longest_waiting_is_in_the_next_pass_and_takes_those_of_its_length() -> None:
    planner: PassPlanner[str] = PassPlanner(max_tokens=20, max_wait=0)
    planner.add(items(9, 2, 10, 3), now=0)
    assert [item.length for item in planner.take()] == [9, 10]
    assert [item.length for item in planner.take()] == [2, 3]
    assert planner.due() is None


def test_the_longest_waiting_is_not_starved_by_later_ones_of_another_length() -> None:
    planner: PassPlanner[str] = PassPlanner(max_tokens=20, max_wait=0)
    planner.add(items(20), now=0)
    for turn in range(1, 100):
        planner.add(items(2, 2, 2, first=10 * turn), now=turn)
    assert [item.length for item in planner.take()] == [20]


def test_company_is_looked_for_only_some_passes_deep() -> None:
    planner: PassPlanner[str] = PassPlanner(max_tokens=10, max_wait=0)
    planner.add(items(*[10] * LOOKAHEAD, 1), now=0)
    taken = [planner.take()[0].length for _ in range(LOOKAHEAD)]
    assert taken == [10] * LOOKAHEAD


def test_checkpoints_do_not_share_a_pass() -> None:
    planner: PassPlanner[str] = PassPlanner(max_tokens=100, max_wait=0)
    planner.add(items(5), now=0)
    planner.add(items(5, owner="b", checkpoint="d"), now=0)
    planner.add(items(5, owner="e"), now=0)
    assert [item.owner for item in planner.take()] == ["a"]
    assert [item.owner for item in planner.take()] == ["b"]


def test_dropped_sequences_do_not_run() -> None:
    planner: PassPlanner[str] = PassPlanner(max_tokens=100, max_wait=0)
    mine, theirs = items(5, 6), items(7, owner="b")
    planner.add([*mine, *theirs], now=0)
    planner.drop(mine)
    planner.drop(mine)
    assert planner.take() == theirs
    assert planner.due() is None


@given(st.lists(st.lists(st.integers(1, 30), min_size=1, max_size=5), max_size=12), st.integers(1, 50))
def test_every_sequence_runs_exactly_once(jobs: list[list[int]], budget: int) -> None:
    planner: PassPlanner[str] = PassPlanner(max_tokens=budget, max_wait=0)
    for number, job in enumerate(jobs):
        planner.add(items(*job, owner=str(number)), now=number)
    taken: list[Item[str]] = []
    while planner.due() is not None:
        taken += planner.take()
    expected = {(str(n), index) for n, job in enumerate(jobs) for index in range(len(job))}
    assert len(taken) == len(expected)
    assert {(item.owner, item.index) for item in taken} == expected
    planner.add(items(*[1] * (budget - 1), owner="last"), now=0)
    assert planner.due() in (None, 0)  # not at once: what has run does not count any more
