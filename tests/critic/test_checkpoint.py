import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel

from codaserve.tokenizer import load_tokenizer
from critic.checkpoint import CheckpointError, Critic, digest, is_checkpoint, tokenizer_digest
from critic.encode import EncodedSequence
from tests.critic.computing import values_of

STATES = [EncodedSequence((1, 2, 3, 4), (0, 1, 3))]


@pytest.fixture
def copy(critic_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(critic_dir, tmp_path / "copy"))


def test_a_saved_critic_gives_the_same_values(critic_dir: Path, tmp_path: Path) -> None:
    critic = Critic.load(critic_dir)
    critic.facts = {"updates": 3}
    identity = critic.save(tmp_path / "again")
    loaded = Critic.load(tmp_path / "again")
    assert values_of(loaded.model, STATES) == values_of(critic.model, STATES)
    assert loaded.identity == identity == critic.identity
    assert loaded.facts == {"updates": 3}
    assert loaded.tokenizer("a\nb")["input_ids"] == critic.tokenizer("a\nb")["input_ids"]
    assert not loaded.model.training


def test_the_folder_is_a_standard_one_beside_the_head(critic_dir: Path, lm_dir: Path) -> None:
    backbone, base = AutoModel.from_pretrained(critic_dir), AutoModel.from_pretrained(lm_dir)
    assert all(torch.equal(a, b) for a, b in zip(backbone.parameters(), base.parameters(), strict=True))
    assert set(load_file(critic_dir / "value_head.safetensors")) == {"weight", "bias"}
    assert json.loads((critic_dir / "critic.json").read_text())["step_rule"] == "newline"


def test_a_new_critic_answers_one_half_everywhere(lm_dir: Path) -> None:
    critic = Critic.from_language_model(lm_dir)
    assert values_of(critic.model, STATES) == [[0.5, 0.5, 0.5]]
    assert not is_checkpoint(lm_dir)


def test_saving_replaces_an_older_checkpoint_and_leaves_nothing_else(
    critic_dir: Path, copy: Path, lm_dir: Path
) -> None:
    before = digest(copy)
    after = Critic.from_language_model(lm_dir).save(copy)
    assert after == digest(copy) != before
    assert [entry.name for entry in copy.parent.iterdir()] == ["copy"]


