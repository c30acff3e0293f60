"""Configuration of `codaserve train`, key by key."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from codaserve.lora import LowRankSettings
from codaserve.settings import ProgramSettings, Section
from trainer.access import AccessSettings
from trainer.dapo.settings import DapoSettings
from trainer.rewards.settings import SCORE, Rewards
from trainer.rollout.vllm.settings import VllmRolloutSettings

Decay = Annotated[float, Field(ge=0, lt=1)]


class ModelSettings(Section):
    """The policy."""

    path: str
    """Folder of the policy as save_pretrained writes it, or its name on a hub; the tokenizer lies with it."""
    device: Literal["auto", "cpu"] = "auto"
    """auto takes an accelerator when there is one."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """bfloat16 computes under autocast; the weights and the optimizer stay in float32."""
    trainable: str = ""
    """Regular expression; only parameters with a match in their name are trained: "norm" for the normalisation gains, a
    few thousand numbers that little data can move safely. Default: all."""
    lora: LowRankSettings = LowRankSettings()
    """Low-rank training. Checkpoints hold the additions alone; the trained policy has them added to its weights."""
    gradient_checkpointing: bool = False
    """Layers keep only their inputs for the backward pass and compute the rest again: less memory, about a third more
    time for an update, the same result."""

    @field_validator("trainable")
    @classmethod
    def _is_regular_expression(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return pattern

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        if self.lora.rank and self.trainable:
            raise ValueError(
                "trainable chooses among the policy's weights, of which lora trains none: give one of them"
            )
        return self


class SourceSettings(Section):
    """Where questions come from."""

    file: Path | None = None
    """A .jsonl or .parquet file, one question a row. This or `dataset`."""
    dataset: str | None = None
    """Name of a data set for the `datasets` library, or a local folder that it can read."""
    subset: str | None = None
    """Configuration of the data set, where it has several."""
    split: str = "train"
    """Split of the data set."""
    columns: dict[str, str] = Field(default_factory=dict)
    """Our field to the source's column: id, level, question, prompt, math, code, or gold (the gold answer or a list of
    them). With a mapping, columns that are not named are ignored; without one, an unknown field is an error."""
    limit: int | None = Field(default=None, ge=1)
    """Use only the first so many questions."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.file is not None and self.dataset is not None:
            raise ValueError("give either file or dataset, not both")
        return self

    @property
    def given(self) -> bool:
        """Whether there is a source at all."""
        return self.file is not None or self.dataset is not None


class TaskSettings(SourceSettings):
    """The training questions."""

    prompt_template: str = "{question}"
    """Text around each question, `{question}` marks its place; used for the held-out questions too. A row with
    `prompt` instead of `question` is taken as it is."""
    chat_template: bool = False
    """Put the templated text into the tokenizer's chat template as the user's message."""
    drop_long_prompts: bool = False
    """Leave out questions over rollout.max_prompt_tokens, saying how many, instead of refusing to start."""

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if "{question}" not in self.prompt_template:
            raise ValueError("prompt_template must contain {question}")
        return self

    def refuse_none(self) -> None:
        """Raises ValueError where there is no source of questions, for a validator of what needs one."""
        if not self.given:
            raise ValueError("tasks: give file or dataset")


class EvaluateSettings(SourceSettings):
    """Evaluation on held-out questions; none when neither file nor dataset is given."""

    split: str = "test"
    """Split of the data set."""
    every: int = Field(default=0, ge=0)
    """Evaluate after every so many steps; 0 evaluates only before the first step and after the last."""
    samples: int = Field(default=1, ge=1)
    """Responses for each question: mean@k is their mean correctness, pass@k is given for 1, 2, 4, ... up to it."""
    temperature: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    """Of sampling; 0 is greedy, which needs samples 1."""

    @model_validator(mode="after")
    def _greedy_once(self) -> Self:
        if self.temperature == 0 and self.samples > 1:
            raise ValueError("temperature 0 gives equal samples: set samples to 1 or a temperature above 0")
        return self


