from hypothesis import given
from hypothesis import strategies as st

from critic.plan import Item, PassPlanner


def items(owner: str, *sizes: int, checkpoint: str = "c") -> list[Item[str]]:
    return [Item(owner, index, size, checkpoint) for index, size in enumerate(sizes)]


def planner_of(budget: int, **owners: tuple[int, ...]) -> PassPlanner[str]:
    """Owners who come one after the other, each a client named by the letters that it begins with."""
    planner: PassPlanner[str] = PassPlanner(budget, 0.5)
    for number, (owner, sizes) in enumerate(owners.items()):
        planner.add(owner, items(owner, *sizes), now=number, client=owner.rstrip("0123456789"))
    return planner


def names(taken: list[Item[str]]) -> list[tuple[str, int]]:
    return [(item.owner, item.index) for item in taken]


def taken(planner: PassPlanner[str]) -> list[tuple[str, int]]:
    chosen = planner.take()
    assert chosen.given_up == []
    return names(chosen.items)


def test_nothing_is_due_without_work() -> None:
    planner = planner_of(10)
    assert planner.due() is None
    assert taken(planner) == []
    planner.add("a", [], now=0)
    assert planner.due() is None


def test_the_first_to_arrive_waits_for_company_and_a_full_pass_does_not() -> None:
    planner = planner_of(10)
    planner.add("a", items("a", 4), now=100.0)
    planner.add("b", items("b", 3), now=100.4)
    assert planner.due() == 100.5
    planner.add("c", items("c", 3), now=100.45)
    assert planner.due() == float("-inf")
    planner.drop("a")
    assert planner.due() == 100.9


def test_a_client_with_one_group_is_in_the_next_pass_however_many_another_has() -> None:
    planner = planner_of(10, **{f"greedy{number}": (3,) for number in range(100)}, modest=(3,))
    assert taken(planner) == [("greedy0", 0), ("modest", 0), ("greedy1", 0)]
    assert taken(planner) == [("greedy2", 0), ("greedy3", 0), ("greedy4", 0)]


def test_clients_share_a_pass_by_its_tokens() -> None:
    planner = planner_of(60, large1=(20,), large2=(20,), small=(5,) * 9)
    assert taken(planner) == [("large1", 0), *(("small", n) for n in range(4)), ("large2", 0)]
    assert taken(planner) == [("small", n) for n in range(4, 9)]


def test_a_client_whose_tree_did_not_fit_is_first_in_the_next_pass() -> None:
    planner = planner_of(10, small=(4, 4, 4, 4), large=(10,))
    assert taken(planner) == [("small", 0), ("small", 1)]
    assert taken(planner) == [("large", 0)]
    assert taken(planner) == [("small", 2), ("small", 3)]


def test_more_clients_than_a_pass_has_room_for_take_turns() -> None:
    planner = planner_of(10, a=(5,) * 4, b=(5,) * 4, c=(5,) * 4)
    passes = [taken(planner) for _ in range(6)]
    assert [[owner for owner, _ in chosen] for chosen in passes] == [["a", "b"], ["c", "a"], ["b", "c"]] * 2


def test_of_one_client_a_group_that_has_begun_goes_on_before_others() -> None:
    planner = planner_of(10, a1=(5, 5, 5), a2=(5,), b=(5,))
    assert taken(planner) == [("a1", 0), ("b", 0)]
    planner.add("a0", items("a0", 5), now=9, client="a", due=1.0)
    assert taken(planner) == [("a1", 1), ("a1", 2)]
    assert taken(planner) == [("a0", 0), ("a2", 0)]


def test_of_one_client_what_is_due_first_goes_first() -> None:
    planner = planner_of(10)
    for owner, due in (("late", 30.0), ("soon", 10.0), ("middle", 20.0), ("middle too", 20.0)):
        planner.add(owner, items(owner, 5), now=0, due=due)
    assert taken(planner) == [("soon", 0), ("middle", 0)]
    assert taken(planner) == [("middle too", 0), ("late", 0)]


