"""Configuration of objective.kind dapo."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from codaserve.settings import Section

Truncated = Literal["score", "mask", "wrong"]


class PairSettings(Section):
    """Triples and the loss on them (arXiv 2412.18279)."""

    beta: float = Field(default=0.01, gt=0, allow_inf_nan=False)
    """log pi - log pi_ref of a step is drawn to its advantage divided by beta."""
    threshold: float = Field(default=0.1, ge=0, le=1)
    """States are left out whose advantages differ by less, from the highest to the lowest."""
    truncated: Truncated = "score"
    """What becomes of a step that the token limit cut off, which ends its answer: it has the verdict on the answer as
    it stands, is left out, or is wrong whatever stands in it. The same goes for the answer in v_q."""
    weighting: bool = False
    """Weight each state by v_q + delta of its question, from the completions of the prompt (arXiv 2606.07950)."""
    delta: float = Field(default=0.1, ge=0, allow_inf_nan=False)
    """Added to the value of each question."""
    batch_pairs: int = Field(default=2048, ge=2)
    """Pairs of a state and a step of one optimizer step, at most; all steps of a state are in the same one."""
    epochs: int = Field(default=1, ge=1)
    """Passes over the triples."""


class DapoSettings(PairSettings):
    """Direct advantages, offline (arXiv 2412.18279). Used when objective.kind is dapo, and then in place of steps,
    rollout.temperature, codapo and, but for objective.micro_batch_tokens, objective."""

    data: Path | None = None
    """Folder that `codaserve critic collect` wrote with the policy at model.path, which is the reference policy."""
