import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from critic.checkpoint import HEAD_FILE
from critic.engine.vllm.layout import Layout
from critic.model import hidden_layer_head


@pytest.fixture
def checkpoint(critic_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(critic_dir, tmp_path / "critic"))


@pytest.fixture
def layout(checkpoint: Path) -> Iterator[Layout]:
    layout = Layout(checkpoint, nn.Linear(32, 1))
    yield layout
    layout.close()


def test_has_the_model_and_the_head_as_a_dense_layer(checkpoint: Path, layout: Layout) -> None:
    names = {path.name for path in layout.folder.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= names
    assert HEAD_FILE not in names
    modules = json.loads((layout.folder / "modules.json").read_text())
    assert [module["path"] for module in modules] == ["", "head0"]
    assert load_file(layout.folder / "head0/model.safetensors")["linear.weight"].shape == (1, 32)


def test_two_layers_keep_what_is_between(checkpoint: Path) -> None:
    head = hidden_layer_head(32, 8)
    layout = Layout(checkpoint, head)
    try:
        configs = [json.loads((layout.folder / f"head{n}/config.json").read_text()) for n in (0, 1)]
        assert configs[0]["activation_function"] == "torch.nn.modules.activation.ReLU"
        assert "activation_function" not in configs[1]
        last = load_file(layout.folder / "head1/model.safetensors")
        assert torch.equal(last["linear.weight"], head.get_parameter("2.weight"))
    finally:
        layout.close()


def test_stays_what_it_is_when_the_checkpoint_is_replaced_or_removed(checkpoint: Path, layout: Layout) -> None:
    before = (checkpoint / "model.safetensors").read_bytes()
    (checkpoint / "new").write_bytes(b"other weights")
    (checkpoint / "new").rename(checkpoint / "model.safetensors")
    assert (layout.folder / "model.safetensors").read_bytes() == before
    shutil.rmtree(checkpoint)
    assert (layout.folder / "model.safetensors").read_bytes() == before
    assert layout.unchanged


def test_knows_when_somebody_wrote_into_its_files(checkpoint: Path, layout: Layout) -> None:
    with (checkpoint / "model.safetensors").open("ab") as file:
        file.write(b"x")
    assert not layout.unchanged


def test_leaves_nothing_behind(layout: Layout) -> None:
    layout.close()
    assert not layout.folder.exists()


def test_a_folder_that_cannot_be_read_leaves_nothing_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    with pytest.raises(FileNotFoundError):
        Layout(tmp_path / "none", nn.Linear(32, 1))
    assert not list(temporary.iterdir())
