"""What both trainers are given: the same policy, questions and sizes."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from trainer.demo.settings import POLICY, SHIPPED
from trainer.demo.tasks import arithmetic, family


@dataclass(frozen=True)
class Setting:
    """One comparison.

    Attributes:
        name: Of the policy.
        model: Its folder.
        tasks: A task file of the trainer.
        questions: Of a batch.
        group_size: Responses to each.
        tokens: Longest response.
        steps: Timed; one more before them is not.
        seed: Of sampling.
        threads: Of torch.
        learning_rate: So small that the policy stays what it is: both sample from the same one all the time.
    """

    name: str
    model: str
    tasks: str
    questions: int
    group_size: int
    tokens: int
    steps: int
    seed: int
    threads: int
    device: str
    learning_rate: float = 1e-7

    def to_json(self) -> str:
        """For the command line of a contestant."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Setting":
        """The other way round."""
        fields: dict[str, Any] = json.loads(text)
        return cls(**fields)


def demo_policy() -> Path:
    """The policy that ships with the demo, 0.9 million parameters."""
    return SHIPPED / POLICY


def write_tasks(path: Path, count: int) -> Path:
    """Questions of the demo's arithmetic, all levels in turn."""
    names = [level.name for level in arithmetic.LEVELS]
    random = Random(0)
    problems = [family.draw(names[index % len(names)], "train", random) for index in range(count)]
    family.write_tasks(path, problems, prefix="bench")
    return path
