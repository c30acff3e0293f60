"""Reading a tokenizer as it was saved."""

import json
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer, PreTrainedTokenizerFast

_GENERIC = {"TokenizersBackend", "PreTrainedTokenizerFast"}


def load_tokenizer(source: str | Path) -> Any:
    """The tokenizer of a `save_pretrained` folder, or of a model's name on a hub.

    A tokenizer that was saved as the generic class is read as that: `AutoTokenizer` (transformers 5.23) prefers the
    class that belongs to the folder's model type, and that class puts its own pre-tokenizer in place of the saved one;
    beside a Qwen2 model a word-level tokenizer then loses its spaces, without a word.

    Raises:
        Exception: Whatever transformers raises on a source that it cannot read.
    """
    folder = Path(source)
    if not folder.is_dir():
        if str(source).startswith(("/", ".", "~")) or str(source).count("/") > 1:  # no name on a hub is
            raise FileNotFoundError("there is no such folder")
        return AutoTokenizer.from_pretrained(str(source))
    config = folder / "tokenizer_config.json"
    if config.is_file() and (folder / "tokenizer.json").is_file():
        content = json.loads(config.read_text(encoding="utf-8"))
        if content.get("tokenizer_class") in _GENERIC and "auto_map" not in content:
            return PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)
    return AutoTokenizer.from_pretrained(folder, local_files_only=True)
