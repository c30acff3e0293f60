"""Which states are in which step."""

from collections import Counter

from trainer.dapo.batches import batches


def test_each_epoch_has_every_state_once_and_steps_keep_to_the_budget() -> None:
    pairs = [2, 3, 4, 2, 5, 2, 3]
    found = batches(pairs, batch_pairs=7, epochs=2, seed=1)
    assert Counter(state for step in found for state in step) == dict.fromkeys(range(7), 2)
    assert all(sum(pairs[state] for state in step) <= 7 for step in found)
    flat = [state for step in found for state in step]
    assert sorted(flat[:7]) == list(range(7))
    assert flat[:7] != flat[7:]
    assert found == batches(pairs, batch_pairs=7, epochs=2, seed=1)
    assert found != batches(pairs, batch_pairs=7, epochs=2, seed=2)


def test_an_epoch_begins_with_a_step_of_its_own() -> None:
    assert [len(step) for step in batches([2, 2, 2], batch_pairs=4, epochs=2, seed=0)] == [2, 1, 2, 1]


def test_a_state_with_more_actions_than_the_budget_is_a_step_alone() -> None:
    found = batches([9, 2, 2], batch_pairs=4, epochs=1, seed=0)
    assert [0] in found
    assert sorted(state for step in found for state in step) == [0, 1, 2]


def test_without_states_there_are_no_steps() -> None:
    assert batches([], batch_pairs=4, epochs=3, seed=0) == []
