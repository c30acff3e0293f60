from hypothesis import given
from hypothesis import strategies as st

from critic.encode import EncodedSequence
from critic.engine.vllm.shared import boundaries, requests
from critic.tree import plant

BLOCK = 2


def logit(tokens: tuple[int, ...]) -> float:
    """A number that a beginning has for itself."""
    return float(hash(tokens))


@st.composite
def trees(draw: st.DrawFn) -> list[EncodedSequence]:
    beginning = tuple(draw(st.lists(st.integers(0, 2), min_size=1, max_size=6)))
    sequences = []
    for _ in range(draw(st.integers(1, 5))):
        tokens = beginning + tuple(draw(st.lists(st.integers(0, 1), max_size=6)))
        places = draw(st.sets(st.integers(0, len(tokens) - 1), min_size=1))
        sequences.append(EncodedSequence(tokens, tuple(sorted(places))))
    return sequences


@given(trees())
def test_values_are_read_where_they_were_computed(sequences: list[EncodedSequence]) -> None:
    tree = plant(sequences)
    computed: set[tuple[int, ...]] = set()
    rows = []
    for tokens, _, takes in requests([tree], 0, prefix_caching=True):
        whole = tuple(tokens)
        skipped = 0
        # As vLLM does: whole blocks that are there are taken, and the last token is always computed.
        while takes and skipped + BLOCK < len(whole) and whole[: skipped + BLOCK] in computed:
            skipped += BLOCK
        rows.append([logit(whole[: place + 1]) for place in range(skipped, len(whole))])
        computed |= {whole[:end] for end in range(1, len(whole) + 1)}
    wanted = [[logit(s.tokens[: place + 1]) for place in s.boundaries] for s in tree.sequences]
    assert boundaries(tree, rows) == wanted


def test_only_sequences_of_one_tree_of_one_pass_share() -> None:
    pair = plant([EncodedSequence((1, 2, 3), (2,)), EncodedSequence((1, 2, 4), (2,))])
    single = plant([EncodedSequence((1, 2, 5), (2,))])
    asked = requests([pair, single], 7, prefix_caching=True)
    assert [takes for _, _, takes in asked] == [False, True, False]
    assert len({name for _, name, _ in asked}) == 2
    assert not {name for _, name, _ in asked} & {name for _, name, _ in requests([pair], 8, prefix_caching=True)}
    assert not any(takes for _, _, takes in requests([pair, single], 7, prefix_caching=False))
