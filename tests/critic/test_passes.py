from hypothesis import given
from hypothesis import strategies as st

from critic.encode import EncodedSequence
from critic.passes import passes
from critic.tree import plant


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=30), st.integers(1, 30))
def test_every_sequence_is_in_one_pass_within_the_budget(drawn: list[tuple[int, int]], budget: int) -> None:
    sequences = [EncodedSequence((p, p, *range(n)), (1, n + 1)) for p, n in drawn]
    planned = passes(sequences, budget)
    assert sorted(index for chosen in planned for tree in chosen for index in tree) == list(range(len(sequences)))
    for chosen in planned:
        assert len({sequences[index].tokens[0] for index in chosen[0]}) == 1
        total = sum(plant([sequences[index] for index in tree]).tokens for tree in chosen)
        assert len(chosen) == 1 or total <= budget
