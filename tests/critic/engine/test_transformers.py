import random
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import BertConfig, BertModel, Gemma2Config, Gemma2Model, MistralConfig, MistralModel

from critic.attention import UnsupportedAttentionError
from critic.checkpoint import Critic
from critic.encode import CutText, EncodedSequence, Encoder
from critic.engine.transformers import TransformersEngine, place
from critic.model import ValueModel, new_head
from critic.steps import newline_ends
from critic.tree import plant
from tests.critic.computing import values_of

TOLERANCE = 1e-5
TEXTS = ["a\nb\nc\n", "", "ab\n\n é\nlast", "\n", "x" * 40 + "\nb\n", "a\nb\nd\n", " b\n" * 9]


def sequences(encoder: Encoder, texts: list[str], prompt: str = "question: ") -> list[EncodedSequence]:
    return encoder.encode(prompt, [CutText(text, tuple(newline_ends(text))) for text in texts])


@pytest.fixture(params=["lm_dir", "llama_dir"])
def critic(request: pytest.FixtureRequest) -> Critic:
    critic = Critic.from_language_model(request.getfixturevalue(request.param))
    torch.nn.init.normal_(critic.model.head.get_parameter("weight"), generator=torch.Generator().manual_seed(0))
    critic.model.eval()
    return critic


def test_a_boundary_has_the_value_of_its_state_evaluated_alone(critic: Critic) -> None:
    encoder = Encoder(critic.tokenizer)
    all_values = []
    for text in TEXTS:
        (values,) = values_of(critic.model, sequences(encoder, [text]))
        all_values += values
        for end, value in zip([0, *newline_ends(text)], values, strict=True):
            (alone,) = values_of(critic.model, sequences(encoder, [text[:end]]))
            assert value == pytest.approx(alone[-1], abs=TOLERANCE)
    assert max(all_values) - min(all_values) > 0.1  # else the comparison would say nothing


def test_values_do_not_depend_on_the_batch(critic: Critic) -> None:
    encoder = Encoder(critic.tokenizer)
    batch = sequences(encoder, TEXTS) + sequences(encoder, TEXTS, prompt="q")
    alone = [values_of(critic.model, [sequence])[0] for sequence in batch]
    order = list(range(len(batch)))
    random.Random(0).shuffle(order)
    for values, index in zip(values_of(critic.model, [batch[index] for index in order]), order, strict=True):
        assert values == pytest.approx(alone[index], abs=TOLERANCE)


def test_values_are_the_sigmoid_of_the_head_at_the_boundary(critic: Critic) -> None:
    (sequence,) = sequences(Encoder(critic.tokenizer), ["a\nb\n"])
    with torch.no_grad():
        hidden = critic.model.backbone(torch.tensor([sequence.tokens])).last_hidden_state[0]
        expected = torch.sigmoid(critic.model.head(hidden[list(sequence.boundaries)])).squeeze(-1)
    assert values_of(critic.model, [sequence])[0] == pytest.approx(expected.tolist(), abs=1e-6)


def test_a_model_that_breaks_down_gives_nan_and_certainty_stays_inside_the_interval(critic: Critic) -> None:
    (sequence,) = sequences(Encoder(critic.tokenizer), ["a\n"])
    torch.nn.init.zeros_(critic.model.head.get_parameter("weight"))
    for bias, low, high in [(1e4, 1 - 1e-9, 1.0), (-1e4, 0.0, 1e-9)]:
        torch.nn.init.constant_(critic.model.head.get_parameter("bias"), bias)
        assert all(low < value < high for value in values_of(critic.model, [sequence])[0])
    for bias in (float("nan"), float("inf")):
        torch.nn.init.constant_(critic.model.head.get_parameter("bias"), bias)
        assert all(value != value for value in values_of(critic.model, [sequence])[0])


def test_a_new_head_answers_the_mean(critic: Critic) -> None:
    model = ValueModel(critic.model.backbone, new_head(32, mean=0.3))
    assert values_of(model, [EncodedSequence((1, 2), (0, 1))])[0] == pytest.approx([0.3, 0.3])


def test_shared_beginnings_change_nothing(critic: Critic) -> None:
    batch = sequences(Encoder(critic.tokenizer), TEXTS)
    tree = plant(batch)
    assert tree.shared > 0
    (together,) = TransformersEngine(critic.model).values([tree])
    for alone, row in zip((values_of(critic.model, [sequence])[0] for sequence in batch), together, strict=True):
        assert row == pytest.approx(alone, abs=TOLERANCE)


def test_a_sliding_window_is_the_models_own() -> None:
    torch.manual_seed(0)
    config = MistralConfig(
        vocab_size=50, hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, sliding_window=4,
    )  # fmt: skip
    plain = MistralModel(config).eval()
    model = ValueModel(MistralModel(config).eval(), nn.Linear(32, 1))
    model.backbone.load_state_dict(plain.state_dict())
    batch = [EncodedSequence((1, 2, 3, *range(10, 10 + n)), (2, n + 2)) for n in (1, 5, 20)]
    (rows,) = TransformersEngine(model).values([plant(batch)])
    for sequence, row in zip(batch, rows, strict=True):
        with torch.no_grad():
            hidden = plain(torch.tensor([sequence.tokens])).last_hidden_state[0, list(sequence.boundaries)]
            expected = torch.sigmoid(model.head(hidden)).squeeze(-1)
        assert row == pytest.approx(expected.tolist(), abs=TOLERANCE)


def test_attention_that_packed_rows_do_not_support_is_refused() -> None:
    config = BertConfig(vocab_size=4, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
    with pytest.raises((UnsupportedAttentionError, TypeError)):
        values_of(ValueModel(BertModel(config).eval(), new_head(8)), [EncodedSequence((1, 2), (0, 1))])
    capped = Gemma2Config(
        vocab_size=9, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, num_key_value_heads=1, head_dim=8,
        intermediate_size=8,
    )  # fmt: skip
    with pytest.raises(UnsupportedAttentionError, match="softcap"):
        values_of(ValueModel(Gemma2Model(capped).eval(), new_head(8)), [EncodedSequence((1, 2), (0, 1))])


def test_bfloat16_stays_near_float32(critic_dir: Path) -> None:
    full, half = (Critic.load(critic_dir, dtype=dtype) for dtype in (torch.float32, torch.bfloat16))
    batch = sequences(Encoder(full.tokenizer), TEXTS)
    assert TransformersEngine(half.model).device == "cpu bfloat16"
    for a, b in zip(values_of(full.model, batch), values_of(half.model, batch), strict=True):
        assert a == pytest.approx(b, abs=0.05)


def test_auto_takes_float32_on_cpu() -> None:
    assert place("cpu", "auto") == (torch.device("cpu"), torch.float32)
    assert place("cuda", "auto") == (torch.device("cuda"), torch.bfloat16)
