"""A policy whose optimizer, gradients or weights DeepSpeed cuts over the processes (ZeRO, arXiv 1910.02054).

DeepSpeed adds the gradients up in its own backward passes, of which every process makes equally many, and clips them
and makes the optimizer step in one. With stage 3 each layer is put together while it computes.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from codaserve.settings import ConfigurationError
from trainer.settings import TrainerSettings

MOMENTS = ("exp_avg", "exp_avg_sq")
"""What AdamW keeps of a parameter."""


class ZeroPolicy(nn.Module):
    """Computes as the policy that was given to DeepSpeed, and trains it."""

    def __init__(self, accelerator: Accelerator, model: Any, optimizer: torch.optim.Optimizer) -> None:
        """Cuts the policy; all processes do so together.

        Args:
            accelerator: Launched for DeepSpeed, with `zero_plugin`.
            model: The policy.
            optimizer: Of what is trained of it.
        """
        super().__init__()
        # The policy once more, without weights of its own: passes without a gradient use it while every process has
        # all weights, since what DeepSpeed adds to the modules of stage 3 expects all processes to make the same ones.
        empty = {id(parameter): nn.Parameter(torch.empty(0), False) for parameter in model.parameters()}
        whole = copy.deepcopy(model, dict(empty)).to(accelerator.device)
        for module in whole.modules():
            module.__dict__.pop("forward", None)  # one that computes a layer again would call the original
        self._copy = [whole]  # in a list: no part of this module
        self._autocast = torch.autocast(accelerator.device.type, torch.bfloat16, enabled=_autocast(accelerator))
        self._engine, _ = accelerator.prepare(model, optimizer)
        self.policy: Any = self._engine.module
        """What was given. With stage 3 its weights are elsewhere."""
        self.stage: int = self._engine.zero_optimization_stage()
        self.param_groups: list[dict[str, Any]] = self._engine.optimizer.param_groups
        """Where the learning rate is set."""

    def __getattr__(self, name: str) -> Any:
        """The policy's own, its configuration say."""
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("policy"), name)

    def forward(self, **inputs: Any) -> Any:
        """A pass with a gradient."""
        return self._engine(**inputs)

    def backward(self, loss: Tensor, *, last: bool) -> None:
        """Adds to the gradient. Every process makes equally many passes for a step, and says which is the last."""
        self._engine.set_gradient_accumulation_boundary(last)
        self._engine.backward(loss)

    def step(self) -> float:
        """Makes the optimizer step, and says the norm of the gradient; a norm that is not finite makes no step."""
        self._engine.step()
        return float(self._engine.get_global_grad_norm())

    @contextmanager
    def whole(self) -> Iterator[Any]:
        """The policy for passes without a gradient, for which no process waits for another; all processes enter."""
        (whole,) = self._copy
        with self._gathered():
            for parameter, place in zip(self.policy.parameters(), whole.parameters(), strict=True):
                place.data = parameter.data
            try:
                with self._autocast:
                    yield whole
            finally:
                for place in whole.parameters():
                    place.data = torch.empty(0)

    def is_finite(self) -> bool:
        """Whether what this process has of the weights is."""
        here = (getattr(parameter, "ds_tensor", parameter) for parameter in self.policy.parameters())
        return all(bool(tensor.isfinite().all()) for tensor in here)

    def weights(self, *, keep: bool) -> dict[str, Tensor]:
        """All weights, for those who keep them; all processes call this."""
        named = dict(self.policy.named_parameters())
        again = dict(self.policy.named_parameters(remove_duplicate=False)).keys()
        buffers = {name: value for name, value in self.policy.state_dict().items() if name not in again}
        found = {}
        for name, value in (named | buffers).items():
            with self._gathered([value] if name in named else []):
                if keep:
                    found[name] = value.detach().cpu().clone()
        return found

    def optimizer_state(self, *, keep: bool) -> dict[str, Any]:
        """The state of the optimizer by the names of parameters, as torch's own functions have it; all processes call
        this."""
        from deepspeed.utils import safe_get_full_optimizer_state

        inner = self._engine.optimizer.optimizer
        trained = {name: value for name, value in self.policy.named_parameters() if value.requires_grad}
        found: dict[str, dict[str, Tensor]] = {}
        for name, parameter in trained.items():
            moments = {moment: safe_get_full_optimizer_state(parameter, moment) for moment in MOMENTS}
            if keep:
                step = next(iter(inner.state.values()))["step"]
                found[name] = {"step": step.clone(), **{moment: value.cpu() for moment, value in moments.items()}}
        options = {key: value for key, value in self.param_groups[0].items() if key != "params"}
        return {"state": found, "param_groups": [{**options, "params": list(trained)}]}

    def restore_optimizer(self, state: dict[str, Any]) -> None:
        """Puts back what `optimizer_state` gave; all processes call this."""
        from deepspeed.utils import safe_set_full_optimizer_state

        self._begin_state()
        inner = self._engine.optimizer.optimizer
        for name, parameter in self.policy.named_parameters():
            if parameter.requires_grad:
                for moment in MOMENTS:
                    value = state["state"][name][moment].to(torch.float32)
                    safe_set_full_optimizer_state(parameter, value, moment)
                for part in inner.state.values():
                    part["step"].copy_(state["state"][name]["step"])

    def _begin_state(self) -> None:
        """A step that changes nothing: DeepSpeed's optimizer has no state to put something into before its first."""
        rates = [group["lr"] for group in self.param_groups]
        for group in self.param_groups:
            group["lr"] = 0.0
        ids = torch.zeros(1, 2, dtype=torch.long, device=self.policy.device)
        self.backward(self(input_ids=ids, use_cache=False).logits.sum() * 0, last=True)
        self.step()
        for group, rate in zip(self.param_groups, rates, strict=True):
            group["lr"] = rate

    def _gathered(self, parameters: list[Tensor] | None = None) -> Any:
        """All of these, or all parameters, whole in every process."""
        from deepspeed.runtime.zero import GatheredParameters

        chosen = list(self.policy.parameters()) if parameters is None else parameters
        return GatheredParameters(chosen, enabled=self.stage == 3)


