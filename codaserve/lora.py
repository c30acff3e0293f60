"""Low-rank training (arXiv 2106.09685), by peft, of whatever model."""

import warnings
from typing import Any

from pydantic import Field

from codaserve.settings import ConfigurationError, Section


class LowRankSettings(Section):
    """Training of low-rank additions to the weights (arXiv 2106.09685) in their place."""

    rank: int = Field(0, ge=0)
    """Rank of the additions; 0 trains the weights themselves."""
    alpha: int | None = Field(None, ge=1)
    """The additions are multiplied by alpha / rank. Default: twice the rank."""
    modules: str = Field("all-linear", min_length=1)
    """Which layers get one: all-linear, or the ends of their names, separated by commas (q_proj,v_proj)."""


def add_low_rank(model: Any, settings: LowRankSettings, *, dropout: float = 0.0, task: str | None = None) -> Any:
    """Freezes a model's weights and adds low-rank ones, which change nothing yet and are trained in their place.

    Args:
        model: Of transformers; it is changed.
        settings: With a rank above 0.
        dropout: Share of an addition's inputs that is dropped in training mode.
        task: peft's name for what the model does, kept with the additions; None for none.

    Returns:
        The model wrapped as peft does: `save_pretrained` writes the additions alone, `merge_and_unload` gives the
        model back with them added to its weights.

    Raises:
        ConfigurationError: peft is missing, or the model has no layers of these names.
    """
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError as error:
        raise ConfigurationError("low-rank training needs peft: pip install peft") from error
    names = settings.modules.split(",")
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha or 2 * settings.rank,
        lora_dropout=dropout,
        target_modules="all-linear" if names == ["all-linear"] else names,
        task_type=task,
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # peft and transformers are of different times
            return get_peft_model(model, config)
    except ValueError as error:
        raise ConfigurationError(f"no low-rank weights for {settings.modules}: {error}") from error
