"""Rewards for SkyRL: an environment of one turn. Imports skyrl_gym.

    skyrl_gym.register(id="codaserve", entry_point="codaserve.adapters.skyrl:ScoredEnv")

and `environment.env_class=codaserve`. The task is `reward_spec["ground_truth"]` of the row, as
`codaserve.adapters.tasks.task_item` takes it; the scorers are those of the environment variable CODASERVE_SCORERS.

SkyRL has no way of saying "no reward": a response without a score raises UnscoredError, which ends the generation of
the batch, and with it the run, after the client's retries.
"""

from typing import Any

from skyrl_gym.envs.base_text_env import BaseTextEnv, BaseTextEnvStepOutput

from codaserve.adapters.scoring import Scoring


class ScoredEnv(BaseTextEnv):  # type: ignore[misc]
    """One response, one score."""

    def __init__(self, env_config: Any = None, extras: dict[str, Any] | None = None) -> None:
        """As SkyRL calls it.

        Raises:
            ValueError: The row has no reward_spec with a ground_truth.
        """
        super().__init__()
        del env_config
        spec = (extras or {}).get("reward_spec") or {}
        if spec.get("ground_truth") is None:
            raise ValueError("the row needs reward_spec.ground_truth: gold answers or a task")
        self._task = spec["ground_truth"]
        self._prompt: Any = ""

    def init(self, prompt: Any) -> tuple[Any, dict[str, Any]]:
        """Keeps the prompt, which says what responses belong together."""
        self._prompt = prompt
        first: tuple[Any, dict[str, Any]] = super().init(prompt)
        return first

    def step(self, action: str) -> Any:
        """The end of the episode, with its score.

        Raises:
            UnscoredError: There is none.
        """
        (score,) = Scoring().score([self._prompt], [action], [self._task]).numbers()
        return BaseTextEnvStepOutput(observations=[], reward=score, done=True, metadata={})
