from typing import Any

import pytest

from bench.reproduce.check import Batch, violations


def _row(name: str, batch: str, correct: int, confidence: float = 0.8, resampled: int = 0) -> dict[str, Any]:
    difficulty = 1 - correct / 4
    value = confidence * (1 - 4 * (difficulty - 0.5) ** 2)
    return {
        "step": 1, "batch": batch, "id": name, "correct": correct, "scored": 4, "confidence": confidence,
        "difficulty": difficulty, "value": value, "resampled": resampled,
    }  # fmt: skip


def _step() -> list[dict[str, Any]]:
    """Values 0.8, 0.6, 0.6 and 0; K is 2 of 3 groups, and the tie may go either way."""
    first = [_row("a", "first", 2, resampled=2), _row("b", "first", 1), _row("c", "first", 3, resampled=1)]
    focused = [_row("a", "focused", 1), _row("c", "focused", 2), _row("a", "focused", 4)]
    return [*first, _row("d", "first", 4), *focused]


def test_a_step_as_the_method_says_it() -> None:
    assert violations(_step(), top_k=2, groups=3) == []
    assert violations(_step()[:4], top_k=2, groups=3) == []  # no focused batch


def test_a_wrong_value_or_difficulty_is_found() -> None:
    rows = _step()
    rows[1]["value"] = 0.5
    rows[5]["difficulty"] = 0.25
    found = violations(rows, top_k=2, groups=3)
    assert any("b: value 0.5" in text for text in found) and any("c: difficulty 0.25" in text for text in found)


@pytest.mark.parametrize(
    ("top_k", "groups", "words"), [(3, 3, "2 questions of 3"), (2, 4, "4 groups were to be dealt")]
)
def test_other_numbers_are_found(top_k: int, groups: int, words: str) -> None:
    assert any(words in text for text in violations(_step(), top_k=top_k, groups=groups))


def test_a_better_question_left_out_is_found() -> None:
    rows = _step()
    rows[0], rows[4], rows[6] = _row("a", "first", 2), _row("b", "focused", 1), _row("b", "focused", 1)
    rows[1] = _row("b", "first", 1, resampled=2)
    (text,) = violations(rows, top_k=2, groups=3)
    assert text == "step 1: a question of value 0.800 was left out for one of 0.600"


def test_what_batches_are_like() -> None:
    batch = Batch.of(_step()[:4])
    assert batch.confidence == pytest.approx(0.8)
    assert batch.idle == 0.25
    assert batch.difficulty == pytest.approx((0.5 + 0.75 + 0.25 + 0) / 4)
    assert batch.value == pytest.approx((0.8 + 0.6 + 0.6 + 0) / 4)
