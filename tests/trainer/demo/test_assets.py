import json
from itertools import pairwise
from random import Random

import pytest
import torch
from transformers import AutoModelForCausalLM

from codaserve.tokenizer import load_tokenizer
from critic.checkpoint import Critic, digest
from critic.encode import CutText, Encoder
from critic.steps import newline_ends
from critic.training.data import LabelledSolution
from critic.training.examples import encode
from critic.training.held_out import values_of
from critic.training.quality import auc
from trainer.demo import model as demo_model
from trainer.demo import tokenizer as demo_tokenizer
from trainer.demo.model import MOST_PARAMETERS
from trainer.demo.settings import BASE, CRITIC, POLICY, SHIPPED, DemoSettings
from trainer.demo.tasks import family

MOST_BYTES = 3_600_000


@pytest.mark.parametrize("name", [POLICY, BASE, CRITIC])
def test_models_are_small(name: str) -> None:
    sizes = {path.name: path.stat().st_size for path in (SHIPPED / name).rglob("*")}
    assert sizes
    assert sum(sizes.values()) <= MOST_BYTES, sizes


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


@pytest.mark.parametrize("name", [BASE, CRITIC])
def test_the_shipped_critics_load(name: str) -> None:
    critic = Critic.load(SHIPPED / name)
    assert sum(parameter.numel() for parameter in critic.model.parameters()) <= MOST_PARAMETERS
    assert critic.tokenizer.get_vocab() == demo_tokenizer.build().get_vocab()


def test_the_shipped_critic_began_with_the_shipped_base() -> None:
    assert Critic.load(SHIPPED / CRITIC).facts["lineage"][0] == digest(SHIPPED / BASE)


def test_the_values_of_the_shipped_base_say_whether_all_lines_are_right() -> None:
    right, values = _worked(BASE)
    found = auc([value for row in values for value in row[1:]], [line for row in right for line in row])
    assert found is not None
    assert found > 0.97


def test_the_values_of_the_shipped_critic_fall_where_the_first_line_is_wrong() -> None:
    right, values = _worked(CRITIC)
    changes, lines = list[float](), list[bool]()
    for marks, row in zip(right, values, strict=True):
        seen = marks.index(False) + 1 if False in marks else len(marks)
        changes += [after - before for before, after in pairwise(row[: seen + 1])]
        lines += marks[:seen]
    found = auc(changes, lines)
    assert found is not None
    assert found > 0.8  # a wrong line takes little from a value that is small already


def _worked(name: str) -> tuple[list[list[bool]], list[list[float]]]:
    """Of worked solutions with slips: whether all lines are right up to each, and a shipped critic's values."""
    rng, right, solutions = Random(5), list[list[bool]](), list[LabelledSolution]()
    for _ in range(60):
        problem = family.draw(rng.choice(family.LEVELS), "held-out", rng)
        text = problem.work(rng, 1.0)
        pairs = list(zip(text.split("\n"), problem.corrected(text.split("\n")), strict=True))
        right.append([all(line == wanted for line, wanted in pairs[: end + 1]) for end in range(len(pairs))])
        ends = newline_ends(text)
        solutions.append(LabelledSolution(problem.prompt, CutText(text, tuple(ends)), (1.0,) * (len(ends) + 1)))
    critic = Critic.load(SHIPPED / name)
    examples, _ = encode(Encoder(critic.tokenizer), solutions, 512)
    return right, values_of(critic.model, examples, 2048)


def test_the_recipe_of_the_shipped_policy_is_the_default_one() -> None:
    recipe = json.loads((SHIPPED / POLICY / "training.json").read_text())
    defaults = DemoSettings().scratch.model_dump(exclude={"base", "critic"})
    assert {name: recipe[name] for name in defaults} == defaults
    assert f"--seed {recipe['seed']}" in (SHIPPED / "README.md").read_text()
    base = json.loads((SHIPPED / BASE / "training.json").read_text())
    assert base == {"policy": recipe, **DemoSettings().scratch.base.model_dump()}
