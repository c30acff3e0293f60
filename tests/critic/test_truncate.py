import pytest

from critic.encode import EncodedSequence, TooLongError
from critic.truncate import truncate


def test_what_fits_stays() -> None:
    sequences = [EncodedSequence((1, 2, 3), (0, 2))]
    assert truncate(sequences, 3, 0) == (sequences, 0)


def test_all_sequences_lose_the_same_beginning_of_the_prompt() -> None:
    sequences = [EncodedSequence((1, 2, 3, 4, 8, 9), (3, 5)), EncodedSequence((1, 2, 3, 4, 7), (3, 4))]
    assert truncate(sequences, 4, 0) == (
        [EncodedSequence((3, 4, 8, 9), (1, 3)), EncodedSequence((3, 4, 7), (1, 2))],
        2,
    )


def test_the_token_that_begins_every_text_stays() -> None:
    assert truncate([EncodedSequence((0, 1, 2, 3, 9), (3, 4))], 4, 1) == ([EncodedSequence((0, 2, 3, 9), (2, 3))], 1)


def test_the_prompt_does_not_vanish() -> None:
    sequences = [EncodedSequence((0, 1, 2, 9, 9), (2, 4))]
    assert truncate(sequences, 4, 1)[1] == 1
    with pytest.raises(TooLongError, match="response alone"):
        truncate(sequences, 3, 1)
