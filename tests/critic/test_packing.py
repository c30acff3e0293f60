import torch

from critic.encode import EncodedSequence
from critic.packing import Segment, pack, visible
from critic.tree import plant

CPU = torch.device("cpu")


def test_trees_lie_end_to_end() -> None:
    first = plant(
        [EncodedSequence((5, 6, 7, 8), (1, 3)), EncodedSequence((5, 6), (1,)), EncodedSequence((5, 6, 9), (1, 2))]
    )
    second = plant([EncodedSequence((4, 3), (0, 1))])
    row = pack([first, second], CPU)
    assert row.tokens.tolist() == [[5, 6, 7, 8, 9, 4, 3]]
    assert row.positions.tolist() == [[0, 1, 2, 3, 2, 0, 1]]
    assert row.segments == (Segment(0, 2, 0, 0), Segment(2, 4, 0, 2), Segment(4, 5, 0, 2), Segment(5, 7, 5, 5))
    assert row.reads.tolist() == [1, 3, 1, 1, 4, 5, 6]


def test_sequences_with_nothing_in_common_are_segments_of_their_own() -> None:
    row = pack([plant([EncodedSequence((1, 2), (1,)), EncodedSequence((3,), (0,))])], CPU)
    assert row.segments == (Segment(0, 2, 0, 0), Segment(2, 3, 0, 0))
    assert row.reads.tolist() == [1, 2]


def test_a_token_sees_itself_and_what_is_before() -> None:
    assert visible(2, 4, None, CPU).int().tolist() == [[1, 1, 1, 0], [1, 1, 1, 1]]
    assert visible(2, 4, 2, CPU).int().tolist() == [[0, 1, 1, 0], [0, 0, 1, 1]]
