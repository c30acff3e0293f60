"""Checkpoints are complete or absent, whatever happens while they are written."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from transformers import AutoModelForCausalLM, AutoTokenizer

from trainer import checkpoint
from trainer.checkpoint import ResumeError, check, latest, load, save
from trainer.report.reports import BatchReport, LevelReport, QuestionReport, UpdateReport
from trainer.state import HalfStep, RunState


class Kept:
    """A model and its optimizer as a run holds them."""

    def __init__(self, model: Any, tokenizer: Any, settings: Any, folder: Path) -> None:
        self.accelerator = Accelerator(cpu=True)
        optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
        self.model, self.optimizer = self.accelerator.prepare(model, optimizer)
        self.tokenizer, self.settings, self.folder = tokenizer, settings, folder

    def learn(self) -> None:
        loss = self.model(torch.tensor([[1, 2, 3]])).logits.square().mean()
        self.accelerator.backward(loss)
        self.optimizer.step()
        self.optimizer.zero_grad()

    def save(self, step: int, keep: int = 2, half: HalfStep | None = None) -> Path:
        state = RunState(step, 4 * step, 0, half)
        return save(
            self.folder,
            self.accelerator,
            self.model,
            self.tokenizer,
            state=state,
            settings=self.settings,
            questions={"training": "digest"},
            keep=keep,
        )

    def weights(self) -> torch.Tensor:
        return torch.cat([parameter.detach().flatten() for parameter in self.model.parameters()])


@pytest.fixture
def kept(model: Any, tokenizer: Any, configure: Any, tmp_path: Path) -> Kept:
    return Kept(model, tokenizer, configure(), tmp_path / "checkpoints")


def test_weights_and_optimizer_come_back(kept: Kept) -> None:
    kept.learn()
    kept.save(3)
    kept.learn()
    expected = kept.weights()
    saved = latest(kept.folder)
    assert saved is not None
    load(saved, kept.accelerator, keep=2)
    assert not torch.equal(kept.weights(), expected)
    kept.learn()  # the moments came back too, or this step would differ
    assert torch.equal(kept.weights(), expected)
    assert saved.state == RunState(3, 12, 0)


def test_a_checkpoint_is_a_policy_folder(kept: Kept) -> None:
    kept.learn()
    folder = kept.save(1)
    model = AutoModelForCausalLM.from_pretrained(folder)
    assert torch.equal(model.lm_head.weight, kept.model.lm_head.weight)
    assert AutoTokenizer.from_pretrained(folder)("ab")["input_ids"] == kept.tokenizer("ab")["input_ids"]


def test_the_newest_are_kept_and_found(kept: Kept) -> None:
    for step in (1, 2, 9, 10):
        kept.save(step)
    assert sorted(path.name for path in kept.folder.iterdir()) == ["step-00000009", "step-00000010"]
    saved = latest(kept.folder)
    assert saved is not None
    assert saved.state.step == 10


def test_a_crash_while_writing_leaves_the_one_before(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.save(1)
    monkeypatch.setattr(kept.accelerator, "save_state", lambda folder: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        kept.save(2)
    saved = latest(kept.folder)
    assert saved is not None
    assert saved.state.step == 1
    assert [path.name for path in kept.folder.iterdir()] == ["step-00000001"]


def test_a_crash_between_the_renames_of_a_replacement_loses_nothing(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.save(1)
    rename, names = Path.rename, []

    def once(self: Path, target: Path) -> Path:
        names.append(self.name)
        if len(names) == 2:
            raise OSError("crash")
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", once)
        with pytest.raises(OSError, match="crash"):
            kept.save(1)
    assert not (kept.folder / "step-00000001").exists()
    saved = latest(kept.folder)
    assert saved is not None
    assert saved.state.step == 1
    load(saved, kept.accelerator, keep=2)
    assert [path.name for path in kept.folder.iterdir()] == ["step-00000001"]


def test_the_state_between_two_updates_survives(kept: Kept) -> None:
    question = QuestionReport("q", "1", 0.1, 0.5, 0.1, 1, 2, 0, 0.5, 3, "why")
    update = UpdateReport(0.1, 0.2, 0.3, 1e-9, 5, 1)
    report = BatchReport(
        rollouts=2,
        scored=2,
        unscored={"FAILURE_DEADLINE": 1},
        reward=1 / 3,
        accuracy=None,
        levels={"1": LevelReport(0.5, 2)},
        confidence_correct=0.1,
        confidence_incorrect=None,
        positive_advantage=None,
        negative_advantage=None,
        outcome_term=0.0,
        step_term=0.1,
        critic_missing={},
        groups_without_update=0,
        truncated=0.0,
        response_tokens=1.5,
        questions=[question],
        update=update,
    )
    kept.save(1, half=HalfStep([3, 3, 1], "", report, {"total": 0.1}))
    saved = latest(kept.folder)
    assert saved is not None
    assert saved.state.half == HalfStep([3, 3, 1], "", report, {"total": 0.1})


def test_a_damaged_checkpoint_is_named_with_the_remedy(kept: Kept) -> None:
    folder = kept.save(1)
    (folder / "state.json").write_text("{")
    with pytest.raises(ResumeError, match=r"step-00000001: the checkpoint cannot be read.*remove it"):
        latest(kept.folder)
    kept.save(2)
    saved = latest(kept.folder)
    assert saved is not None
    (saved.folder / "optimizer.bin").unlink()
    with pytest.raises(ResumeError, match="cannot be loaded"):
        load(saved, kept.accelerator, keep=2)


def test_another_format_is_refused(kept: Kept) -> None:
    path = kept.save(1) / "state.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": checkpoint.FORMAT + 1}))
    with pytest.raises(ResumeError, match=f"format {checkpoint.FORMAT + 1}"):
        latest(kept.folder)


def test_no_folder_and_no_checkpoint_are_none(tmp_path: Path) -> None:
    assert latest(tmp_path / "nothing") is None
    assert latest(tmp_path) is None


def test_what_may_differ_at_resumption(kept: Kept, configure: Any) -> None:
    kept.save(1)
    saved = latest(kept.folder)
    assert saved is not None
    check(
        saved,
        configure(scorer__timeout=1.0, critic__addresses=["x:1"], checkpoint__keep=5, steps=9),
        {"training": "digest"},
    )
    with pytest.raises(ResumeError, match="questions have changed"):
        check(saved, configure(), {"training": "other"})
    with pytest.raises(ResumeError, match=r"optimizer\.schedule.*steps was 3 and is 9"):
        check(saved, configure(optimizer__schedule="linear", steps=9), {"training": "digest"})


def test_a_part_of_the_reward_may_move_to_another_scorer(configure: Any, kept: Kept) -> None:
    def of(weight: float, address: str) -> Any:
        return configure(rewards=[{"name": "style", "weight": weight, "addresses": [address]}])

    kept.settings = of(0.5, "a:1")
    kept.save(1)
    saved = latest(kept.folder)
    assert saved is not None
    check(saved, of(0.5, "b:1"), {"training": "digest"})
    with pytest.raises(ResumeError, match=r"rewards was .*0\.5.* and is .*0\.7"):
        check(saved, of(0.7, "a:1"), {"training": "digest"})


def test_a_run_from_before_a_setting_was_there_has_its_default(configure: Any, kept: Kept) -> None:
    kept.save(1)
    saved = latest(kept.folder)
    assert saved is not None
    del saved.settings["objective"]["baseline"], saved.settings["rewards"], saved.settings["model"]["lora"]
    check(saved, configure(), {"training": "digest"})
    with pytest.raises(ResumeError, match=r"objective\.baseline was 'mean_std' and is 'mean'"):
        check(saved, configure(objective__baseline="mean"), {"training": "digest"})


def test_the_same_places_written_otherwise_are_the_same(
    kept: Kept, configure: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.save(1)
    saved = latest(kept.folder)
    assert saved is not None
    monkeypatch.chdir(tmp_path)
    moved = {"output_dir": Path("elsewhere"), "tasks__file": Path("tasks.jsonl")}
    digest = {"training": "digest"}
    check(saved, configure(**moved, rollout__batch_size=3, objective__micro_batch_tokens=9), digest)
    with pytest.raises(ResumeError, match=r"tasks\.file was"):
        check(saved, configure(tasks__file=Path("other.jsonl")), digest)
