"""Configuration of the reward, part by part."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from codaserve.settings import Section

Rule = Literal[
    "boxed",
    "final_answer",
    "hash",
    "last_expression",
    "fence_entry_point",
    "fence",
    "fence_untagged",
    "whole",
]
"""Where a scorer finds an answer: docs/math.md and docs/code.md."""


class RewardSettings(Section):
    """One part of the reward, which is the sum of weight times score over its parts."""

    name: str = Field(min_length=1)
    """In metrics; of kind task also the key of the task under `rewards` in each row."""
    kind: Literal["score", "correct", "extraction", "task"] = "task"
    """What is scored. score: the row's own task, in parts where it gives partial credit. correct: the same, 1 if right
    and else 0. extraction: 1 if the scorer found the answer by one of `rules`, right or wrong, else 0: a reward for the
    format. task: another task of the row, {"rewards": {"NAME": {"math": ...}}} or {"code": ...}."""
    weight: float = Field(default=1.0, allow_inf_nan=False)
    """What the score, which is from 0 to 1, is multiplied by; below 0 it is a penalty."""
    rules: list[Rule] = Field(default_factory=list)
    """Of kind extraction: boxed, final_answer, hash or last_expression of a math answer, fence_entry_point, fence,
    fence_untagged or whole of a program."""
    addresses: list[str] = Field(default_factory=list)
    """Of kind task: host:port of scorers of its own, waited for like the other. Default: none, the run's scorer."""

    @model_validator(mode="after")
    def _fits_kind(self) -> Self:
        if (self.kind == "extraction") != bool(self.rules):
            raise ValueError("rules belong to kind extraction, which needs one")
        if self.addresses and self.kind != "task":
            raise ValueError("addresses belong to kind task; the others come from the verdict on the row's own task")
        return self


def _distinct(rewards: list[RewardSettings]) -> list[RewardSettings]:
    names = [reward.name for reward in rewards]
    if len(set(names)) < len(names):
        raise ValueError("two parts of the reward have one name")
    return rewards


Rewards = Annotated[list[RewardSettings], Field(min_length=1), AfterValidator(_distinct)]

SCORE = RewardSettings(name="score", kind="score")
"""The reward when nothing else is asked for."""
