"""AReaL's workflow of one turn with our scores. Imports areal.

    trainer.train(workflow="codaserve.adapters.areal_workflow.ScoredWorkflow", workflow_kwargs={...})

in place of "areal.workflow.rlvr.RLVRWorkflow", with the same arguments but for `reward_fn`, which is left out.
codaserve.adapters.areal says which columns are scored, what no reward is, and why AReaL's pool of processes is gone
round.
"""

from typing import Any

from areal.workflow.rlvr import RLVRWorkflow

from codaserve.adapters.areal import async_reward


class ScoredWorkflow(RLVRWorkflow):  # type: ignore[misc]
    """Awaits the scorer in the process and the event loop of the rollouts."""

    def __init__(self, **arguments: Any) -> None:
        """As RLVRWorkflow.

        Raises:
            ValueError: There is a `reward_fn`.
        """
        if "reward_fn" in arguments:
            raise ValueError("reward_fn: leave it out, the scorer says what is right")
        super().__init__(reward_fn="", **arguments)  # of a text AReaL makes no pool at first
        # Once this is no text, AReaL does not put a pool in the place of the other either.
        self.reward_fn = self.async_reward_fn = async_reward
