"""A checkpoint in the layout that vLLM reads.

vLLM turns any causal model into one that gives its tokens' hidden states, and applies the dense layers of a
sentence-transformers folder to them (vllm.model_executor.models.adapters): our head is such a layer, or two.
"""

import fcntl
import json
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import nn

from critic.checkpoint import FACTS_FILE, HEAD_FILE

_TYPE = "sentence_transformers.models."
_PREFIX = "codaserve-vllm-"
_LOCK = "in-use"
"""A file that is locked as long as the service lives, also for services that cannot see its process."""


class Layout:
    """A temporary folder for vLLM. The weights are not copied: they are links to files that stay open here, so that
    they stay what they are when the checkpoint is replaced or removed."""

    def __init__(self, folder: Path, head: nn.Module) -> None:
        """Args:
            folder: The checkpoint.
            head: Its head.

        Raises:
            OSError: A file cannot be opened, or the temporary folder not be written.
        """
        _remove_abandoned()
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._files: list[int] = []
        try:
            unlocked = self.folder / "lock"
            self._files.append(os.open(unlocked, os.O_CREAT | os.O_WRONLY, 0o600))
            fcntl.flock(self._files[0], fcntl.LOCK_EX)
            unlocked.rename(self.folder / _LOCK)
            for file in folder.iterdir():
                if file.is_file() and file.name not in (FACTS_FILE, HEAD_FILE):
                    number = os.open(file, os.O_RDONLY)
                    self._files.append(number)
                    (self.folder / file.name).symlink_to(f"/proc/{os.getpid()}/fd/{number}")
            modules = [_write_dense(self.folder / f"head{n}", layer) for n, layer in enumerate(_layers(head))]
            modules.insert(0, {"path": "", "type": f"{_TYPE}Transformer"})
            numbered = [{"idx": index, "name": str(index), **module} for index, module in enumerate(modules)]
            (self.folder / "modules.json").write_text(json.dumps(numbered), encoding="utf-8")
            self._stamps = self._stat()
        except BaseException:
            self.close()
            raise

    @property
    def unchanged(self) -> bool:
        """Whether nobody has written into the files since."""
        return self._stat() == self._stamps

    def close(self) -> None:
        """Removes the folder."""
        while self._files:
            os.close(self._files.pop())
        shutil.rmtree(self.folder, ignore_errors=True)

    def _stat(self) -> list[tuple[int, int]]:
        stats = [os.fstat(number) for number in self._files]
        return [(stat.st_size, stat.st_mtime_ns) for stat in stats]


def _remove_abandoned() -> None:
    """Removes folders of services that were killed."""
    for lock in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_LOCK}"):
        with suppress(OSError):  # another user's, or gone by now
            number = os.open(lock, os.O_WRONLY | os.O_NOFOLLOW)
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(lock.parent, ignore_errors=True)
            finally:
                os.close(number)


def _layers(head: nn.Module) -> list[tuple[nn.Linear, str | None]]:
    """The head's linear layers, each with the activation that follows it."""
    if isinstance(head, nn.Linear):
        return [(head, None)]
    assert isinstance(head, nn.Sequential)
    first, between, last = head
    assert isinstance(first, nn.Linear)
    assert isinstance(last, nn.Linear)
    return [(first, f"torch.nn.modules.activation.{type(between).__name__}"), (last, None)]


def _write_dense(folder: Path, layer: tuple[nn.Linear, str | None]) -> dict[str, Any]:
    linear, activation = layer
    folder.mkdir()
    config: dict[str, Any] = {"in_features": linear.in_features, "out_features": linear.out_features, "bias": True}
    if activation is not None:
        config["activation_function"] = activation
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    weights = {f"linear.{name}": tensor.detach().float().contiguous() for name, tensor in linear.named_parameters()}
    save_file(weights, folder / "model.safetensors")
    return {"path": folder.name, "type": f"{_TYPE}Dense"}
