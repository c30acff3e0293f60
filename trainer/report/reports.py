"""What a run reports: plain data for observers, metrics files and the terminal."""

from dataclasses import dataclass, field
from typing import Literal, Protocol


@dataclass(frozen=True)
class QuestionReport:
    """One question of a batch."""

    id: str
    level: str | None
    confidence: float | None
    """c_q over the scored responses; None when fewer than two were scored."""
    difficulty: float | None
    """d_q, likewise."""
    value: float | None
    """v_q, likewise."""
    correct: int
    """Responses judged correct."""
    scored: int
    """Responses with a verdict."""
    unscored: int
    """Responses without one, masked ones not counted."""
    reward: float | None
    """Mean reward of the scored responses."""
    resampled: int
    """Groups of the focused batch that this question got; 0 in the focused batch itself."""
    reason: str
    """Why it was or was not resampled."""
    masked: int = 0
    """Truncated responses that were left out."""


@dataclass(frozen=True)
class SampleStep:
    """One step of a response."""

    begin: int
    """Character offset into the response."""
    end: int
    value: float
    """The critic's value at the step's end; of the last step the verified correctness."""
    advantage: float
    """How much the step changed the value."""


@dataclass(frozen=True)
class SampleReport:
    """One response, kept for a person to read."""

    id: str
    """Of the question."""
    level: str | None
    prompt: str
    """As the policy saw it; its beginning when it is very long."""
    response: str
    """Its beginning when it is very long."""
    cut: int
    """Characters of the response that were left out."""
    correct: bool
    reward: float
    confidence: float
    """exp(mean log p) of the response alone."""
    prompt_value: float | None
    """The critic's value before the first step; None without step credit."""
    steps: list[SampleStep]
    """Those that begin in the part that was kept; empty without step credit."""
    no_steps: str
    """Why there is no step credit; empty when there is, or when the critic was not asked."""


@dataclass(frozen=True)
class LevelReport:
    """Accuracy at one difficulty level of the data set."""

    accuracy: float
    scored: int


@dataclass(frozen=True)
class UpdateReport:
    """One update of the policy."""

    loss: float
    """Mean over the optimizer steps, the divergence times its coefficient included."""
    gradient_norm: float
    """Before clipping, mean over the optimizer steps."""
    clipped: float
    """Share of tokens whose ratio lay outside the clip range on the side that stops the gradient."""
    mismatch: float | None
    """Mean |log p(sampler) - log p(training forward)| of the tokens, natural logarithm; None when no row got a pass."""
    tokens: int
    """Response tokens that the loss was taken over."""
    micro_batches: int
    mismatch_ratio: float | None = None
    """Mean p(training forward) / p(sampler) of the tokens, 1 when both agree."""
    mismatch_max: float | None = None
    """Largest |log p(sampler) - log p(training forward)| of any token."""
    importance_capped: float | None = None
    """Share of tokens whose importance weight reached objective.importance_cap; None without weights."""
    kl: float | None = None
    """Estimated divergence from the reference before each optimizer step, mean over them, without the coefficient; None
    where there is no reference."""
    skipped: int = 0
    """Responses without a forward pass, since all of their advantages are 0."""


@dataclass(frozen=True)
class BatchReport:
    """One batch of groups: the first, or the focused one."""

    rollouts: int
    scored: int
    unscored: dict[str, int]
    """Rollouts without a verdict, by failure code or reason of indecision."""
    reward: float | None
    """Mean over scored rollouts."""
    accuracy: float | None
    levels: dict[str, LevelReport]
    """Hierarchical convergence: accuracy per level; questions without a level are left out."""
    confidence_correct: float | None
    """Confidence inflation: exp(mean log p) of the correct responses."""
    confidence_incorrect: float | None
    positive_advantage: float | None
    """Advantage contraction: mean of the normalised outcome advantages above 0; None when there are none."""
    negative_advantage: float | None
    outcome_term: float | None
    """Mean over tokens of |(1 - lambda) A_i|, before the question's weight."""
    step_term: float | None
    """Mean over tokens of |lambda s_ik / max(std, floor)|, before the question's weight."""
    critic_missing: dict[str, int]
    """Responses whose lambda was 0 for want of a critic answer, by reason."""
    groups_without_update: int
    """Groups with fewer than two scored rollouts."""
    truncated: float
    """Share of rollouts that reached the token limit."""
    response_tokens: float
    """Mean length."""
    questions: list[QuestionReport]
    update: UpdateReport | None
    """None when no group allowed one."""
    critics: list[str] = field(default_factory=list)
    """Checkpoints of the critic that gave the step credit, as it names them; several when it was given another one in
    the middle."""
    samples: list[SampleReport] = field(default_factory=list)
    """A few responses; of most steps none."""
    rewards: dict[str, float] = field(default_factory=dict)
    """Mean score over scored rollouts of each part of the reward, before its weight."""
    staleness: int = 0
    """Updates between the policy that sampled and the one that was trained on it, at most."""
    truncated_masked: int = 0
    """Truncated rollouts that were left out of their groups; neither scored nor unscored."""
    truncated_wrong: int = 0
    """Truncated rollouts that were counted wrong; they are among the scored."""


@dataclass(frozen=True)
class StepReport:
    """One step: a batch, its update, and what the focused batch added."""

    step: int
    """From 1."""
    steps: int
    """Of the whole run."""
    learning_rate: float
    batch: BatchReport
    focused: BatchReport | None
    focused_skipped: str
    """Why there was no focused batch; empty when there was."""
    timings: dict[str, float]
    """Seconds by phase, as in trainer.timing."""
    retries: dict[str, int] = field(default_factory=dict)
    """Requests that were sent again, by service; a step that was resumed counts those since."""

    @property
    def reward(self) -> float | None:
        """Mean reward of the first batch."""
        return self.batch.reward

    @property
    def questions(self) -> list[QuestionReport]:
        """The first batch's questions, with how often and why each was resampled."""
        return self.batch.questions


@dataclass(frozen=True)
class Estimate:
    """A mean over questions with its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class EvaluationReport:
    """An evaluation on the held-out questions."""

    step: int
    """Steps done before it."""
    moment: Literal["before", "during", "after"]
    samples: int
    """k: responses to each question."""
    questions: int
    """Questions with at least one verdict."""
    mean_at_k: Estimate
    pass_at_k: dict[int, Estimate]
    levels: dict[str, Estimate]
    """mean@k by level."""
    level_questions: dict[str, int]
    unscored: dict[str, int]
    """Responses without a verdict, by failure code or reason of indecision."""
    truncated: float
    response_tokens: float
    seconds: float
    retries: dict[str, int] = field(default_factory=dict)
    """Requests that were sent again, by service."""


@dataclass(frozen=True)
class TrainReport:
    """A finished run."""

    steps: int
    model_dir: str
    """The trained policy, as save_pretrained writes it."""
    evaluations: list[EvaluationReport] = field(default_factory=list)
    """Those of this process; those before a resumption are in metrics.jsonl."""
    last_step: StepReport | None = None


class Watcher(Protocol):
    """Is told what happens in any run, in the training process; an exception from it ends the run."""

    def on_evaluation(self, report: EvaluationReport) -> None:
        """After each evaluation."""

    def on_event(self, text: str) -> None:
        """Something that a person should know: an outage, a skipped update, a checkpoint. May come from another
        thread."""


class Observer(Watcher, Protocol):
    """Is told of a run that samples, too."""

    def on_step(self, report: StepReport) -> None:
        """After each step."""
