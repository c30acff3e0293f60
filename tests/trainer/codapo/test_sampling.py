"""CoDaSampling: exact top-K and the traps listed for its reference code."""

from hypothesis import given
from hypothesis import strategies as st

from trainer.codapo.sampling import Candidate, Plan, plan_focus


def batch(*values: float | None) -> list[Candidate]:
    return [Candidate(f"q{index}", value) for index, value in enumerate(values)]


def focus(candidates: list[Candidate], *, top_k: int = 2, groups: int = 8, seed: int = 0) -> Plan:
    return plan_focus(candidates, top_k=top_k, groups=groups, seed=seed)


def test_the_questions_of_highest_value_share_the_groups() -> None:
    # B = 8 groups, K = 2: questions 3 (0.9) and 1 (0.5) get m = 4 each.
    plan = focus(batch(0.1, 0.5, 0.2, 0.9))
    assert plan.slots == [3, 1, 3, 1, 3, 1, 3, 1]
    assert plan.counts == [0, 4, 0, 4]
    assert plan.reasons[3] == "value 0.9 is number 1 of 4 above 0"
    assert plan.reasons[0] == "value 0.1 is number 4 of 4 above 0, not among the first 2"


def test_trap_ties_select_exactly_k() -> None:
    # A quantile with >= would take all four.
    plan = focus(batch(0.5, 0.5, 0.5, 0.5))
    assert sorted(plan.counts) == [0, 0, 4, 4]


def test_trap_a_tie_never_drops_the_best() -> None:
    assert focus(batch(0.5, 0.5, 0.6, 0.5)).counts[2] == 4


def test_ties_are_broken_by_the_seed() -> None:
    chosen = {tuple(focus(batch(*[0.5] * 6), seed=seed).counts) for seed in range(20)}
    assert len(chosen) > 1
    assert focus(batch(*[0.5] * 6), seed=7) == focus(batch(*[0.5] * 6), seed=7)


def test_trap_value_0_is_never_resampled_and_its_slots_go_round_robin() -> None:
    # K = 4 of 5, but three are all right or all wrong: the two others take the 7 groups, 4 and 3.
    plan = focus(batch(0.0, 0.3, 0.0, 0.2, 0.0), top_k=4, groups=7)
    assert plan.counts == [0, 4, 0, 3, 0]
    assert plan.reasons[0] == "value 0: all responses are right, or all are wrong"


def test_trap_nothing_is_resampled_when_every_value_is_0() -> None:
    plan = focus(batch(0.0, 0.0, None))
    assert plan.slots == []
    assert plan.counts == [0, 0, 0]


def test_trap_an_unscored_group_is_never_chosen() -> None:
    plan = focus(batch(None, 0.01, None), top_k=3, groups=3)
    assert plan.counts == [0, 3, 0]
    assert plan.reasons[0] == "fewer than two responses were scored"


def test_fewer_groups_than_k_go_to_the_best() -> None:
    plan = focus(batch(0.1, 0.2, 0.3), top_k=3, groups=2)
    assert plan.counts == [0, 1, 1]
    assert plan.reasons[0] == "value 0.1 is number 3 of 3 above 0, but there are fewer groups"


values = st.lists(st.one_of(st.none(), st.sampled_from([0.0, 0.25, 0.5, 1.0])), min_size=1, max_size=24)


@given(values, st.integers(1, 8), st.integers(1, 32), st.integers(0, 5))
def test_exactly_k_questions_share_exactly_all_groups(
    given_values: list[float | None], top_k: int, groups: int, seed: int
) -> None:
    plan = focus(batch(*given_values), top_k=top_k, groups=groups, seed=seed)
    positive = sum(1 for value in given_values if value)
    chosen = [count for count in plan.counts if count]
    assert len(chosen) == min(top_k, positive, groups)
    assert sum(plan.counts) == (groups if positive else 0)
    assert not chosen or max(chosen) - min(chosen) <= 1
    left = [value for value, count in zip(given_values, plan.counts, strict=True) if value and not count]
    taken = [value for value, count in zip(given_values, plan.counts, strict=True) if value and count]
    assert not left or not taken or max(left) <= min(taken)


@given(values, st.randoms(use_true_random=False))
def test_the_order_of_the_batch_does_not_matter(given_values: list[float | None], random: object) -> None:
    candidates = batch(*given_values)
    shuffled = list(candidates)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = focus(candidates, top_k=3), focus(shuffled, top_k=3)
    assert {c.id: n for c, n in zip(candidates, first.counts, strict=True)} == {
        c.id: n for c, n in zip(shuffled, second.counts, strict=True)
    }


def test_a_value_that_is_no_number_is_never_chosen() -> None:
    assert focus(batch(float("nan"), 0.1)).counts == [0, 8]


def test_a_question_that_is_in_the_batch_twice_is_one_of_the_k() -> None:
    plan = focus([Candidate("a", 0.5), Candidate("b", 0.3), Candidate("a", 0.9)], groups=4)
    assert plan.counts == [0, 2, 2]
    assert plan.slots == [2, 1, 2, 1]
    assert plan.reasons[0] == "the same question has a place in the batch with a value as high or higher"
    assert plan.reasons[2] == "value 0.9 is number 1 of 2 above 0"
