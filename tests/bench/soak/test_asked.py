from random import Random

from bench.soak.asked import GROUPS, Items, groups


def test_items_are_all_different_and_some_are_wrong() -> None:
    items = Items(Random(1))
    made = [make() for make in (items.waiting, items.working, items.math) for _ in range(40)]
    contents = {item.code.SerializeToString() or item.math.SerializeToString() for item, _ in made}
    assert len(contents) == len({item.id for item, _ in made}) == len(made)
    assert 60 < sum(right for _, right in made) < 115


def test_groups_are_the_same_each_time() -> None:
    assert groups(Random(2)) == groups(Random(2))
    assert len({group.prompt for group in groups(Random(2))}) == GROUPS