def test_smaller_trees_use_the_room_that_a_large_one_does_not_fit() -> None:
    planner = planner_of(10, a1=(6,), a2=(6,), a3=(3,), a4=(2,))
    assert taken(planner) == [("a1", 0), ("a3", 0)]
    assert taken(planner) == [("a2", 0), ("a4", 0)]


def test_a_tree_beyond_the_budget_runs_alone() -> None:
    planner = planner_of(10, huge=(50,), small=(1,))
    assert taken(planner) == [("huge", 0)]
    assert taken(planner) == [("small", 0)]


def test_checkpoints_do_not_share_a_pass() -> None:
    planner = planner_of(100)
    for owner, checkpoint in (("a", "c"), ("b", "d"), ("e", "c")):
        planner.add(owner, items(owner, 5, checkpoint=checkpoint), now=0)
    assert taken(planner) == [("a", 0), ("e", 0)]
    assert taken(planner) == [("b", 0)]


def test_dropped_owners_do_not_run() -> None:
    planner = planner_of(100, mine=(5, 6), theirs=(7,))
    planner.drop("mine")
    planner.drop("mine")
    assert taken(planner) == [("theirs", 0)]
    assert planner.due() is None


def test_what_is_too_late_makes_room_for_others() -> None:
    planner = planner_of(10, late=(5, 5), b=(5,), c=(5,))
    asked: list[tuple[str, int]] = []

    def too_late(owner: str, tokens: int) -> bool:
        asked.append((owner, tokens))
        return owner == "late"

    chosen = planner.take(too_late)
    assert (names(chosen.items), chosen.given_up) == ([("b", 0), ("c", 0)], ["late"])
    assert asked[0] == ("late", 10)
    assert planner.due() is None


def test_what_is_too_late_is_tried_when_nobody_else_waits() -> None:
    planner = planner_of(10, a=(5, 6), b=(5,))
    chosen = planner.take(lambda owner, tokens: True)
    assert (names(chosen.items), chosen.given_up) == ([("b", 0)], ["a"])
    planner.add("c", items("c", 5, 6), now=0)
    assert names(planner.take(lambda owner, tokens: True).items) == [("c", 0)]


def test_how_much_is_before_a_client() -> None:
    planner = planner_of(10, a=(5, 6), b=(70,))
    assert [planner.tokens_before(client) for client in ("a", "b", "new")] == [22, 81, 0]
    planner.drop("b")
    assert planner.tokens_before("a") == 11


sizes = st.lists(st.integers(1, 30), min_size=1, max_size=5)


@given(st.lists(st.tuples(st.sampled_from("xyz"), sizes), max_size=12), st.integers(1, 50))
def test_every_tree_runs_exactly_once_within_the_budget(jobs: list[tuple[str, list[int]]], budget: int) -> None:
    owners = {f"{client}{number}": tuple(job) for number, (client, job) in enumerate(jobs)}
    planner, again = planner_of(budget, **owners), planner_of(budget, **owners)
    ran: list[tuple[str, int]] = []
    ahead: dict[str, int] = {}
    while planner.due() is not None:
        waiting = sorted({owner[0] for owner in planner._waiting})
        chosen = planner.take().items
        assert names(chosen) == taken(again)
        assert len(chosen) == 1 or sum(item.tokens for item in chosen) <= budget
        served = {item.owner[0] for item in chosen}
        for client in waiting:  # nobody is passed over more often than there are others
            ahead[client] = 0 if client in served else ahead.get(client, 0) + 1
            assert ahead[client] < 3
        ran += names(chosen)
    assert sorted(ran) == sorted((owner, index) for owner, job in owners.items() for index in range(len(job)))
    planner.add("last", items("last", *[1] * (budget - 1)), now=0)
    assert planner.due() in (None, 0.5)  # not at once: what has run does not count any more
    assert not planner._schedule._lines or budget > 1