class RolloutSettings(Section):
    """Sampling of responses."""

    questions: int = Field(default=16, ge=1)
    """B, questions of a batch."""
    group_size: int = Field(default=8, ge=2)
    """G, responses to each question."""
    temperature: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    """Of sampling. Log-probabilities are those of the policy at this temperature, in training as well."""
    top_p: float = Field(default=1.0, gt=0, le=1)
    """Sample from the smallest set of tokens that has this probability. Below 1 the log-probabilities, which are of the
    whole distribution, no longer are exactly those of the sampler."""
    max_prompt_tokens: int = Field(default=1024, ge=1)
    """Longest prompt."""
    max_response_tokens: int = Field(default=3072, ge=1)
    """A response without an end of sequence is truncated here; objective.truncated says what becomes of it."""
    batch_size: int = Field(default=256, ge=1)
    """Responses generated at one time by the engine transformers."""
    engine: Literal["transformers", "vllm"] = "transformers"
    """What generates: the policy itself in this process, or vLLM servers that are given its weights."""
    vllm: VllmRolloutSettings = VllmRolloutSettings()
    """The servers of the engine vllm."""
    max_staleness: int = Field(default=0, ge=0, le=1)
    """Updates that the policy may have had since it sampled what it is trained on. 1 generates, scores and values the
    next batch while the policy is updated; needs the engine vllm."""

    @model_validator(mode="after")
    def _possible_for_the_engine(self) -> Self:
        if self.max_staleness and self.engine != "vllm":
            raise ValueError("max_staleness above 0 needs the engine vllm, which has a copy of the weights")
        if self.vllm.transfer == "nccl" and not self.vllm.addresses:
            raise ValueError(
                "vllm.transfer nccl needs vllm.addresses: servers that run on other GPUs than the trainer's"
            )
        if self.engine == "vllm" and self.top_p < 1:
            raise ValueError(
                "top_p below 1 needs the engine transformers: vLLM's log-probabilities would be among the tokens left"
            )
        return self


class CodapoSettings(Section):
    """Confidence and difficulty (arXiv 2606.07950). Ignored when objective.kind is grpo."""

    weighting: bool = True
    """Weight each question's advantages by v_q + delta; off: by 1."""
    delta: float = Field(default=0.1, ge=0, allow_inf_nan=False)
    """Added to the value of each question. The paper's formula has none; its code has 0.1."""
    sampling: bool = True
    """Draw a focused batch from the questions of highest value and make a second update on it."""
    top_k: int | None = Field(default=None, ge=1)
    """K, questions of the focused batch. Default: a quarter of rollout.questions, at least 1."""
    focused_groups: int | None = Field(default=None, ge=1)
    """Groups of the focused batch, dealt to its questions. Default: rollout.questions."""
    focused_policy: Literal["after_update", "before_update"] = "after_update"
    """Which policy answers the focused batch: that after the first update, or the one that answered the first batch."""


class ObjectiveSettings(Section):
    """The loss."""

    kind: Literal["codapo", "grpo", "dapo"] = "codapo"
    """grpo is the baseline: the same loss with every weight 1, no focused batch and no critic. dapo trains offline, on
    data that `codaserve critic collect` wrote: see dapo."""
    lambda_: float = Field(default=0.3, ge=0, le=1, alias="lambda")
    """Share of the critic's step credit in a token's advantage: 0 is the outcome alone, 1 the steps alone."""
    std_floor: float = Field(default=0.25, gt=0, allow_inf_nan=False)
    """Step credit is divided by the standard deviation of the group's correctness, but never by less than this."""
    baseline: Literal["mean_std", "mean"] = "mean_std"
    """What a response's reward is measured against: mean_std takes the group's mean off and divides by its standard
    deviation, mean only takes the mean off; step credit is then not divided either."""
    clip: float = Field(default=0.2, gt=0, lt=1)
    """The ratio of new to old probability counts between 1 - clip and 1 + clip."""
    clip_high: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Upper side of the clip, if it is another: the ratio counts between 1 - clip and 1 + clip_high."""
    kl: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    """Coefficient of the divergence from the policy that the run started from, which is added to the loss. Above 0 a
    second, frozen copy of the policy is kept in memory, 4 bytes a parameter (none with model.lora, where the reference
    is the policy without its additions), and every batch takes one more forward pass."""
    truncated: Literal["score", "mask", "wrong"] = "score"
    """Responses that reached rollout.max_response_tokens. score: they are scored as they stand. mask: they are left out
    of their group, its mean, difficulty and confidence, and not trained on. wrong: they count as wrong, with a reward
    of 0, whatever stands in them."""
    importance_cap: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Weights each token by its probability in training over its probability in sampling, at most this much (2, say):
    corrects what the sampler computes otherwise. Default: no weights. The mismatch is reported in any case."""
    minibatches: int = Field(default=1, ge=1)
    """Optimizer steps of one update: the batch's questions are split into so many parts."""
    micro_batch_tokens: int = Field(default=8192, ge=1)
    """Tokens, padding included, of one forward and backward pass; changes memory and speed, not the result."""

    @model_validator(mode="before")
    @classmethod
    def _lambda(cls, data: Any) -> Any:
        # Defaults arrive under the alias, a caller's keyword under the name: one key, the caller's, has to be left.
        if isinstance(data, dict) and "lambda_" in data:
            data = dict(data)
            data["lambda"] = data.pop("lambda_")
        return data


