"""Rewards for NeMo-RL: an environment of one turn. Imports nemo_rl, ray and torch.

    nemo_rl.environments.utils.register_env("codaserve", "codaserve.adapters.nemo_rl.ScoredEnvironment")

in the program that starts the training, before its data are set up, and in its configuration

    env:
      codaserve: {}
    data:
      default:
        env_name: codaserve

for rows whose extra_env_info has the task as `task`, an object or JSON text of one, else as `ground_truth` (so has
NeMo-RL's processor for math): what `codaserve.adapters.tasks.task_item` takes. The scorers are `addresses` of the
section, else those of the environment variable CODASERVE_SCORERS. The actor runs in the Python of that program, as
NeMo-RL's own environments do.

NeMo-RL's environments have no way of saying "no reward": a response without a score raises UnscoredError after the
client's retries. That ends the run; asynchronous GRPO prints it and leaves out the prompt's whole group. NeMo-Gym's
servers ask a scorer's /verify instead.
"""

from typing import Any

import ray
import torch
from nemo_rl.distributed.ray_actor_environment_registry import ACTOR_ENVIRONMENT_REGISTRY
from nemo_rl.distributed.virtual_cluster import PY_EXECUTABLES
from nemo_rl.environments.interfaces import EnvironmentInterface, EnvironmentReturn

from codaserve.adapters.scoring import Scoring
from codaserve.adapters.tasks import task_or, text_of


class Environment(EnvironmentInterface):  # type: ignore[misc]
    """Scores the last message of each conversation."""

    def __init__(self, cfg: Any = None) -> None:
        """Takes the section `env.codaserve`: `addresses`, `timeout`, `max_outage` and `undecided`."""
        self._scoring = Scoring(**dict(cfg or {}))

    def step(self, message_log_batch: list[Any], metadata: list[Any]) -> Any:
        """The scores of a batch of conversations, all of them ended.

        Raises:
            UnscoredError: A response has none.
        """
        prompts = [log[:-1] for log in message_log_batch]
        prompts = [[{"role": one["role"], "content": one["content"]} for one in log] for log in prompts]
        responses = [text_of(log) for log in message_log_batch]
        tasks = [task_or(one.get("task"), one.get("ground_truth")) for one in metadata]
        scores = self._scoring.score(prompts, responses, tasks).numbers()
        return EnvironmentReturn(
            # Without a text its tokens would be floating point numbers to the asynchronous rollout.
            observations=[{"role": "environment", "content": f"Environment: {score:g}"} for score in scores],
            metadata=metadata,
            next_stop_strings=[None] * len(scores),
            rewards=torch.tensor(scores, dtype=torch.float32),
            terminateds=torch.ones(len(scores), dtype=torch.bool),
            answers=None,
        )

    def global_post_process_and_metrics(self, batch: Any) -> tuple[Any, dict[str, float]]:
        """The share of right answers."""
        rewards = batch["rewards"]
        return batch, {"accuracy": float((rewards == 1).float().mean())}


ScoredEnvironment = ray.remote(Environment)
"""The actor that NeMo-RL starts."""

# NeMo-RL imports an actor's module before it looks up here which Python the actor needs.
ACTOR_ENVIRONMENT_REGISTRY.setdefault(f"{__name__}.ScoredEnvironment", PY_EXECUTABLES.SYSTEM)
