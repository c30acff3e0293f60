from pathlib import Path

import huggingface_hub
import pytest

from codaserve.settings import ConfigurationError
from trainer.collect.weights import policy_digest


def made(folder: Path, **files: bytes) -> str:
    folder.mkdir()
    for name, content in files.items():
        (folder / name.replace("_DOT_", ".")).write_bytes(content)
    return str(folder)


@pytest.mark.parametrize("name", ["model_DOT_safetensors", "pytorch_model_DOT_bin"])
def test_other_weights_have_another_digest(tmp_path: Path, name: str) -> None:
    first = made(tmp_path / "a", **{name: b"1", "config_DOT_json": b"{}"})
    assert policy_digest(first, "f") == policy_digest(made(tmp_path / "b", **{name: b"1"}), "f")
    assert policy_digest(first, "f") != policy_digest(made(tmp_path / "c", **{name: b"2"}), "f")


def test_what_transformers_does_not_load_is_not_looked_at(tmp_path: Path) -> None:
    first = made(tmp_path / "a", model_DOT_safetensors=b"1", pytorch_model_DOT_bin=b"2")
    assert policy_digest(first, "f") == policy_digest(made(tmp_path / "b", model_DOT_safetensors=b"1"), "f")


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"model\.path: .* has no weights"):
        policy_digest(made(tmp_path / "a", config_DOT_json=b"{}"), "model.path")


def test_a_name_on_a_hub_stands_for_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local = made(tmp_path / "a", pytorch_model_DOT_bin=b"1")
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda name, allow_patterns: {"owner/model": local}[name])
    assert policy_digest("owner/model", "f") == policy_digest(local, "f")


@pytest.mark.parametrize("name", ["no/such/name", "owner/model"])
def test_a_name_that_cannot_be_fetched_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ConfigurationError, match=rf"policy\.path: {name} is no folder, and its weights cannot"):
        policy_digest(name, "policy.path")
