import random
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel

from critic.checkpoint import Critic
from critic.encode import CutText, EncodedSequence, Encoder
from critic.engine.transformers import TransformersEngine, place
from critic.model import ValueModel, new_head, pad
from critic.steps import newline_ends

TOLERANCE = 1e-5
TEXTS = ["a\nb\nc\n", "", "ab\n\n é\nlast", "\n", "x" * 40 + "\nb\n", "a\nb\nd\n", " b\n" * 9]


def sequences(encoder: Encoder, texts: list[str], prompt: str = "question: ") -> list[EncodedSequence]:
    return encoder.encode(prompt, [CutText(text, tuple(newline_ends(text))) for text in texts])


@pytest.fixture(params=["lm_dir", "llama_dir"])
def critic(request: pytest.FixtureRequest) -> Critic:
    critic = Critic.from_language_model(request.getfixturevalue(request.param))
    torch.nn.init.normal_(critic.model.head.weight, generator=torch.Generator().manual_seed(0))
    critic.model.eval()
    return critic


def test_a_boundary_has_the_value_of_its_state_evaluated_alone(critic: Critic) -> None:
    engine, encoder = TransformersEngine(critic.model), Encoder(critic.tokenizer)
    all_values = []
    for text in TEXTS:
        (values,) = engine.values(sequences(encoder, [text]))
        all_values += values
        for end, value in zip([0, *newline_ends(text)], values, strict=True):
            (alone,) = engine.values(sequences(encoder, [text[:end]]))
            assert value == pytest.approx(alone[-1], abs=TOLERANCE)
    assert max(all_values) - min(all_values) > 0.1  # else the comparison would say nothing


def test_values_do_not_depend_on_the_batch(critic: Critic) -> None:
    engine, encoder = TransformersEngine(critic.model), Encoder(critic.tokenizer)
    batch = sequences(encoder, TEXTS) + sequences(encoder, TEXTS, prompt="q")
    alone = [engine.values([sequence])[0] for sequence in batch]
    order = list(range(len(batch)))
    random.Random(0).shuffle(order)
    for values, index in zip(engine.values([batch[index] for index in order]), order, strict=True):
        assert values == pytest.approx(alone[index], abs=TOLERANCE)


def test_values_are_the_sigmoid_of_the_head_at_the_boundary(critic: Critic) -> None:
    (sequence,) = sequences(Encoder(critic.tokenizer), ["a\nb\n"])
    with torch.no_grad():
        hidden = critic.model.backbone(torch.tensor([sequence.tokens])).last_hidden_state[0]
        expected = torch.sigmoid(critic.model.head(hidden[list(sequence.boundaries)])).squeeze(-1)
    assert TransformersEngine(critic.model).values([sequence])[0] == pytest.approx(expected.tolist(), abs=1e-6)


def test_a_model_that_breaks_down_gives_nan_and_certainty_stays_inside_the_interval(critic: Critic) -> None:
    (sequence,) = sequences(Encoder(critic.tokenizer), ["a\n"])
    engine = TransformersEngine(critic.model)
    torch.nn.init.zeros_(critic.model.head.weight)
    for bias, low, high in [(1e4, 1 - 1e-9, 1.0), (-1e4, 0.0, 1e-9)]:
        torch.nn.init.constant_(critic.model.head.bias, bias)
        assert all(low < value < high for value in engine.values([sequence])[0])
    for bias in (float("nan"), float("inf")):
        torch.nn.init.constant_(critic.model.head.bias, bias)
        assert all(value != value for value in engine.values([sequence])[0])


def test_padding_is_on_the_right_and_boundaries_follow_their_rows() -> None:
    batch = [EncodedSequence((5, 6, 7), (0, 2)), EncodedSequence((8,), (0,))]
    tokens, rows, positions = pad(batch, torch.device("cpu"))
    assert tokens.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert rows.tolist() == [0, 0, 1]
    assert positions.tolist() == [0, 2, 0]


def test_a_new_head_answers_the_mean() -> None:
    config = BertConfig(vocab_size=4, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
    model = ValueModel(BertModel(config).eval(), new_head(8, mean=0.3))
    values = TransformersEngine(model).values([EncodedSequence((1, 2), (0, 1))])
    assert values[0] == pytest.approx([0.3, 0.3])


def test_bfloat16_stays_near_float32(critic_dir: Path) -> None:
    full, half = (Critic.load(critic_dir, dtype=dtype) for dtype in (torch.float32, torch.bfloat16))
    batch = sequences(Encoder(full.tokenizer), TEXTS)
    engine = TransformersEngine(half.model)
    assert engine.device == "cpu bfloat16"
    for a, b in zip(TransformersEngine(full.model).values(batch), engine.values(batch), strict=True):
        assert a == pytest.approx(b, abs=0.05)


def test_auto_takes_float32_on_cpu() -> None:
    assert place("cpu", "auto") == (torch.device("cpu"), torch.float32)
    assert place("cuda", "auto") == (torch.device("cuda"), torch.bfloat16)
