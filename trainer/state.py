"""Where a run stands: all that a checkpoint holds besides weights, optimizer and random states."""

from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from trainer.report.reports import BatchReport


@dataclass
class HalfStep:
    """A step whose first update is done and whose focused batch is still to come."""

    slots: list[int]
    """The questions of the focused batch, as positions in the training questions."""
    skipped: str
    """Why there is no focused batch; empty when there is."""
    batch: BatchReport
    """What the first update did."""
    timings: dict[str, float]


@dataclass
class RunState:
    """Changes with every step."""

    step: int = 0
    """Steps done."""
    consumed: int = 0
    """Questions taken from the endless sequence of shuffled epochs: the data cursor."""
    evaluated: int = -1
    """The step after which the last evaluation was made; -1 before the first."""
    half: HalfStep | None = None
    """Set while a step is between its two updates."""
    updates: int = 0
    """Updates that the policy has had: its version."""

    def to_json(self) -> dict[str, Any]:
        """As plain data; floats survive exactly."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "RunState":
        """The inverse.

        Raises:
            pydantic.ValidationError: It is not what `to_json` gave.
        """
        return TypeAdapter(cls).validate_python(data)
