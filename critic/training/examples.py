"""Labelled solutions as the model sees them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from critic.encode import EncodedSequence, Encoder, TooLongError
from critic.training.data import LabelledSolution


@dataclass(frozen=True)
class Example:
    """A tokenized solution with its labels.

    Attributes:
        sequence: Tokens and boundaries.
        targets: The Monte-Carlo value of each boundary, NaN where there is none.
        outcome: Whether the finished answer is right, if that is known.
    """

    sequence: EncodedSequence
    targets: tuple[float, ...]
    outcome: bool | None

    @property
    def labelled(self) -> int:
        """Boundaries with a label."""
        return sum(not math.isnan(target) for target in self.targets)

    @property
    def prompt(self) -> tuple[int, ...]:
        """Its tokens."""
        return self.sequence.tokens[: self.sequence.boundaries[0] + 1]

    @property
    def unfinished(self) -> tuple[float, ...]:
        """The targets of the states before the end of an answer that was verified."""
        return self.targets if self.outcome is None else self.targets[:-1]

    def with_outcome(self) -> "Example":
        """The same solution with its outcome, which is known, as the target of each boundary."""
        assert self.outcome is not None
        return Example(self.sequence, (float(self.outcome),) * len(self.targets), self.outcome)

    def without_labels(self) -> "Example":
        """The same solution as one that adds nothing to the loss."""
        return Example(self.sequence, (math.nan,) * len(self.targets), None)


def encode(encoder: Encoder, solutions: Sequence[LabelledSolution], max_tokens: int) -> tuple[list[Example], int]:
    """The solutions that have a label and at most `max_tokens` tokens, and how many are longer."""
    examples, too_long = [], 0
    for solution in solutions:
        if all(value is None for value in solution.values):
            continue
        try:
            (sequence,) = encoder.encode(solution.prompt, [solution.response], max_tokens)
        except TooLongError:
            too_long += 1
            continue
        targets = tuple(math.nan if value is None else value for value in solution.values)
        outcome = None if solution.outcome is None else solution.outcome == 1
        examples.append(Example(sequence, targets, outcome))
    return examples, too_long


def target_tensor(examples: Sequence[Example], device: torch.device) -> Tensor:
    """The targets of all boundaries, example after example, as `critic.model.pad` orders the values. float32."""
    return torch.tensor([target for example in examples for target in example.targets], device=device)