def zero_plugin(settings: TrainerSettings) -> Any:
    """accelerate's settings for DeepSpeed, from what it was launched with and those of the run.

    Raises:
        ConfigurationError: DeepSpeed is not installed, or is to do what the run does itself.
    """
    try:
        import deepspeed  # noqa: F401
        from accelerate import DeepSpeedPlugin

        plugin = DeepSpeedPlugin()
    except ImportError as error:
        raise ConfigurationError(f"accelerate was launched for DeepSpeed, which cannot be imported: {error}") from error
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"accelerate's configuration of DeepSpeed cannot be used: {error}") from error
    config = plugin.deepspeed_config
    _refuse(config, settings)
    config["train_micro_batch_size_per_gpu"] = 1  # counts for DeepSpeed's own reports alone
    config["train_batch_size"] = "auto"
    config["gradient_accumulation_steps"] = 1
    config["gradient_clipping"] = settings.optimizer.max_gradient_norm
    config["steps_per_print"] = None
    if settings.model.precision == "bfloat16":  # weights, gradients and optimizer stay in float32
        config["torch_autocast"] = {"enabled": True, "dtype": "bfloat16", "lower_precision_safe_modules": []}
    return plugin


def _refuse(config: dict[str, Any], settings: TrainerSettings) -> None:
    zero = config["zero_optimization"]
    if zero["stage"] not in (1, 2, 3):
        raise ConfigurationError("accelerate was launched for DeepSpeed: set zero_stage to 1, 2 or 3")
    for part in ("offload_optimizer", "offload_param"):
        if zero.get(part, {}).get("device", "none") not in ("none", None):
            raise ConfigurationError(f"accelerate's configuration of DeepSpeed: {part}_device has to be none")
    if given := [part for part in ("optimizer", "scheduler") if part in config]:
        raise ConfigurationError(f"accelerate's configuration of DeepSpeed: {given[0]} is in the run's own settings")
    if any(config.get(part, {}).get("enabled") is True for part in ("fp16", "bf16")):
        raise ConfigurationError("accelerate's configuration of DeepSpeed: set model.precision, not fp16 or bf16")
    if settings.model.device == "cpu":
        raise ConfigurationError("model.device: with DeepSpeed leave it at auto, which is a processor without any GPU")
    if settings.model.lora.rank:
        raise ConfigurationError("model.lora needs a policy that is whole in every process, not DeepSpeed")
    if settings.rollout.engine == "vllm" and zero["stage"] == 3:
        raise ConfigurationError("rollout.engine vllm needs a policy that is whole in every process: set zero_stage: 2")


def _autocast(accelerator: Accelerator) -> bool:
    config = accelerator.state.deepspeed_plugin.deepspeed_config
    return bool(config.get("torch_autocast", {}).get("enabled", False))