class OptimizerSettings(Section):
    """AdamW and its schedule."""

    learning_rate: float = Field(default=1e-6, gt=0, le=1e9)
    """At its highest."""
    warmup_steps: int = Field(default=0, ge=0)
    """Steps over which the learning rate rises from 0."""
    schedule: Literal["constant", "linear", "cosine"] = "constant"
    """What follows the warmup; linear and cosine end at 0 after the last step."""
    weight_decay: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    """Decoupled weight decay."""
    betas: tuple[Decay, Decay] = (0.9, 0.999)
    """Decay of the moments, each at least 0 and below 1."""
    max_gradient_norm: float = Field(default=1.0, gt=0)
    """Gradients are scaled down to this norm."""


class ScorerClientSettings(Section):
    """The scorer."""

    addresses: list[str] = Field(default_factory=list)
    """host:port of running scorers. Default: none, one is started on loopback and stopped at the end."""
    arguments: list[str] = Field(default_factory=list)
    """Command line arguments of the one that is started."""
    timeout: float = Field(default=120.0, gt=0)
    """Seconds that the scoring of one request may take."""
    max_outage: float = Field(default=300.0, ge=0)
    """Seconds for which an unreachable scorer is waited for; past it the run writes a checkpoint and stops."""
    access: AccessSettings = AccessSettings()
    """What running scorers ask for."""
    max_unscored_share: float = Field(default=0.25, ge=0, le=1)
    """The run writes a checkpoint and stops when a larger share of a batch got no verdict."""


class CriticClientSettings(Section):
    """The critic, used when objective.kind is codapo and objective.lambda is above 0, or to make dapo's triples."""

    enabled: bool = True
    """Off: no critic is started or asked, and lambda is 0."""
    addresses: list[str] = Field(default_factory=list)
    """host:port of running critics. Default: none, one is started on loopback and stopped at the end."""
    checkpoint: Path | None = None
    """Folder of the checkpoint for the one that is started."""
    arguments: list[str] = Field(default_factory=list)
    """Further command line arguments of the one that is started."""
    timeout: float = Field(default=120.0, gt=0)
    """Seconds that one request may take."""
    max_outage: float = Field(default=300.0, ge=0)
    """Seconds for which an unreachable critic is waited for; past it the batch goes on without step credit."""
    access: AccessSettings = AccessSettings()
    """What running critics ask for."""


class CheckpointSettings(Section):
    """Checkpoints, in output_dir/checkpoints."""

    every: int = Field(default=10, ge=1)
    """Steps between two of them; one more is written at the end and whenever the run has to stop."""
    keep: int = Field(default=2, ge=1)
    """How many of the newest are kept."""


class ProcessesSettings(Section):
    """Several processes under accelerate launch or torchrun."""

    timeout: float = Field(default=1800.0, gt=0, le=1e6)
    """Seconds for which a process waits for the others: longer than any of them may take to sample its share of a batch
    and have it scored, outages included. Past it the run stops."""


