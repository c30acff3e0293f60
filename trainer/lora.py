"""Low-rank training of the policy.

What is saved follows from what it is for: a checkpoint holds the additions alone, a few MB in peft's format, to be put
on the policy at model.path again; the trained policy in `model` is whole, the additions added to its weights.
"""

from typing import Any

from accelerate import Accelerator

from codaserve.lora import LowRankSettings, add_low_rank

TASK = "CAUSAL_LM"
"""peft's name for what a policy does."""


def adapt(model: Any, settings: LowRankSettings) -> Any:
    """The policy with additions, in evaluation mode; only they are trained.

    Raises:
        ConfigurationError: As `add_low_rank`.
    """
    return add_low_rank(model, settings, task=TASK).eval()


def save_additions_alone(accelerator: Accelerator) -> None:
    """Lets the accelerator's checkpoints have the additions in place of all weights."""
    from peft import load_peft_weights, set_peft_model_state_dict

    def save(models: list[Any], weights: list[Any], folder: str) -> None:
        for model in models:
            model.save_pretrained(folder, save_embedding_layers=False)
        weights.clear()

    def load(models: list[Any], folder: str) -> None:
        for model in models:
            set_peft_model_state_dict(model, load_peft_weights(folder, device="cpu"))
        models.clear()

    accelerator.register_save_state_pre_hook(save)
    accelerator.register_load_state_pre_hook(load)
