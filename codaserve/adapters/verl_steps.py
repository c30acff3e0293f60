"""Where a response's step rewards get into verl's batch: one class for each of its trainers. Imports verl.

codaserve.adapters.verl_manager lists the settings for the default trainer (trainer.use_v1=true), whose agent loops make
the batch: codaserve_single_turn is its single_turn_agent, with the rewards of StepRewardManager on the last tokens of
their steps. A row's own `agent_name` comes before the default one.

The legacy trainer (trainer.use_v1=false) makes the batch after its agent loops. In place of
`actor_rollout_ref.rollout.agent.default_agent_loop` it needs

    +actor_rollout_ref.rollout.agent.agent_loop_manager_class=codaserve.adapters.verl_steps.StepAgentLoopManager

No reward is what it is in verl_manager. A reward without steps, one that is not a number among them, stays where verl
puts it, on the last token.
"""

from typing import Any

import ray
from verl.experimental.agent_loop.agent_loop import AgentLoopManager, AgentLoopOutput, AgentLoopWorker, register
from verl.experimental.agent_loop.single_turn_agent_loop import SingleTurnAgentLoop

from codaserve.adapters.verl_manager import StepRewards


class SteppedOutput(AgentLoopOutput):  # type: ignore[misc]
    """What an agent loop gives back, and verl then has scored and asks for its fields."""

    def as_dict(self) -> dict[str, Any]:
        """The fields, `rm_scores` one number for each token of the response."""
        fields: dict[str, Any] = super().as_dict()
        if isinstance(self.reward_score, StepRewards):
            fields["rm_scores"] = self.reward_score.tokens(len(self.response_ids))
        return fields


@register("codaserve_single_turn")
class SteppedAgentLoop(SingleTurnAgentLoop):  # type: ignore[misc]
    """The default trainer's agent loop of one turn."""

    async def run(self, sampling_params: dict[str, Any], **fields: Any) -> SteppedOutput:
        """As SingleTurnAgentLoop."""
        output = await super().run(sampling_params, **fields)
        stepped: SteppedOutput = SteppedOutput.model_construct(output.model_fields_set, **vars(output))
        return stepped


class StepAgentLoopWorker(AgentLoopWorker):  # type: ignore[misc]
    """Runs the legacy trainer's agent loops."""

    async def _agent_loop_postprocess(self, output: Any, *arguments: Any, **keywords: Any) -> Any:
        padded = await super()._agent_loop_postprocess(output, *arguments, **keywords)
        padded.reward_score = output.reward_score  # which has become a plain number
        return padded

    def _postprocess(self, inputs: list[Any], *arguments: Any, **keywords: Any) -> Any:
        data = super()._postprocess(inputs, *arguments, **keywords)
        for row, output in enumerate(inputs):
            if isinstance(output.reward_score, StepRewards):
                rewards = data.batch["rm_scores"]
                rewards[row] = output.reward_score.tokens(rewards.shape[1])
        return data


class StepAgentLoopManager(AgentLoopManager):  # type: ignore[misc]
    """Starts such workers."""

    agent_loop_workers_class = ray.remote(StepAgentLoopWorker)
