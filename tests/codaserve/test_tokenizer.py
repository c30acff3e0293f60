from pathlib import Path

import pytest
from tokenizers import Regex, Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2Config

from codaserve.tokenizer import load_tokenizer


def test_a_generic_tokenizer_beside_a_qwen2_model_stays_what_it_was(tmp_path: Path) -> None:
    core = Tokenizer(models.WordLevel({"a": 0, " ": 1, "\n": 2, "?": 3}, unk_token="?"))
    core.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    saved = PreTrainedTokenizerFast(tokenizer_object=core, unk_token="?")
    saved.save_pretrained(tmp_path)
    Qwen2Config(vocab_size=4).save_pretrained(tmp_path)
    loaded = load_tokenizer(tmp_path)
    assert loaded("a a\n")["input_ids"] == saved("a a\n")["input_ids"] == [0, 1, 0, 2]
    assert len(loaded) == len(saved)


@pytest.mark.parametrize("source", ["/none/there", "./none", "../none", "~/none", "runs/none/model"])
def test_a_folder_that_is_not_there_is_not_looked_for_on_a_hub(source: str) -> None:
    with pytest.raises(FileNotFoundError, match="no such folder"):
        load_tokenizer(source)