def test_saving_refuses_to_replace_anything_else(lm_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("words")
    with pytest.raises(CheckpointError, match="not a critic checkpoint"):
        Critic.from_language_model(lm_dir).save(tmp_path / "thesis")
    assert (tmp_path / "thesis" / "chapter1.tex").read_text() == "words"
    (tmp_path / "empty").mkdir()
    Critic.from_language_model(lm_dir).save(tmp_path / "empty")


def test_a_failed_save_keeps_the_older_checkpoint(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest(copy)
    critic = Critic.load(copy)

    def full_disk(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(critic.tokenizer, "save_pretrained", full_disk)
    with pytest.raises(OSError, match="No space"):
        critic.save(copy)
    assert digest(copy) == before
    assert [entry.name for entry in copy.parent.iterdir()] == ["copy"]


def test_identity_follows_names_and_contents(copy: Path, critic_dir: Path) -> None:
    assert digest(copy) == digest(critic_dir)
    head = copy / "value_head.safetensors"
    content = bytearray(head.read_bytes())
    content[-1] ^= 1
    head.write_bytes(bytes(content))
    changed = digest(copy)
    head.rename(copy / "other.safetensors")
    assert len({digest(critic_dir), changed, digest(copy)}) == 3


def test_identity_of_a_tokenizer(tokenizer: Any, critic_dir: Path) -> None:
    assert tokenizer_digest(Critic.load(critic_dir).tokenizer) == tokenizer_digest(tokenizer)
    other = load_tokenizer(critic_dir)
    other.add_tokens(["more"])
    assert tokenizer_digest(other) != tokenizer_digest(tokenizer)


def _no_head(folder: Path) -> None:
    (folder / "value_head.safetensors").unlink()


def _wide_head(folder: Path) -> None:
    save_file({"weight": torch.zeros(1, 99), "bias": torch.zeros(1)}, folder / "value_head.safetensors")


def _nan_head(folder: Path) -> None:
    save_file({"weight": torch.full((1, 32), torch.nan), "bias": torch.zeros(1)}, folder / "value_head.safetensors")


def _no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def _half_weights(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    save_file(dict(list(weights.items())[:3]), folder / "model.safetensors", metadata={"format": "pt"})


def _cut_weights(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:1000])


def _no_facts(folder: Path) -> None:
    (folder / "critic.json").unlink()


def _bad_facts(folder: Path) -> None:
    (folder / "critic.json").write_text("{}")


def _new_format(folder: Path) -> None:
    (folder / "critic.json").write_text('{"format": 99, "step_rule": "newline", "training": {}}')


def _other_rule(folder: Path) -> None:
    (folder / "critic.json").write_text('{"format": 1, "step_rule": "sentence", "training": {}}')


def _odd_separator(folder: Path) -> None:
    facts = json.loads((folder / "critic.json").read_text())
    (folder / "critic.json").write_text(json.dumps(facts | {"separator": {"text": 5}}))


def _no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def _no_positions(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 0}))


def _pipe(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    os.mkfifo(folder / "model.safetensors")


def _link_to_nothing(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").symlink_to(folder / "gone")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_pipe, "neither a file nor a folder"),
        (_link_to_nothing, "cannot be read"),
        (_odd_separator, "separator is not text"),
        (_no_tokenizer, "tokenizer"),
        (_no_positions, "positions for 0 tokens"),
        (_no_head, "value_head"),
        (_wide_head, "value_head"),
        (_nan_head, "not finite"),
        (_no_weights, "not a model"),
        (_half_weights, "weights are missing"),
        (_cut_weights, "not a model"),
        (_no_facts, "critic.json is missing"),
        (_bad_facts, "critic.json is damaged"),
        (_new_format, "format 99"),
        (_other_rule, "sentence"),
    ],
)
def test_a_damaged_checkpoint_is_refused_with_the_reason(copy: Path, damage: Any, message: str) -> None:
    damage(copy)
    with pytest.raises(CheckpointError, match=message):
        Critic.load(copy)


def test_a_checkpoint_that_is_replaced_while_it_is_read_is_refused(
    copy: Path, lm_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = Critic.from_language_model(lm_dir)

    def replace_and_read(folder: Path) -> Any:
        newer.save(copy)
        return load_tokenizer(folder)

    monkeypatch.setattr("critic.checkpoint.load_tokenizer", replace_and_read)
    with pytest.raises(CheckpointError, match="was replaced while it was read"):
        Critic.load(copy)


@pytest.mark.parametrize("damage", ["overwrite", "truncate"])
def test_a_loaded_critic_does_not_depend_on_its_files(copy: Path, damage: str) -> None:
    critic = Critic.load(copy)
    before = values_of(critic.model, STATES)
    for name in ("model.safetensors", "value_head.safetensors"):
        with (copy / name).open("r+b") as file:
            if damage == "truncate":
                file.truncate(100)
            else:
                header = 8 + int.from_bytes(file.read(8), "little")
                file.seek(header)
                file.write(bytes((copy / name).stat().st_size - header))
    assert values_of(critic.model, STATES) == before


def test_a_file_is_no_folder(copy: Path) -> None:
    with pytest.raises(CheckpointError, match=r"critic\.json: not a folder"):
        Critic.load(copy / "critic.json")


def test_a_name_that_no_folder_can_have_is_told() -> None:
    with pytest.raises(CheckpointError, match="cannot be looked up"):
        Critic.load("x" * 5000)


def test_a_missing_folder_and_a_folder_too_high_are_told(copy: Path) -> None:
    with pytest.raises(CheckpointError, match="no such folder"):
        Critic.load(copy / "none")
    with pytest.raises(CheckpointError, match=f"did you mean {copy}"):
        Critic.load(copy.parent)


def test_a_byte_tokenizer_beside_a_qwen2_model_gets_no_new_tokens(lm_dir: Path, tokenizer: Any) -> None:
    assert load_tokenizer(lm_dir).get_vocab() == tokenizer.get_vocab()
