from pathlib import Path

import pytest
import torch

from bench.reproduce import families, rewriting
from bench.reproduce.families import ARITHMETIC, REWRITING
from critic.checkpoint import Critic, digest
from trainer.demo import model, tokenizer
from trainer.demo.settings import BASE, SHIPPED, BaseSettings


def test_the_base_of_arithmetic_is_that_of_the_demo(tmp_path: Path) -> None:
    ARITHMETIC.base(tmp_path / "policy", tmp_path / "base")
    assert Critic.load(tmp_path / "base").facts == Critic.load(SHIPPED / BASE).facts
    weights = "model.safetensors"
    assert (tmp_path / "base" / weights).read_bytes() == (SHIPPED / BASE / weights).read_bytes()


def test_the_base_of_rewriting_is_taught_on_its_own_solutions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy, base = tmp_path / "policy", tmp_path / "base"
    torch.manual_seed(3)
    words = tokenizer.build(rewriting.WORDS)
    model.build(words).save_pretrained(policy)
    words.save_pretrained(policy)
    monkeypatch.setattr(families, "REWRITING_BASE", BaseSettings(steps=2, slips=1.0))
    REWRITING.base(policy, base)
    critic = Critic.load(base)
    assert critic.tokenizer.get_vocab() == words.get_vocab()
    made = digest(base)
    REWRITING.base(policy, base)  # what is there is not made again
    assert digest(base) == made
