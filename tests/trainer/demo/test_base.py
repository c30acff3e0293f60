import pytest
import torch
from transformers import AutoModelForCausalLM, Qwen2ForCausalLM

from codaserve.tokenizer import load_tokenizer
from trainer.demo import model, tokenizer
from trainer.demo.base import Reader, grown, teach
from trainer.demo.settings import POLICY, SHIPPED
from trainer.demo.tasks import family
from trainer.demo.warmup import Progress

TEXT = "Compute (34+92-51)*2.\na) 34+92=126\nb) 126-51=74\nc) 74*2="


@pytest.fixture(scope="module")
def policy() -> Qwen2ForCausalLM:
    found: Qwen2ForCausalLM = AutoModelForCausalLM.from_pretrained(SHIPPED / POLICY, dtype=torch.float32)
    return found


def test_the_layers_of_the_policy_compute_what_they_did(policy: Qwen2ForCausalLM) -> None:
    tokens = torch.tensor([load_tokenizer(SHIPPED / POLICY)(TEXT)["input_ids"]])
    with torch.no_grad():
        expected, found = Reader(policy)(tokens)
        before = policy(input_ids=tokens).logits
    assert found.shape == (*tokens.shape, 3)
    assert float((expected.softmax(-1) - before.softmax(-1)).abs().max()) < 0.03


def test_prepared_heads_look_at_the_token_before_and_at_the_token(policy: Qwen2ForCausalLM) -> None:
    base = grown(policy)
    base.set_attn_implementation("eager")
    tokens = torch.randint(3, 150, (1, 60), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        found = base(input_ids=tokens, output_attentions=True)
    looks = found.attentions[policy.config.num_hidden_layers][0]
    for head, back in enumerate((1, 1, 0)):
        assert float(looks[head].diagonal(-back)[1:].min()) > 0.95


def test_teaching_leaves_the_policy_and_changes_what_is_above_it() -> None:
    torch.manual_seed(1)
    words = tokenizer.build()
    reader = Reader(model.build(words))
    before = {name: tensor.clone() for name, tensor in reader.state_dict().items()}
    seen: list[Progress] = []
    teach(
        reader, words, lambda rng: family.draw("1", "train", rng),
        steps=6, lr=2e-3, slips=2.0, seed=1, on_progress=seen.append,
    )  # fmt: skip
    assert [progress.step for progress in seen] == [1, 2, 3, 4, 5, 6]
    assert seen[-1].loss < seen[0].loss
    changed = {name for name, tensor in reader.state_dict().items() if not torch.equal(tensor, before[name])}
    assert all(name.startswith(("base.layers.4.", "base.layers.5.", "base.norm.", "marks.")) for name in changed)
    assert "base.layers.4.mlp.gate_proj.weight" in changed
