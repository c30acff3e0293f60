"""The policy as a folder that vLLM loads: complete or absent, under a new name for each version.

An output layer that is tied to the input embeddings is written out, and the folder's configuration says that it is a
layer of its own: vLLM for CPUs (0.32.0) computes with a packed copy of the output layer, and renews the copy only when
the layer has a tensor of its own in the files. Else it samples from old weights and says nothing.
"""

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from trainer.checkpoint import written

INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
OUTPUT = "model-output.safetensors"


def write_policy(model: Any, tokenizer: Any, folder: Path, dtype: torch.dtype) -> None:
    """Writes a whole model, in `dtype`.

    Raises:
        SaveError: The folder cannot be written.
    """
    temporary = folder.with_name(f".writing-{folder.name}")
    with written(temporary):
        state = {name: tensor.detach().to(dtype) for name, tensor in model.state_dict().items()}
        model.save_pretrained(temporary, state_dict=state)
        tokenizer.save_pretrained(temporary)
        if model.config.tie_word_embeddings:
            _untie(model, temporary, dtype)
        _replace(temporary, folder)


def write_adapter(model: Any, folder: Path) -> None:
    """Writes the low-rank adapter of a peft model.

    Raises:
        SaveError: The folder cannot be written.
    """
    temporary = folder.with_name(f".writing-{folder.name}")
    with written(temporary):
        model.save_pretrained(temporary)
        _replace(temporary, folder)


def _replace(temporary: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)


def _untie(model: Any, folder: Path, dtype: torch.dtype) -> None:
    config = copy.deepcopy(model.config)
    config.tie_word_embeddings = False
    config.save_pretrained(folder)
    output = model.get_output_embeddings()
    name = next(name for name, module in model.named_modules() if module is output) + ".weight"
    weight = output.weight.detach().to(dtype).cpu().clone(memory_format=torch.contiguous_format)
    save_file({name: weight}, folder / OUTPUT, metadata={"format": "pt"})
    index = folder / INDEX
    if index.exists():
        content = json.loads(index.read_text(encoding="utf-8"))
    else:
        first = "model-layers.safetensors"
        (folder / SINGLE).rename(folder / first)
        content = {"metadata": {}, "weight_map": dict.fromkeys(_names(folder / first), first)}
    content["weight_map"][name] = OUTPUT
    index.write_text(json.dumps(content, indent=2, sort_keys=True), encoding="utf-8")


def _names(file: Path) -> list[str]:
    with safe_open(file, framework="pt") as tensors:
        return list(tensors.keys())
