"""The learning rate as a function of the step alone, so that it has no state to save."""

import math

from trainer.settings import OptimizerSettings


def learning_rate(settings: OptimizerSettings, step: int, steps: int) -> float:
    """The learning rate of a step.

    Args:
        settings: Its highest value, the warmup and what follows.
        step: From 1.
        steps: Of the run. Linear and cosine reach 0 one step after the last.
    """
    if step <= settings.warmup_steps:
        return settings.learning_rate * step / settings.warmup_steps
    if settings.schedule == "constant":
        return settings.learning_rate
    after = max(steps - settings.warmup_steps, 1)
    done = min((step - settings.warmup_steps - 1) / after, 1.0)
    factor = 1 - done if settings.schedule == "linear" else (1 + math.cos(math.pi * done)) / 2
    return settings.learning_rate * factor
