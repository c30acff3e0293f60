"""The trainer's configuration for the demo."""

from pathlib import Path

from trainer.demo.settings import DemoSettings
from trainer.settings import (
    CheckpointSettings,
    CriticClientSettings,
    EvaluateSettings,
    ModelSettings,
    ObjectiveSettings,
    OptimizerSettings,
    RolloutSettings,
    ScorerClientSettings,
    TaskSettings,
    TrainerSettings,
)

TRAINABLE = "norm"
"""The normalisation gains, 1,152 of the policy's parameters. How sure the policy is of what it knows lies in few
numbers; a few thousand rollouts move them safely, where noise in the others would undo what the warm-up taught."""


def trainer_settings(settings: DemoSettings, policy: Path, scorer: str, critic: str) -> TrainerSettings:
    """CoDaPO with step credit on the demo's questions.

    Args:
        settings: The demo's.
        policy: Folder of the policy.
        scorer: Address of the running scorer.
        critic: Address of the running critic.
    """
    return TrainerSettings(
        output_dir=settings.output / "run",
        seed=settings.seed,
        steps=settings.steps,
        model=ModelSettings(path=str(policy), device="cpu", trainable=TRAINABLE),
        tasks=TaskSettings(file=settings.output / "train.jsonl"),
        evaluate=EvaluateSettings(file=settings.output / "held-out.jsonl", samples=settings.samples),
        rollout=RolloutSettings(
            questions=settings.questions,
            group_size=settings.group_size,
            max_prompt_tokens=128,
            max_response_tokens=settings.max_response_tokens,
        ),
        objective=ObjectiveSettings(lambda_=settings.step_credit, micro_batch_tokens=2048),
        optimizer=OptimizerSettings(learning_rate=settings.learning_rate, warmup_steps=2, schedule="cosine"),
        scorer=ScorerClientSettings(addresses=[scorer], max_outage=30),
        critic=CriticClientSettings(addresses=[critic], max_outage=30),
        checkpoint=CheckpointSettings(every=settings.steps, keep=1),
    )
