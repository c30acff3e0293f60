from hypothesis import given
from hypothesis import strategies as st

from critic.plan import Item, PassPlanner


def items(owner: str, *sizes: int, checkpoint: str = "c") -> list[Item[str]]:
    return [Item(owner, index, size, checkpoint) for index, size in enumerate(sizes)]


def planner_of(budget: int, **owners: tuple[int, ...]) -> PassPlanner[str]:
    planner: PassPlanner[str] = PassPlanner(budget, 0.5)
    for number, (owner, sizes) in enumerate(owners.items()):
        planner.add(owner, items(owner, *sizes), now=number)
    return planner


def names(taken: list[Item[str]]) -> list[tuple[str, int]]:
    return [(item.owner, item.index) for item in taken]


def test_nothing_is_due_without_work() -> None:
    planner = planner_of(10)
    assert planner.due() is None
    assert planner.take() == []
    planner.add("a", [], now=0)
    assert planner.due() is None


def test_the_first_to_arrive_waits_for_company_and_a_full_pass_does_not() -> None:
    planner = planner_of(10)
    planner.add("a", items("a", 4), now=100.0)
    planner.add("b", items("b", 3), now=100.4)
    assert planner.due() == 100.5
    planner.add("c", items("c", 3), now=100.45)
    assert planner.due() == float("-inf")


def test_a_small_request_does_not_wait_for_the_whole_of_a_large_one() -> None:
    planner = planner_of(10, large=(5,) * 20, small=(5,))
    assert names(planner.take()) == [("large", 0), ("small", 0)]
    assert names(planner.take()) == [("large", 1), ("large", 2)]


def test_large_trees_are_not_starved_by_small_ones() -> None:
    planner = planner_of(10, small=(4, 4, 4, 4), large=(10,))
    assert names(planner.take()) == [("small", 0), ("small", 1)]
    assert names(planner.take()) == [("large", 0)]
    assert names(planner.take()) == [("small", 2), ("small", 3)]


def test_a_tree_beyond_the_budget_runs_alone() -> None:
    planner = planner_of(10, huge=(50,), small=(1,))
    assert names(planner.take()) == [("huge", 0)]
    assert names(planner.take()) == [("small", 0)]


def test_checkpoints_do_not_share_a_pass() -> None:
    planner = planner_of(100)
    for owner, checkpoint in (("a", "c"), ("b", "d"), ("e", "c")):
        planner.add(owner, items(owner, 5, checkpoint=checkpoint), now=0)
    assert names(planner.take()) == [("a", 0), ("e", 0)]
    assert names(planner.take()) == [("b", 0)]


def test_dropped_owners_do_not_run() -> None:
    planner = planner_of(100, mine=(5, 6), theirs=(7,))
    planner.drop("mine")
    planner.drop("mine")
    assert names(planner.take()) == [("theirs", 0)]
    assert planner.due() is None


@given(st.lists(st.lists(st.integers(1, 30), min_size=1, max_size=5), max_size=12), st.integers(1, 50))
def test_every_tree_runs_exactly_once_within_the_budget(jobs: list[list[int]], budget: int) -> None:
    planner = planner_of(budget, **{str(number): tuple(job) for number, job in enumerate(jobs)})
    taken: list[Item[str]] = []
    while planner.due() is not None:
        first = next(iter(planner._line))
        chosen = planner.take()
        assert chosen[0].owner == first
        assert len(chosen) == 1 or sum(item.tokens for item in chosen) <= budget
        taken += chosen
    assert sorted(names(taken)) == sorted((str(n), index) for n, job in enumerate(jobs) for index in range(len(job)))
    planner.add("last", items("last", *[1] * (budget - 1)), now=0)
    assert planner.due() in (None, 0.5)  # not at once: what has run does not count any more
