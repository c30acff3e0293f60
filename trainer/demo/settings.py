"""Configuration of `codaserve demo`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from codaserve.settings import ProgramSettings, Section

SHIPPED = Path(__file__).parent / "assets"
POLICY, BASE, CRITIC = "policy", "base", "critic"
"""Folders below the assets."""


class LabelSettings(Section):
    """How many solutions get Monte-Carlo values for a critic."""

    questions: int = Field(ge=2)
    """Training questions that are answered."""
    solutions: int = Field(8, ge=2)
    """Solutions sampled for each question."""
    keep: int = Field(2, ge=1)
    """Solutions of each question that are labelled, half of them right and half wrong where there are enough."""
    completions: int = Field(ge=1)
    """N: completions from each step boundary; their share of right answers is the label."""
    epochs: int = Field(ge=1)
    """Passes of the critic's training over the labelled solutions."""
    learning_rate: float = Field(gt=0)
    """Peak learning rate of the critic's training."""


class BaseSettings(Section):
    """Teaching a model to see where a line is wrong, on worked solutions of the tasks' own writer."""

    steps: int = Field(1000, ge=1)
    """Optimizer steps, of 32 fresh solutions each."""
    learning_rate: float = Field(2e-3, gt=0)
    """Peak learning rate."""
    slips: float = Field(2.0, ge=0, le=2)
    """How careless the writer of the solutions is; 0 makes no mistake."""


class ScratchSettings(Section):
    """Making the models from nothing; ignored otherwise."""

    steps: int = Field(2400, ge=1)
    """Optimizer steps of the policy's warm-up, of 64 worked solutions each."""
    learning_rate: float = Field(2e-3, gt=0)
    """Peak learning rate of the warm-up."""
    slips: float = Field(1.0, ge=0, le=2)
    """How careless the writer of the worked solutions is; 0 makes no mistake."""
    base: BaseSettings = BaseSettings()
    """Making the base for critics, of the policy."""
    critic: LabelSettings = LabelSettings(questions=160, completions=8, epochs=4, learning_rate=1e-4)
    """Making the critic, of the base."""


class DemoSettings(ProgramSettings):
    """Trains a small policy on this machine against a live scorer and critic, and shows the gain."""

    model_config = SettingsConfigDict(env_prefix="CODASERVE_DEMO_")

    seed: int = Field(0, ge=0)
    """Of the questions, the sampling and the training. The shipped policy and critic do not depend on it."""
    output: Path = Path("demo")
    """Folder for report.html, results.json, the services' logs and the training run. An earlier run's files there are
    replaced."""
    assets: Path | None = None
    """Folder with `policy`, `base` and `critic`. Default: the ones that ship with the package; with from_scratch, where
    they are written, by default the folder `assets` in the output folder."""
    from_scratch: bool = False
    """Make policy, base and critic from nothing and write them to `assets`, instead of running the demo."""
    threads: int = Field(1, ge=0)
    """Processor threads of the policy: a second one gains little with so small a model, and costs a lot where others
    use the processor too. 0: one for each core, at most 4."""
    steps: int = Field(52, ge=1)
    """Batches of questions to train on."""
    questions: int = Field(24, ge=4)
    """Questions of a batch."""
    group_size: int = Field(8, ge=2)
    """Responses to each question."""
    learning_rate: float = Field(2e-2, gt=0)
    """Peak learning rate of the policy's trained parameters, its normalisation gains."""
    step_credit: float = Field(0.3, ge=0, le=1)
    """lambda, the critic's share of the advantages."""
    held_out: int = Field(100, ge=2)
    """Held-out questions of each level, of which there are seven."""
    samples: int = Field(2, ge=1)
    """Responses to each held-out question; accuracy is their mean."""
    max_response_tokens: int = Field(160, ge=8)
    """Longest response; the longest right one has about 130 tokens."""
    refresh: LabelSettings = LabelSettings(questions=48, completions=4, epochs=4, learning_rate=1e-4)
    """The critic's refresh before the training."""
    scratch: ScratchSettings = ScratchSettings()
    """Making policy and critic from nothing."""

    @property
    def assets_folder(self) -> Path:
        """`assets` with its default filled in."""
        if self.assets is not None:
            return self.assets
        return self.output / "assets" if self.from_scratch else SHIPPED
