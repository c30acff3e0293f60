from hypothesis import given
from hypothesis import strategies as st

from critic.encode import CutText
from critic.training.data import LabelledSolution
from critic.training.split import hold_out


def solutions(prompts: list[str]) -> list[LabelledSolution]:
    return [LabelledSolution(prompt, CutText(str(n), (len(str(n)),)), (0.5, 0.5)) for n, prompt in enumerate(prompts)]


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1), st.floats(0, 0.99), st.integers(0, 5))
def test_no_prompt_is_on_both_sides_and_nothing_is_lost(prompts: list[str], share: float, seed: int) -> None:
    everything = solutions(prompts)
    train, held_out = hold_out(everything, share, seed)
    assert train
    assert not {s.prompt for s in train} & {s.prompt for s in held_out}
    assert sorted(train + held_out, key=lambda s: s.response.text) == sorted(everything, key=lambda s: s.response.text)
    assert bool(held_out) == (share > 0 and len(set(prompts)) > 1)


def test_the_split_depends_on_the_seed_and_not_on_the_order() -> None:
    everything = solutions(list("abcdefghijklmnop"))
    held = {s.prompt for s in hold_out(everything, 0.25, 1)[1]}
    assert len(held) == 4
    assert {s.prompt for s in hold_out(everything[::-1], 0.25, 1)[1]} == held
    assert {s.prompt for s in hold_out(everything, 0.25, 2)[1]} != held
