"""Process reward models as others publish them, read as critics.

All of them judge a step by two classes or one logit on top of a language model. The difference of two classes' logits
is the logit of their softmax, so that each becomes a head with one output. Layouts, by the names of the tensors:

    score.weight                     token classification of transformers, one or two classes (TRL's PRMTrainer)
    score.0.weight, score.2.weight   two layers, two classes (Qwen2.5-Math-PRM)
    lm_head.weight                   a language model whose next token says right or wrong (Math-Shepherd)
"""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from critic.checkpoint import CheckpointError, Critic, hidden_size, read_pretrained
from critic.encode import Separator
from critic.model import ValueModel, hidden_layer_head


def read(folder: Path, separator: Separator | None, right: str, wrong: str) -> Critic:
    """Reads a process reward model.

    Args:
        folder: The model, in transformers' format with safetensors weights.
        separator: What it wants after each step; None if it judges a step at the step's own last token.
        right: For a language model: the token that says that a step is right. Empty for others.
        wrong: The token that says that it is wrong.

    Raises:
        CheckpointError: The folder has no such model, or a text is not a single token of its tokenizer.
    """
    weights = _Weights(folder)
    backbone, tokenizer = read_pretrained(folder, "auto")
    size = hidden_size(backbone)
    if right or wrong:
        rows = [_token(tokenizer, text, folder) for text in (right, wrong)]
        head: nn.Module = _difference(size, *weights.output_rows(backbone, rows))
    elif weights.has("score.weight"):
        head = _difference(size, weights.get("score.weight"), weights.get("score.bias"))
    elif weights.has("score.2.weight"):
        first = weights.get("score.0.weight")
        assert first is not None
        head = hidden_layer_head(size, len(first))
        last = _difference(len(first), weights.get("score.2.weight"), weights.get("score.2.bias"))
        states = {f"2.{name}": tensor for name, tensor in last.state_dict().items()}
        head.load_state_dict({"0.weight": first, "0.bias": weights.get("score.0.bias"), **states})
    else:
        raise CheckpointError(
            f"{folder}: has no head that is known (score.weight, or score.0.weight and score.2.weight); for a language "
            "model that answers with tokens name them: --right and --wrong"
        )
    if separator is not None:
        for text in filter(None, (separator.text, separator.after)):
            if not tokenizer(text, add_special_tokens=False)["input_ids"]:
                raise CheckpointError(f"{folder}: {text!r} has no tokens in the model's tokenizer")
    return Critic(ValueModel(backbone, head), tokenizer, {"imported_from": folder.name}, separator)


def _difference(size: int, weight: Tensor | None, bias: Tensor | None) -> nn.Linear:
    """The logit of right against wrong, from one output or from two (wrong first)."""
    if weight is None or weight.shape not in ((1, size), (2, size)):
        found = None if weight is None else tuple(weight.shape)
        raise CheckpointError(f"the head has the shape {found}; one or two classes of size {size} were expected")
    bias = torch.zeros(len(weight)) if bias is None else bias.float()
    signs = torch.tensor([1.0]) if len(weight) == 1 else torch.tensor([-1.0, 1.0])
    head = nn.Linear(size, 1)
    with torch.no_grad():
        head.weight.copy_((signs @ weight.float()).unsqueeze(0))
        head.bias.copy_((signs @ bias).unsqueeze(0))
    return head


def _token(tokenizer: object, text: str, folder: Path) -> int:
    ids = tokenizer(text, add_special_tokens=False)["input_ids"] if text else []  # type: ignore[operator]
    if len(ids) != 1:
        raise CheckpointError(f"{folder}: {text!r} is not one token of the model's tokenizer but {len(ids)}")
    return int(ids[0])


class _Weights:
    """Single tensors of a model's files."""

    def __init__(self, folder: Path) -> None:
        index = folder / "model.safetensors.index.json"
        try:
            if index.is_file():
                self._files = {
                    name: folder / file for name, file in json.loads(index.read_text())["weight_map"].items()
                }
            else:
                file = folder / "model.safetensors"
                with safe_open(file, framework="pt") as tensors:
                    self._files = dict.fromkeys(tensors.keys(), file)
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise CheckpointError(f"{folder}: has no readable safetensors weights: {error}") from error

    def has(self, name: str) -> bool:
        return name in self._files

    def get(self, name: str) -> Tensor | None:
        if name not in self._files:
            return None
        with safe_open(self._files[name], framework="pt") as tensors:
            return tensors.get_tensor(name)  # type: ignore[no-any-return]

    def output_rows(self, backbone: object, right_and_wrong: list[int]) -> tuple[Tensor, Tensor | None]:
        """Weight and bias of the output layer for the two tokens, wrong first."""
        weight = self.get("lm_head.weight")
        if weight is None:  # tied
            weight = backbone.get_input_embeddings().weight.detach()  # type: ignore[attr-defined]
        bias = self.get("lm_head.bias")
        rows = right_and_wrong[::-1]
        return weight[rows], None if bias is None else bias[rows]
