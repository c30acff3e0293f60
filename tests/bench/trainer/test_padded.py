from pathlib import Path

import torch
from transformers import AutoModelForCausalLM

from bench.trainer.padded import padded_policy
from bench.trainer.setting import demo_policy


def test_a_padded_policy_is_larger_and_says_the_same(tmp_path: Path) -> None:
    torch.manual_seed(1)
    small = AutoModelForCausalLM.from_pretrained(demo_policy(), dtype=torch.float32).eval()
    large = AutoModelForCausalLM.from_pretrained(padded_policy(tmp_path, 2, 5), dtype=torch.float32).eval()
    assert large.num_parameters() > 3 * small.num_parameters()
    tokens = torch.randint(2, 150, (2, 40))
    with torch.no_grad():
        wanted, found = small(tokens).logits.softmax(-1), large(tokens).logits.softmax(-1)
    assert torch.allclose(wanted, found, atol=1e-3)
