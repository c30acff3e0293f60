import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from critic.checkpoint import HEAD_FILE
from critic.engine.vllm import worker
from critic.engine.vllm.layout import Layout
from critic.model import hidden_layer_head

WORKER = Path(worker.__file__)


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


def test_folders_of_services_that_were_killed_are_removed(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    live = Layout(checkpoint, nn.Linear(32, 1))
    code = (
        "import os, sys, pathlib, torch; from critic.engine.vllm.layout import Layout\n"
        "Layout(pathlib.Path(sys.argv[1]), torch.nn.Linear(32, 1)); os.kill(os.getpid(), 9)"
    )
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    killed = subprocess.run([sys.executable, "-c", code, str(checkpoint)], env=environment, check=False)
    assert killed.returncode == -9
    (tmp_path / "codaserve-vllm-of-somebody").mkdir()
    assert len(list(tmp_path.glob("codaserve-vllm-*"))) == 3
    later = Layout(checkpoint, nn.Linear(32, 1))
    left = {path.name for path in tmp_path.glob("codaserve-vllm-*")}
    assert left == {live.folder.name, later.folder.name, "codaserve-vllm-of-somebody"}
    for layout in (live, later):
        layout.close()
    assert [path.name for path in tmp_path.glob("codaserve-vllm-*")] == ["codaserve-vllm-of-somebody"]


@pytest.mark.parametrize("busy", [False, True])
def test_the_process_goes_with_its_service_and_takes_the_folder_along(tmp_path: Path, busy: bool) -> None:
    """The real worker, with a package in vLLM's place that starts a process of its own and never ends."""
    folder, package = tmp_path / "layout", tmp_path / "site" / "vllm"
    folder.mkdir()
    package.mkdir(parents=True)
    wait = "while True: pass" if busy else "time.sleep(600)"
    source = f"""import pathlib, subprocess, sys, time
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path({str(tmp_path / "other")!r}).write_text(str(other.pid))
{wait}
"""
    (package / "__init__.py").write_text(source)
    arguments = ["0", json.dumps({"folder": str(folder)})]
    code = f"""import runpy, sys
sys.path.insert(0, {str(package.parent)!r})
sys.argv[1:] = {arguments!r}
runpy.run_path({str(WORKER)!r}, run_name="__main__")
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, start_new_session=True)
    number = tmp_path / "other"
    deadline = time.monotonic() + 60
    while not (number.exists() and number.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert process.stdin is not None
    process.stdin.close()  # as the system does when the service is killed
    assert process.wait(60) == -9
    assert not folder.exists()
    while (
        Path(f"/proc/{number.read_text()}/cmdline").exists()
        and Path(f"/proc/{number.read_text()}/cmdline").read_bytes()
    ):
        assert time.monotonic() < deadline
        time.sleep(0.05)
