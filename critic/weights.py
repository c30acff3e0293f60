"""The weights of a checkpoint, read tensor by tensor, so that memory holds one copy of them and one tensor more."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from mmap import MAP_ANONYMOUS, MAP_PRIVATE, mmap
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor
from transformers import MODEL_MAPPING, AutoConfig
from transformers.utils import SAFE_WEIGHTS_INDEX_NAME, SAFE_WEIGHTS_NAME

_MAPPED_BYTES = 2**16
"""A smaller tensor is not worth pages of its own."""
_LOOK = 2**24
"""Elements that are looked at together: the answer takes a byte for each."""


class WeightsError(ValueError):
    """Weights that cannot be a critic's; the text says why."""


def read_model(folder: Path, dtype: torch.dtype) -> Any:
    """The model without a head that a `save_pretrained` folder holds, in evaluation mode on the CPU.

    Its memory is its own: weights that stay mapped from a file change, or kill the process, when somebody writes to it.
    All of it goes back to the system with the model.

    Raises:
        WeightsError: Weights are missing, not of this model, of other shapes, or not finite.
        Exception: Whatever transformers and safetensors raise on files that they cannot read.
    """
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    if type(config) not in MODEL_MAPPING:
        raise WeightsError(f"models of type {config.model_type} have no form without a head")
    with _slices(folder) as slices:
        model, report = MODEL_MAPPING[type(config)].from_pretrained(
            None,
            config=config,
            state_dict={name: _Weight(lazy, dtype) for name, lazy in slices.items()},
            dtype=dtype,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
        )
    for kind, names in (
        ("missing", report["missing_keys"]),
        ("none of this model's", report["unexpected_keys"]),
        ("of other shapes than config.json says", [name for name, *_ in report["mismatched_keys"]]),
    ):
        if names:
            raise WeightsError(f"weights are {kind}, {min(names)} among {len(names)}")
    for name, tensor in model.state_dict().items():
        _check_finite(name, tensor)
    return model.eval()


class _Weight:
    """A tensor of a file as transformers' loader takes it: read when it is indexed."""

    def __init__(self, lazy: Any, dtype: torch.dtype) -> None:
        self._lazy = lazy
        self._dtype = dtype

    def __getitem__(self, index: Any) -> Tensor:
        read: Tensor = self._lazy[index]
        return _kept(read, self._dtype if read.is_floating_point() else read.dtype)


def _kept(read: Tensor, dtype: torch.dtype) -> Tensor:
    """The tensor in memory that is mapped for it alone: the allocator would keep much of what a model had before."""
    size = read.numel() * dtype.itemsize
    if size < _MAPPED_BYTES:
        return read.to(dtype)
    return torch.frombuffer(mmap(-1, size, MAP_PRIVATE | MAP_ANONYMOUS), dtype=dtype).view(read.shape).copy_(read)


def check_weights(folder: Path) -> None:
    """Reads all weights and keeps none.

    Raises:
        WeightsError: Some are not finite.
        Exception: As `read_model`.
    """
    with _slices(folder) as slices:
        for name, lazy in slices.items():
            _check_finite(name, lazy[...])


def _check_finite(name: str, tensor: Tensor) -> None:
    if tensor.is_floating_point() and not all(
        bool(part.isfinite().all()) for part in torch.split(tensor.view(-1), _LOOK)
    ):
        raise WeightsError(f"{name} has weights that are not finite")


@contextmanager
def _slices(folder: Path) -> Iterator[dict[str, Any]]:
    """What reads each tensor when it is indexed, by name."""
    with ExitStack() as open_files:
        files = [open_files.enter_context(safe_open(file, "pt", backend="pread")) for file in _files(folder)]
        yield {name: file.get_slice(name) for file in files for name in file.keys()}  # noqa: SIM118, it is no dict


def _files(folder: Path) -> list[Path]:
    index = folder / SAFE_WEIGHTS_INDEX_NAME
    if (folder / SAFE_WEIGHTS_NAME).is_file() or not index.is_file():
        return [folder / SAFE_WEIGHTS_NAME]
    names = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    if outside := [name for name in names if Path(name).name != name]:
        raise WeightsError(f"{index.name} names {outside[0]}, which is not in the folder")
    return [folder / name for name in sorted(names)]
