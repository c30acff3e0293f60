from hypothesis import given
from hypothesis import strategies as st

from critic.encode import EncodedSequence
from critic.tree import Tree, common_beginning, grow, plant

tokens = st.lists(st.integers(0, 2), min_size=1, max_size=12).map(tuple)


def sequence(*tokens: int) -> EncodedSequence:
    return EncodedSequence(tokens, (len(tokens) - 1,))


@given(st.lists(tokens, min_size=1, max_size=6))
def test_the_common_beginning_is_common_and_longest(texts: list[tuple[int, ...]]) -> None:
    length = common_beginning([sequence(*text) for text in texts])
    assert len({text[:length] for text in texts}) == 1
    assert any(len(text) == length for text in texts) or len({text[: length + 1] for text in texts}) > 1


@given(tokens, st.lists(tokens, min_size=1, max_size=8), st.integers(1, 40))
def test_every_sequence_is_in_one_tree_within_the_budget(
    prompt: tuple[int, ...], rests: list[tuple[int, ...]], budget: int
) -> None:
    sequences = [sequence(*prompt, *rest) for rest in rests]
    trees = grow(sequences, budget)
    assert [index for tree in trees for index in tree] == list(range(len(sequences)))
    bound = max(budget, 4 * common_beginning(sequences))
    for tree in trees:
        assert len(tree) == 1 or plant([sequences[index] for index in tree]).tokens <= bound


def test_a_common_beginning_is_counted_once() -> None:
    assert plant([sequence(1, 2, 3, 4), sequence(1, 2, 5), sequence(1, 2)]) == Tree(
        (sequence(1, 2, 3, 4), sequence(1, 2, 5), sequence(1, 2)), 2
    )
    assert plant([sequence(1, 2, 3, 4), sequence(1, 2, 5), sequence(1, 2)]).tokens == 5
    assert plant([sequence(1, 2, 3)]).tokens == 3


def test_a_long_beginning_is_shared_even_where_a_pass_is_small() -> None:
    long = [sequence(*range(20), rest) for rest in range(30, 40)]
    assert grow(long, 10) == [list(range(10))]
