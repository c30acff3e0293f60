"""Chance from one seed, resumable anywhere."""

import json
import random

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from trainer.chance import capture, derive, question_order, restore, seed_everything, take


@given(st.integers(0, 100), st.integers(1, 7), st.integers(0, 40), st.integers(1, 20))
def test_taking_goes_on_where_it_stopped(seed: int, count: int, consumed: int, amount: int) -> None:
    whole = take(seed, 0, consumed + amount, count)
    assert take(seed, consumed, amount, count) == whole[consumed:]


@given(st.integers(0, 100), st.integers(1, 20))
def test_every_epoch_has_every_question_once(seed: int, count: int) -> None:
    taken = take(seed, 0, 3 * count, count)
    for epoch in range(3):
        assert sorted(taken[epoch * count : (epoch + 1) * count]) == list(range(count))


def test_epochs_and_seeds_have_orders_of_their_own() -> None:
    orders = {tuple(question_order(seed, epoch, 20)) for seed in range(2) for epoch in range(2)}
    assert len(orders) == 4


def test_derived_seeds_differ_by_every_part_and_suit_torch() -> None:
    seeds = {derive(0, "a", 1), derive(0, "a", 2), derive(0, "b", 1), derive(1, "a", 1)}
    assert len(seeds) == 4
    for seed in seeds:
        torch.Generator().manual_seed(seed)


def draw() -> list[float]:
    return [
        random.random(),
        float(np.random.rand()),
        float(np.random.randn()),
        float(torch.rand(1)),
        random.gauss(0, 1),
    ]


def test_captured_states_survive_json_and_bring_back_the_same_numbers() -> None:
    seed_everything(3)
    draw()  # leaves a cached gaussian in both generators that have one
    states = json.loads(json.dumps(capture()))
    expected = draw()
    draw()
    restore(states)
    assert draw() == expected


def test_trap_an_uneven_batch_is_filled_from_the_next_epoch_and_never_with_copies() -> None:
    # 5 questions in batches of 3: the second batch has the last two of the first epoch and one of the next.
    second = take(0, 3, 3, 5)
    assert second[:2] == question_order(0, 0, 5)[3:]
    assert second[2] == question_order(0, 1, 5)[0]
