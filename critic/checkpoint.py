"""A critic on disk: a `save_pretrained` folder (model and tokenizer), `value_head.safetensors` and `critic.json`."""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any, Self

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save_file
from torch import nn
from transformers import AutoConfig, AutoModel
from transformers.utils import logging as transformers_logging

from codaserve.files import sync
from codaserve.tokenizer import load_tokenizer
from critic.encode import Separator
from critic.model import ValueModel, hidden_layer_head, new_head
from critic.steps import STEP_RULE
from critic.weights import WeightsError, read_model

FORMAT = 1
HEAD_FILE = "value_head.safetensors"
FACTS_FILE = "critic.json"
DIGEST_LENGTH = 16
"""Hexadecimal digits of an identity: 64 bits tell checkpoints apart and still fit a log line."""


class CheckpointError(ValueError):
    """A folder that cannot be read as a critic; the text says what is wrong with it and what would help."""


@dataclass
class Critic:
    """A value model with its tokenizer."""

    model: ValueModel
    tokenizer: Any
    facts: dict[str, Any] = field(default_factory=dict)
    """How it was trained: plain JSON, for people."""
    separator: Separator | None = None
    """What the model wants after each step."""
    identity: str = ""
    """Digest of the files that it was read from. Empty until it is saved."""

    @classmethod
    def from_language_model(cls, path: str | os.PathLike[str], *, mean: float = 0.5) -> Self:
        """A new critic: the language model's weights below a head that answers `mean` for every state. float32, CPU.

        Raises:
            CheckpointError: The folder has no model or no tokenizer.
        """
        backbone, tokenizer = read_pretrained(Path(path), torch.float32)
        return cls(ValueModel(backbone, new_head(hidden_size(backbone), mean=mean)), tokenizer)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> Self:
        """Reads a folder that `save` wrote. The model is in evaluation mode, and independent of the files from then on.

        Raises:
            CheckpointError: It is not one, or is damaged.
        """
        folder = Path(path)
        facts, separator = read_facts(folder)
        try:
            before = stamps(folder)
            identity = digest(folder)
            backbone, tokenizer = _read_own(folder, dtype)
            head = read_head(folder, hidden_size(backbone))
            unchanged = stamps(folder) == before
        except OSError as error:
            raise CheckpointError(f"{folder}: cannot be read: {error}") from error
        if not unchanged:
            raise CheckpointError(f"{folder}: was replaced while it was read; try again")
        model = ValueModel(backbone, head).to(device).eval()
        return cls(model, tokenizer, facts, separator, identity)

    def save(self, path: str | os.PathLike[str]) -> str:
        """Writes the critic as a folder, in place of an older checkpoint if `path` is one. Returns its identity.

        The files are written into a folder beside `path` and moved there when complete. An older checkpoint is moved
        away just before; a reader that comes between the two moves finds nothing, never a mixture.

        Raises:
            CheckpointError: `path` exists and is not a critic checkpoint.
            OSError: The folder beside is not writable, or the disk is full.
        """
        target = Path(path).absolute()
        check_replaceable(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp"))
        try:
            new, old = temporary / "new", temporary / "old"
            self._write(new)
            _sync(new)
            self.identity = digest(new)
            if target.exists():
                target.rename(old)
            try:
                new.rename(target)
            except OSError:
                if old.exists():
                    old.rename(target)
                raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return self.identity

    def _write(self, folder: Path) -> None:
        head = {name: tensor.detach().cpu().contiguous() for name, tensor in self.model.head.state_dict().items()}
        try:
            with _quiet():
                self.model.backbone.save_pretrained(folder)
                self.tokenizer.save_pretrained(folder)
            save_file(head, folder / HEAD_FILE)
        except SafetensorError as error:  # what a full disk becomes there
            raise OSError(str(error)) from error
        separator = None if self.separator is None else asdict(self.separator)
        facts = {"format": FORMAT, "step_rule": STEP_RULE, "separator": separator, "training": self.facts}
        (folder / FACTS_FILE).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def digest(folder: Path) -> str:
    """Identity of a checkpoint: SHA-256 over the names and contents of the folder's files, its beginning in hex."""
    whole = hashlib.sha256()
    for file in sorted(entry for entry in folder.iterdir() if entry.is_file()):
        with file.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        whole.update(f"{content} {file.name}\n".encode())
    return whole.hexdigest()[:DIGEST_LENGTH]


def tokenizer_digest(tokenizer: Any) -> str:
    """Identity of a tokenizer: a digest of all that decides which tokens a text has."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    rules = backend.to_str() if backend is not None else json.dumps(tokenizer.get_vocab(), sort_keys=True)
    return hashlib.sha256(rules.encode()).hexdigest()[:DIGEST_LENGTH]


def is_checkpoint(folder: Path) -> bool:
    """Whether the folder is a critic's, rather than a plain language model's."""
    return (folder / FACTS_FILE).is_file()


def check_replaceable(path: Path) -> None:
    """Says whether a critic can be saved there: in a folder that is new, empty or an older checkpoint.

    Raises:
        CheckpointError: Something else is there.
    """
    if path.exists() and not is_checkpoint(path) and (not path.is_dir() or any(path.iterdir())):
        raise CheckpointError(f"{path}: exists and is not a critic checkpoint; choose another folder or remove it")


def recover(path: Path) -> None:
    """Cleans up beside `path` after a `save` that was killed; a checkpoint that it had moved away comes back.

    Only for when nobody saves there.

    Raises:
        OSError: The folder beside is not writable.
    """
    for left in path.parent.glob(f".{path.name}.*.tmp"):
        if (left / "old").is_dir() and not path.exists():
            (left / "old").rename(path)
        shutil.rmtree(left)


def hidden_size(backbone: Any) -> int:
    """Width of the backbone's last hidden state."""
    return int(backbone.config.get_text_config().hidden_size)


def max_positions(backbone: Any) -> int | None:
    """Longest sequence that the model has positions for, if its configuration says so."""
    value = getattr(backbone.config.get_text_config(), "max_position_embeddings", None)
    return None if value is None else int(value)


def stamps(folder: Path) -> list[tuple[str, int, int, int]]:
    """Changes when a file of the folder is written or replaced.

    Raises:
        CheckpointError: Something there is neither file nor folder: a pipe, which nobody might ever write to.
        OSError: The folder or something in it cannot be looked up.
    """
    stats = [(entry.name, entry.stat()) for entry in sorted(folder.iterdir())]
    if odd := [name for name, found in stats if not (S_ISREG(found.st_mode) or S_ISDIR(found.st_mode))]:
        raise CheckpointError(f"{folder}: {odd[0]} is neither a file nor a folder; remove it")
    return [(name, stat.st_ino, stat.st_size, stat.st_mtime_ns) for name, stat in stats]


def read_facts(folder: Path) -> tuple[dict[str, Any], Separator | None]:
    """How the critic was trained and what it wants after each step.

    Raises:
        CheckpointError: The folder is not a critic's, or of another version.
    """
    try:
        if not folder.is_dir():
            raise CheckpointError(f"{folder}: {'not a folder' if folder.exists() else 'no such folder'}")
        own = is_checkpoint(folder)
        nested = [] if own else [entry.name for entry in folder.iterdir() if is_checkpoint(entry)]
    except OSError as error:
        raise CheckpointError(f"cannot be looked up: {error}") from error
    if not own:
        writers = "`codaserve critic train` writes one, `codaserve critic import` makes one of a process reward model"
        hint = f"did you mean {folder / nested[0]}?" if nested else writers
        raise CheckpointError(f"{folder}: not a critic checkpoint, {FACTS_FILE} is missing; {hint}")
    try:
        facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
        form, rule, training = facts["format"], facts["step_rule"], dict(facts["training"])
        separator = Separator(**facts["separator"]) if facts.get("separator") else None
        if separator is not None and not (isinstance(separator.text, str) and isinstance(separator.after, str)):
            raise TypeError("separator is not text")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{folder}: {FACTS_FILE} is damaged: {error!r}") from error
    if form != FORMAT:
        raise CheckpointError(f"{folder}: format {form} is not {FORMAT}; it was written by another version")
    if rule != STEP_RULE:
        raise CheckpointError(f"{folder}: step rule {rule!r} is unknown; this version has {STEP_RULE!r}")
    return training, separator


def read_head(folder: Path, size: int) -> nn.Module:
    """The head on top of a backbone of this width.

    Raises:
        CheckpointError: There is none, it does not fit, or is not finite.
    """
    try:
        tensors = load_tensors((folder / HEAD_FILE).read_bytes())
        head = nn.Linear(size, 1) if "weight" in tensors else hidden_layer_head(size, len(tensors["0.bias"]))
        head.load_state_dict(tensors)
    except (OSError, SafetensorError, RuntimeError, KeyError) as error:
        raise CheckpointError(f"{folder}: {HEAD_FILE} does not fit the model: {error}") from error
    if not all(bool(torch.isfinite(tensor).all()) for tensor in head.state_dict().values()):
        raise CheckpointError(f"{folder}: {HEAD_FILE} has weights that are not finite")
    return head


def read_pretrained(folder: Path, dtype: torch.dtype | str) -> tuple[Any, Any]:
    """The model without its head, in evaluation mode, and its tokenizer. "auto": in the precision that it is saved in.

    Raises:
        CheckpointError: The folder has none, or they do not fit together.
    """
    try:
        with _quiet():
            # Weights that stay mapped from a file change, or kill the process, when somebody writes to that file.
            backbone, report = AutoModel.from_pretrained(
                folder, dtype=dtype, local_files_only=True, output_loading_info=True, disable_mmap=True
            )
            tokenizer = load_tokenizer(folder)
    except Exception as error:
        raise CheckpointError(f"{folder}: not a model and tokenizer in transformers' format: {error}") from error
    if missing := sorted(report["missing_keys"]):
        raise CheckpointError(f"{folder}: weights are missing, {missing[0]} among {len(missing)}")
    _check_rows(folder, backbone, tokenizer)
    return backbone.eval(), tokenizer


def _read_own(folder: Path, dtype: torch.dtype) -> tuple[Any, Any]:
    """As `read_pretrained`, of a folder that `save` wrote."""
    try:
        with _quiet():
            backbone = read_model(folder, dtype)
            tokenizer = load_tokenizer(folder)
    except WeightsError as error:
        raise CheckpointError(f"{folder}: {error}") from error
    except Exception as error:
        if not folder.is_dir():
            raise CheckpointError(f"{folder}: was removed while it was read") from error
        raise CheckpointError(f"{folder}: not a model and tokenizer in transformers' format: {error}") from error
    _check_rows(folder, backbone, tokenizer)
    return backbone, tokenizer


def read_shape(folder: Path) -> tuple[Any, Any]:
    """The model without its head and without weights, which takes no memory, and its tokenizer.

    Raises:
        CheckpointError: The folder has none, or they do not fit together.
    """
    try:
        with _quiet(), torch.device("meta"):
            backbone = AutoModel.from_config(AutoConfig.from_pretrained(folder, local_files_only=True))
        tokenizer = load_tokenizer(folder)
    except Exception as error:
        raise CheckpointError(f"{folder}: not a model and tokenizer in transformers' format: {error}") from error
    _check_rows(folder, backbone, tokenizer)
    return backbone, tokenizer


def _check_rows(folder: Path, backbone: Any, tokenizer: Any) -> None:
    if len(tokenizer) > (rows := backbone.get_input_embeddings().num_embeddings):
        raise CheckpointError(f"{folder}: the tokenizer has {len(tokenizer)} tokens, the model knows only {rows}")
    if not tokenizer("0", add_special_tokens=False)["input_ids"]:  # so transformers reads one whose files are missing
        raise CheckpointError(f"{folder}: the tokenizer knows no digits; its files may be missing")
    if (longest := max_positions(backbone)) is not None and longest < 2:
        raise CheckpointError(f"{folder}: the model has positions for {longest} tokens")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without transformers' report of the unused language model head, which is no fault here."""
    before = transformers_logging.get_verbosity()
    bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(before)
        if bars:
            transformers_logging.enable_progress_bar()


def _sync(folder: Path) -> None:
    for path in [*folder.iterdir(), folder]:
        sync(path)
