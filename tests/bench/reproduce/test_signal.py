import pytest

from bench.reproduce import signal
from bench.reproduce.variants import QUESTIONS
from tests.bench.reproduce.test_gradients import question


def test_cosines_are_with_questions_of_other_batches() -> None:
    # All questions of a batch have a coordinate of their own, which no other batch has.
    batches = [[question(0.5, number, 3) for _ in range(QUESTIONS)] for number in range(3)]
    found = signal.cosines([of for batch in batches for of in batch])
    assert found["GRPO, two batches"] == pytest.approx([0.0] * 3)
    alike = [question(0.5, 0, 3) for _ in range(3 * QUESTIONS)]
    assert signal.cosines(alike)["focused batch alone, K = 12"] == pytest.approx([1.0] * 3)
