"""Telling the weights of one policy from those of another."""

import hashlib
from pathlib import Path

from codaserve.settings import ConfigurationError

_FORMATS = ("*.safetensors", "*.bin")
"""transformers takes the first that is there."""


def policy_digest(path: str, field: str) -> str:
    """Of a policy's weights; tells another one under the same path.

    Args:
        path: Folder, or name on a hub.
        field: Of the settings that has it, for messages.

    Raises:
        ConfigurationError: There are no weights.
        OSError: They cannot be read.
    """
    for pattern in _FORMATS:
        folder = Path(path) if Path(path).is_dir() else _cached(path, pattern, field)
        if files := sorted(folder.glob(pattern)):
            break
    else:
        raise ConfigurationError(f"{field}: {path} has no weights: neither {' nor '.join(_FORMATS)}")
    whole = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            whole.update(hashlib.file_digest(stream, "sha256").digest())
    return whole.hexdigest()[:16]


def _cached(name: str, pattern: str, field: str) -> Path:
    """The folder in which a hub's files are kept on this machine; fetches what is not there."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError

    try:
        return Path(snapshot_download(name, allow_patterns=[pattern]))
    except (OSError, HFValidationError) as error:
        raise ConfigurationError(f"{field}: {name} is no folder, and its weights cannot be fetched: {error}") from error
