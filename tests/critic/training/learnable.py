"""Data from which a small critic can learn: the value of a state is decided by its letters."""

import random
from pathlib import Path
from typing import Any

from critic.encode import CutText
from critic.steps import newline_ends
from critic.training.data import LabelledSolution
from critic.training.settings import TrainSettings


def solution(order: random.Random, number: int) -> LabelledSolution:
    """Once a line has an x, the answer will be wrong: value 0.1; before that 0.7."""
    lines = order.choices(["aa\n", "cc\n", "ax\n"], weights=[4, 4, 1], k=order.randint(2, 5))
    text = "".join(lines)
    ends = newline_ends(text)
    values: list[float | None] = [0.7, *(0.1 if "x" in text[:end] else 0.7 for end in ends)]
    values[-1] = 0.0 if "x" in text else 1.0
    if len(values) > 3:
        values[1] = None
    return LabelledSolution(f"question {number % 80}\n", CutText(text, tuple(ends)), tuple(values))


def settings(data: Path, base: Path, output: Path, **more: Any) -> TrainSettings:
    """Rates that suit the small model."""
    values: dict[str, Any] = {"epochs": 2, "batch_solutions": 16, "learning_rate": 3e-3, "head_learning_rate": 3e-2}
    return TrainSettings(**{"data": data, "base": base, "output": output, "device": "cpu", **values, **more})
