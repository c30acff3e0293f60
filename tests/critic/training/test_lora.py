import json
from pathlib import Path

import pytest
import torch

from critic.checkpoint import CheckpointError, Critic
from critic.encode import EncodedSequence, Separator
from critic.training import lora
from critic.training.settings import LoraSettings
from critic.training.train import train
from tests.critic.computing import values_of
from tests.critic.training.learnable import settings

SEQUENCES = [EncodedSequence(tuple(range(1, 12)), (2, 5, 10)), EncodedSequence((4, 3, 2), (2,))]


def test_only_additions_and_the_head_are_trained_and_merging_keeps_the_values(lm_dir: Path) -> None:
    critic = Critic.from_language_model(lm_dir)
    torch.manual_seed(3)
    torch.nn.init.normal_(critic.model.head.get_parameter("weight"), std=0.05)  # values far from 0 and 1
    before = values_of(critic.model.eval(), SEQUENCES)
    names = set(critic.model.state_dict())
    lora.adapt(critic.model, LoraSettings(rank=4))
    trained = {name: p for name, p in critic.model.named_parameters() if p.requires_grad}
    assert {name for name in trained if "lora_" not in name} == {"head.weight", "head.bias"}
    assert sum("lora_A" in name for name in trained) == 2 * 7  # two layers of seven linear maps
    assert values_of(critic.model.eval(), SEQUENCES) == before
    for name, parameter in trained.items():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    adapted = values_of(critic.model.eval(), SEQUENCES)
    assert abs(adapted[0][2] - before[0][2]) > 1e-3
    lora.merge(critic.model)
    assert set(critic.model.state_dict()) == names
    for one, other in zip(values_of(critic.model.eval(), SEQUENCES), adapted, strict=True):
        assert one == pytest.approx(other, abs=1e-5)


def test_only_named_layers_get_additions_and_unknown_names_are_refused(lm_dir: Path) -> None:
    critic = Critic.from_language_model(lm_dir)
    lora.adapt(critic.model, LoraSettings(rank=2, modules="q_proj,v_proj"))
    added = {name for name, _ in critic.model.named_parameters() if "lora_A" in name}
    assert len(added) == 4
    assert all("q_proj" in name or "v_proj" in name for name in added)
    with pytest.raises(CheckpointError, match="no low-rank weights for nonsense"):
        lora.adapt(Critic.from_language_model(lm_dir).model, LoraSettings(rank=2, modules="nonsense"))


def test_it_learns_serves_and_goes_on_with_its_separator(data: Path, lm_dir: Path, tmp_path: Path) -> None:
    base = Critic.from_language_model(lm_dir)
    base.separator = Separator("b", "\n")
    first = base.save(tmp_path / "base")
    adapted = {"lora": {"rank": 8}, "learning_rate": 1e-2}
    report = train(settings(data, tmp_path / "base", tmp_path / "one", epochs=1, **adapted))
    assert report.held_out is not None
    assert report.constant is not None
    assert report.held_out.bce < report.constant.bce - 0.05
    # The checkpoint is as any other, gives what was measured, and can be trained on, by low rank or in whole.
    again = train(settings(data, report.checkpoint, tmp_path / "two", epochs=1, batch_solutions=400, **adapted))
    critic = Critic.load(again.checkpoint)
    assert critic.separator == base.separator
    assert critic.facts["lineage"] == [first, report.identity]
    assert critic.facts["settings"]["lora"]["rank"] == 8
    assert not any("lora" in name for name in critic.model.state_dict())
    (start,) = [json.loads(line) for line in (tmp_path / "two" / "metrics.jsonl").read_text().splitlines()]
    assert start["loss"] < report.constant.bce - 0.05
