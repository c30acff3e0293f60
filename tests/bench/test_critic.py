import torch
from transformers import Qwen2Config, Qwen2Model

from bench.critic import device, speed


def test_contestants_agree_and_the_report_has_a_row_for_each() -> None:
    text = speed.run(hidden=128, layers=1, count=2, repeats=1)
    for name in ("state by state", "padded", "packed", "gRPC"):
        assert text.count(f"| {name} |") == 3
    assert "| 64 |" in text


def test_the_measurement_of_a_device_runs_on_a_cpu() -> None:
    text = device.run("cpu", hidden=128, layers=1, tokens=200, count=2, repeats=1)
    assert "| engine |" in text
    assert "| engine and tokenizer |" in text
    assert "| gRPC |" in text
    assert "while 4 checkpoints were loaded" in text


def test_operations_are_those_of_the_matrix_products() -> None:
    config = Qwen2Config(
        vocab_size=7, hidden_size=8, intermediate_size=16, num_hidden_layers=3, num_attention_heads=2,
        num_key_value_heads=1,
    )  # fmt: skip
    with torch.device("meta"):
        model = Qwen2Model(config)
    weights = 3 * (8 * 8 + 8 * 8 + 2 * 8 * 4 + 3 * 8 * 16)
    assert device.flops(model, 10) == 2 * 10 * weights + 3 * 2 * 10 * 10 * 8
