"""The trained policy of a run, as others load it."""

from pathlib import Path
from typing import Any

from accelerate import Accelerator

from trainer import checkpoint
from trainer.settings import TrainerSettings
from trainer.sharding import Collected, bare


def save_policy(
    settings: TrainerSettings, accelerator: Accelerator, model: Any, tokenizer: Any, collected: Collected | None = None
) -> Path:
    """Writes the policy to output_dir/model, whole also after low-rank training, in place of an older one at once.

    Raises:
        SaveError: It cannot be written.
    """
    target = settings.output_dir / "model"
    temporary = target.with_name(".writing-model")
    with checkpoint.written(temporary):
        model = bare(accelerator, model)
        if settings.model.lora.rank:
            model = model.merge_and_unload()
        model.save_pretrained(temporary, state_dict=None if collected is None else collected.weights)
        tokenizer.save_pretrained(temporary)
        checkpoint.put_in_place(temporary, target)
    return target
