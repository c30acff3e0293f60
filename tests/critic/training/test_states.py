import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import Accelerator

from critic.checkpoint import Critic
from critic.encode import EncodedSequence
from critic.training.errors import OutputError
from critic.training.examples import Example
from critic.training.optimize import optimize
from critic.training.states import States
from critic.training.train import train
from tests.critic.training.learnable import settings

EXAMPLES = [Example(EncodedSequence(tuple(range(1, 9)), (3, 7)), (0.25, n / 4), None) for n in range(4)]
UPDATES = [EXAMPLES] * 7
OPTIONS = settings(Path("d"), Path("b"), Path("o"))


def states(folder: Path, **more: Any) -> States:
    return States(**{"folder": folder, "stage": "critic", "run": {"seed": 0}, "every": 2, "resume": True, **more})


def run(lm_dir: Path, kept: States | None, updates: int = len(UPDATES)) -> tuple[list[int], torch.Tensor]:
    """Which updates were made, and the weights; stops in the midst of those planned."""
    model = Critic.from_language_model(lm_dir).model
    made = []
    progress = optimize(model, UPDATES, OPTIONS, Accelerator(cpu=True), kept)
    for update in progress:
        made.append(update.update)
        if update.update == updates:
            break
    progress.close()  # type: ignore[attr-defined]
    return made, torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def test_goes_on_from_the_newest_complete_state_and_keeps_two(lm_dir: Path, tmp_path: Path) -> None:
    _, whole = run(lm_dir, None)
    run(lm_dir, states(tmp_path), updates=7)
    names = ["critic-00000004", "critic-00000006"]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == names
    # What a kill in the midst of writing leaves is no state.
    shutil.copytree(tmp_path / names[1], tmp_path / ".writing-critic-00000008")
    (tmp_path / ".writing-critic-00000008" / "state.json").unlink()
    made, weights = run(lm_dir, states(tmp_path))
    assert made == [7]
    assert torch.equal(weights, whole)
    shutil.rmtree(tmp_path / names[1])
    made, weights = run(lm_dir, states(tmp_path))
    assert made == [5, 6, 7]
    assert torch.equal(weights, whole)


def test_without_resume_or_a_state_a_run_begins_at_its_beginning(lm_dir: Path, tmp_path: Path) -> None:
    assert run(lm_dir, states(tmp_path, every=0))[0] == list(range(1, 8))
    assert list(tmp_path.iterdir()) == []
    run(lm_dir, states(tmp_path), updates=5)
    assert run(lm_dir, states(tmp_path, resume=False))[0] == list(range(1, 8))
    assert run(lm_dir, states(tmp_path, stage="outcome_only"))[0] == list(range(1, 8))


def test_a_state_that_is_damaged_or_of_another_run_is_refused(lm_dir: Path, tmp_path: Path) -> None:
    run(lm_dir, states(tmp_path), updates=3)
    with pytest.raises(OutputError, match="of another run: seed was 0 and is 1; set what it was"):
        run(lm_dir, states(tmp_path, run={"seed": 1}))
    for name in ("weights.safetensors", "optimizer.pt", "state.json"):
        damaged = tmp_path / "damaged"
        shutil.copytree(tmp_path / "critic-00000002", damaged / "critic-00000002")
        file = damaged / "critic-00000002" / name
        file.write_bytes(file.read_bytes()[:20])
        with pytest.raises(OutputError, match="the state is damaged"):
            run(lm_dir, states(damaged))
        shutil.rmtree(damaged)


def test_a_run_that_ended_or_has_other_data_is_not_resumed(data: Path, lm_dir: Path, tmp_path: Path) -> None:
    options = {"epochs": 1, "batch_solutions": 128}
    train(settings(data, lm_dir, tmp_path, **options))
    with pytest.raises(OutputError, match="came to its end"):
        train(settings(data, lm_dir, tmp_path, resume=True, **options))
    (tmp_path / "report.json").unlink()
    saved = {**options, "save_every": 1, "resume": True}
    stopped = settings(data, lm_dir, tmp_path, **saved)

    def stop(_: Any) -> None:
        if list((tmp_path / "states").glob("critic-*")):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(stopped, on_progress=stop)
    with pytest.raises(OutputError, match=r"learning_rate was 0\.003 and is 0\.1"):
        train(settings(data, lm_dir, tmp_path, **saved | {"learning_rate": 0.1}))
    fewer = tmp_path / "fewer.jsonl"
    fewer.write_text("".join(data.read_text().splitlines(True)[:-1]))
    with pytest.raises(OutputError, match="data was '"):
        train(settings(fewer, lm_dir, tmp_path, **saved))
    assert train(stopped).updates == 3
