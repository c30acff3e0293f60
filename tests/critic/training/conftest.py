"""Data for training."""

import random
from pathlib import Path

import pytest

from critic.training.data import write
from tests.critic.training.learnable import solution


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 labelled solutions to 80 questions."""
    order = random.Random(0)
    file = tmp_path_factory.mktemp("data") / "train.jsonl"
    write(file, [solution(order, number) for number in range(400)])
    return file
