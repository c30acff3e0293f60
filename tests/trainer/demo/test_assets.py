import json

import pytest
import torch
from transformers import AutoModelForCausalLM

from codaserve.tokenizer import load_tokenizer
from critic.checkpoint import Critic
from trainer.demo import model as demo_model
from trainer.demo import tokenizer as demo_tokenizer
from trainer.demo.model import MOST_PARAMETERS
from trainer.demo.settings import CRITIC, POLICY, SHIPPED, DemoSettings

MOST_BYTES = 8 * 1024 * 1024


@pytest.mark.parametrize("name", [POLICY, CRITIC])
def test_files_are_small(name: str) -> None:
    sizes = {path.name: path.stat().st_size for path in (SHIPPED / name).rglob("*")}
    assert sizes
    assert max(sizes.values()) <= MOST_BYTES, sizes


def test_the_shipped_policy_is_what_the_code_builds() -> None:
    policy = AutoModelForCausalLM.from_pretrained(SHIPPED / POLICY)
    built = demo_model.build(demo_tokenizer.build())
    assert policy.dtype == torch.float32
    assert {name: tensor.shape for name, tensor in policy.state_dict().items()} == {
        name: tensor.shape for name, tensor in built.state_dict().items()
    }
    assert sum(parameter.numel() for parameter in policy.parameters()) <= MOST_PARAMETERS
    tokenizer = load_tokenizer(SHIPPED / POLICY)
    assert tokenizer.get_vocab() == demo_tokenizer.build().get_vocab()
    text = "Compute 1+1.\n"
    assert tokenizer(text)["input_ids"] == demo_tokenizer.build()(text)["input_ids"]


def test_the_shipped_critic_loads() -> None:
    critic = Critic.load(SHIPPED / CRITIC)
    assert sum(parameter.numel() for parameter in critic.model.parameters()) <= MOST_PARAMETERS
    assert critic.tokenizer.get_vocab() == demo_tokenizer.build().get_vocab()


def test_the_recipe_of_the_shipped_policy_is_the_default_one() -> None:
    recipe = json.loads((SHIPPED / POLICY / "training.json").read_text())
    defaults = DemoSettings().scratch.model_dump(exclude={"outcomes", "critic"})
    assert {name: recipe[name] for name in defaults} == defaults
    assert f"--seed {recipe['seed']}" in (SHIPPED / "README.md").read_text()
