"""Configuration of `codaserve critic train`."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from codaserve.lora import LowRankSettings
from codaserve.settings import ProgramSettings, Section
from critic.training.data import DataKind


class LoraSettings(LowRankSettings):
    """Training of low-rank additions to the weights (arXiv 2106.09685) in their place; the head is trained whole.

    They are added to the weights when the critic is saved, so that its checkpoint is as any other.
    """

    dropout: float = Field(0.0, ge=0, lt=1)
    """Share of an addition's inputs that is dropped in training."""


class LearningSettings(Section):
    """How a critic is trained, whatever on."""

    epochs: int = Field(1, ge=1)
    """Passes over the data."""
    batch_solutions: int = Field(64, ge=1)
    """Solutions of one update, over all processes. All their labelled boundaries weigh the same."""
    max_tokens_per_pass: int | None = Field(None, ge=1)
    """Tokens of one forward and backward pass. Bounds memory; has no influence on the result but rounding.
    Default: 2048 on CPU, 16384 on an accelerator."""
    max_tokens: int = Field(4096, ge=2)
    """Longest prompt and response together, tokens. Longer solutions are left out, counted and reported."""
    learning_rate: float = Field(5e-6, gt=0)
    """Peak learning rate (AdamW). The default is DAPO's for 7B models; small models want more."""
    head_learning_rate: float | None = Field(None, gt=0)
    """Peak learning rate of the value head; a new head learns faster than the model below it. Default: the same."""
    weight_decay: float = Field(0.0, ge=0)
    """AdamW's decoupled weight decay."""
    warmup_share: float = Field(0.05, ge=0, le=1)
    """Share of the updates over which the learning rate rises from 0."""
    schedule: Literal["constant", "cosine"] = "cosine"
    """The learning rate after the warm-up: kept, or lowered to 0 along a half cosine."""
    max_grad_norm: float = Field(1.0, gt=0)
    """Gradients of greater norm are scaled down to it."""
    held_out_share: float = Field(0.1, ge=0, lt=1)
    """Share of the prompts, with all their solutions, that is kept from training and measured at the end."""
    calibrate_base: bool = False
    """Begins with a scale and an offset of the base's logits, fitted to the labels, on which it was not trained: for a
    base that is a critic of something else, as another policy's or a process reward model."""
    lora: LoraSettings = LoraSettings()
    """Low-rank training."""
    save_every: int = Field(0, ge=0)
    """Updates between saved states, from which `resume` goes on; 0 saves none. They are removed at the end."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Of the forward pass; weights and optimizer stay float32. auto: bfloat16 on an accelerator, float32 on CPU."""


class TrainSettings(ProgramSettings, LearningSettings):
    """Trains a critic on solutions whose step boundaries carry Monte-Carlo values."""

    # Not CODASERVE_CRITIC_TRAIN_: the server, whose prefix is CODASERVE_CRITIC_, would take such keys for its own.
    model_config = SettingsConfigDict(env_prefix="CODASERVE_TRAINCRITIC_")

    data: Path
    """Training data: JSONL, {"prompt": "...", "response": "...", "step_ends": [..] (optional), "values": [..]}, or with
    "label": true or false in place of values; .gz is unpacked. Or a folder that `codaserve critic collect` wrote."""
    data_kind: DataKind = "auto"
    """values: step boundaries have Monte-Carlo values. outcome: each boundary gets its solution's outcome, from `label`
    or the last value. auto: what each line has."""
    base: Path
    """Where training starts: a language model's folder (it gets a new head) or a critic checkpoint (it goes on)."""
    output: Path
    """Folder for the results: `checkpoint` (for `codaserve critic --checkpoint`), `report.json`, `reliability.svg`,
    `metrics.jsonl`."""
    held_out_data: Path | None = None
    """Held-out solutions to measure on, in place of a share of the data, with which they have no prompt in common."""
    baselines: bool = False
    """Also trains a critic on outcomes alone, with the same data, seed and updates, and measures it beside this one.
    Takes as long again."""
    resume: bool = False
    """Goes on from the newest saved state in `output`, or from the beginning where there is none."""
    seed: int = Field(0, ge=0)
    """Decides the order of the data and what is held out."""
    device: Literal["auto", "cpu"] = "auto"
    """auto takes an accelerator where there is one."""
