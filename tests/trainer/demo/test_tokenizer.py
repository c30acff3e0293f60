from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from codaserve.tokenizer import load_tokenizer
from trainer.demo import tokenizer as demo_tokenizer
from trainer.demo.tasks import family
from trainer.demo.tokenizer import CHARACTERS, WORDS

TOKENIZER = demo_tokenizer.build()


@given(st.lists(st.sampled_from([*WORDS, *CHARACTERS]), max_size=40).map("".join))
@settings(max_examples=60, deadline=None)
def test_round_trip_and_offsets(text: str) -> None:
    encoded = TOKENIZER(text, return_offsets_mapping=True)
    assert TOKENIZER.decode(encoded["input_ids"]) == text
    assert TOKENIZER.unk_token_id not in encoded["input_ids"]
    position = 0
    for token, (begin, end) in zip(encoded["input_ids"], encoded["offset_mapping"], strict=True):
        assert begin == position
        assert TOKENIZER.decode([token]) == text[begin:end]
        position = end
    assert position == len(text)


def test_problems_are_written_in_its_vocabulary() -> None:
    rng = Random(1)
    for problem in (family.practice(False, rng) for _ in range(200)):
        text = problem.prompt + problem.work(rng, 1.0)
        ids = TOKENIZER(text)["input_ids"]
        assert TOKENIZER.unk_token_id not in ids
        assert TOKENIZER.decode(ids) == text
        assert len(ids) < TOKENIZER.model_max_length


def test_a_newline_is_a_token_of_its_own() -> None:
    ids = TOKENIZER("1+1=2\n2+2=4\n")["input_ids"]
    assert ids.count(TOKENIZER.convert_tokens_to_ids("\n")) == 2


def test_other_characters_are_unknown() -> None:
    assert TOKENIZER("é")["input_ids"] == [TOKENIZER.unk_token_id]


def test_it_survives_saving(tmp_path: Path) -> None:
    TOKENIZER.save_pretrained(tmp_path)
    loaded = load_tokenizer(tmp_path)
    text = "Compute (17+25)*3.\n17+25=42\n42*3=126\n\\boxed{126}"
    assert loaded(text)["input_ids"] == TOKENIZER(text)["input_ids"]
    assert loaded.decode(loaded(text)["input_ids"]) == text
    assert (loaded.eos_token_id, loaded.pad_token_id) == (TOKENIZER.eos_token_id, TOKENIZER.pad_token_id)