class TrackingSettings(Section):
    """Where the curves of a run are shown, besides metrics.jsonl and `codaserve report`."""

    traces: str | None = None
    """Where spans of OpenTelemetry are sent by OTLP over HTTP (extra tracing): steps, and what services did in them."""
    trackers: list[Literal["tensorboard", "wandb"]] = Field(default=["tensorboard"])
    """tensorboard writes to output_dir/tensorboard, wandb to Weights & Biases; an empty list is none."""
    project: str = Field(default="codaserve", pattern=r"^\w[\w.-]{0,127}$")
    """The project that the run belongs to: a folder of TensorBoard's, a project of Weights & Biases."""
    offline: bool = False
    """Weights & Biases writes to output_dir/wandb and asks for no login; `wandb sync` sends it later."""

    @field_validator("trackers")
    @classmethod
    def _once(cls, trackers: list[str]) -> list[str]:
        return list(dict.fromkeys(trackers))


class TrainerSettings(ProgramSettings):
    """Train a policy with CoDaPO and step credit against a scorer and a critic."""

    model_config = SettingsConfigDict(env_prefix="CODASERVE_TRAINER_")

    output_dir: Path
    """Folder of the run: metrics, checkpoints and the trained model."""
    resume: bool = False
    """Continue the run in output_dir from its last checkpoint."""
    seed: int = Field(default=0, ge=0)
    """Of everything that is drawn by chance."""
    steps: int = Field(default=100, ge=1)
    """Batches of questions to train on."""
    model: ModelSettings
    """The policy."""
    tasks: TaskSettings = TaskSettings()
    """The training questions. Not needed when objective.kind is dapo, but for their templates, which held-out questions
    get, too."""
    evaluate: EvaluateSettings = EvaluateSettings()
    """Held-out questions."""
    rollout: RolloutSettings = RolloutSettings()
    """Sampling of responses."""
    codapo: CodapoSettings = CodapoSettings()
    """Confidence and difficulty."""
    objective: ObjectiveSettings = ObjectiveSettings()
    """The loss."""
    dapo: DapoSettings = DapoSettings()
    """Direct advantages, offline."""
    rewards: Rewards = [SCORE]  # noqa: RUF012, pydantic copies it
    """Parts of the reward, a list of {name, kind, weight, ...}. Whether a response is right always depends on the row's
    own task alone. Default: the score of the verdict on that."""
    optimizer: OptimizerSettings = OptimizerSettings()
    """AdamW and its schedule."""
    scorer: ScorerClientSettings = ScorerClientSettings()
    """The scorer."""
    critic: CriticClientSettings = CriticClientSettings()
    """The critic."""
    checkpoint: CheckpointSettings = CheckpointSettings()
    """Checkpoints."""
    processes: ProcessesSettings = ProcessesSettings()
    """Several processes."""
    tracking: TrackingSettings = TrackingSettings()
    """TensorBoard and Weights & Biases."""

    @model_validator(mode="after")
    def _something_to_train_on(self) -> Self:
        if self.objective.kind != "dapo":
            self.tasks.refuse_none()
        elif self.dapo.data is None:
            raise ValueError("dapo.data: objective.kind dapo needs a folder that codaserve critic collect wrote")
        elif not self.critic.addresses and self.critic.checkpoint is None:
            raise ValueError("advantages need a critic: set critic.checkpoint or critic.addresses")
        return self

    @model_validator(mode="after")
    def _critic_reachable(self) -> Self:
        if self.uses_critic and not self.critic.addresses and self.critic.checkpoint is None:
            raise ValueError(
                "step credit needs a critic: set critic.checkpoint or critic.addresses, or objective.lambda to 0"
            )
        return self

    @property
    def uses_critic(self) -> bool:
        """Whether step credit is part of the objective."""
        return self.objective.kind == "codapo" and self.objective.lambda_ > 0 and self.critic.enabled

    @property
    def top_k(self) -> int:
        """K with its default filled in."""
        return self.codapo.top_k or max(1, self.rollout.questions // 4)

    @property
    def focused_groups(self) -> int:
        """Groups of the focused batch with the default filled in."""
        return self.codapo.focused_groups or self.rollout.questions
