"""Groups of responses through verl's own rollout, reward and advantage code: `verl_steps_main.py SETTING`.

From the agent loop to the advantages of each token, in the default trainer and in the legacy one; what is not verl's or
ours is of verl_around.
"""

import asyncio
import importlib
import importlib.util
import json
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

around: Any = importlib.import_module("verl_around")  # beside this file; verl's environment has other `tests`

MODULES = "codaserve.adapters.verl_advantage,codaserve.adapters.verl_steps"
FUNCTION = [
    "algorithm.adv_estimator=codaserve_grpo",
    "reward.custom_reward_function.path=pkg://codaserve.adapters.verl",
    "reward.custom_reward_function.name=compute_score_async",
]
MANAGER = [
    "algorithm.adv_estimator=codaserve_grpo",
    "reward.reward_manager.source=importlib",
    "reward.reward_manager.name=StepRewardManager",
    "reward.reward_manager.module.path=pkg://codaserve.adapters.verl_manager",
]
LOOP = "actor_rollout_ref.rollout.agent.default_agent_loop=codaserve_single_turn"
LEGACY = "+actor_rollout_ref.rollout.agent.agent_loop_manager_class=codaserve.adapters.verl_steps.StepAgentLoopManager"
TEMPLATE = "{% for message in messages %}{{ message['content'] }}{% endfor %}"


class Run:
    """One setting of verl's, and its classes in this process."""

    def __init__(self, setting: dict[str, Any], *overrides: str) -> None:
        hydra: Any = importlib.import_module("hydra")
        omegaconf: Any = importlib.import_module("omegaconf")
        (verl,) = importlib.util.find_spec("verl").submodule_search_locations or []  # type: ignore[union-attr]
        with hydra.initialize_config_dir(str(Path(verl) / "trainer" / "config"), version_base=None):
            self.config = hydra.compose(
                "ppo_trainer",
                [
                    f"actor_rollout_ref.model.path={setting['model']}",
                    f"+actor_rollout_ref.model.custom_chat_template={json.dumps(TEMPLATE)}",
                    "actor_rollout_ref.rollout.name=vllm",
                    "actor_rollout_ref.rollout.prompt_length=16",
                    "actor_rollout_ref.rollout.response_length=32",
                    f"+reward.custom_reward_function.reward_kwargs.addresses={setting['scorer']}",
                    f"+reward.reward_kwargs.addresses=[{setting['scorer']}]",
                    f"+reward.reward_kwargs.critics=[{setting['critic']}]",
                    *overrides,
                ],
            )
        omegaconf.OmegaConf.set_struct(self.config, False)
        loop: Any = importlib.import_module("verl.experimental.reward_loop.reward_loop")
        self.reward = around.Remote(loop.RewardLoopWorker(self.config))
        self.tokenizer = importlib.import_module("codaserve.tokenizer").load_tokenizer(setting["model"])

    def tokens(self, response: str) -> list[int]:
        """A response's, with the end of sequence."""
        return [*self.tokenizer.encode(response), self.tokenizer.eos_token_id]

    def worker(self, actor_class: Any, responses: Sequence[str]) -> Any:
        """verl's agent loop worker, the class behind the actor's."""
        self.config.actor_rollout_ref.rollout.n = len(responses)
        engine = around.Engine([self.tokens(response) for response in responses])
        worker = actor_class.__ray_metadata__.modified_class(self.config, engine, None, [self.reward])
        worker.hf_model_type = None  # the demo's tokenizer is not Qwen's, whose newline verl looks for
        return worker

    def prompt(self, question: str) -> dict[str, Any]:
        """A row of the data set; the answer is 4."""
        return {
            "raw_prompt": [{"role": "user", "content": question}],
            "data_source": "gsm8k",
            "reward_model": {"ground_truth": "4"},
            "extra_info": {"index": 0},
            "agent_name": self.config.actor_rollout_ref.rollout.agent.default_agent_loop,
            "index": 0,
        }

    def place(self, ids: list[int], responses: Sequence[str]) -> int:
        """Of a response among those that the engine gave back in no order."""
        return [self.tokens(response) for response in responses].index(ids)


async def default_trainer(
    run: Run, queue: Any, responses: Sequence[str], question: str = "2 + 2 = ?"
) -> dict[str, Any]:
    """One prompt through AgentLoopWorkerTQ, the replay buffers and PPOTrainerSync's advantages."""
    loop_tq: Any = importlib.import_module("verl.trainer.ppo.v1.agent_loop_tq")
    trainers: Any = importlib.import_module("verl.trainer.ppo.v1.trainer_base")
    queue.tags.clear()
    queue.fields.clear()
    worker = run.worker(loop_tq.AgentLoopWorkerTQ, responses)
    trajectory = {"step": 1, "sample_index": 0, "rollout_n": 0, "validate": False}
    await worker._run_prompt(run.prompt(question) | {"uid": "one", "global_steps": 1}, {}, trajectory)
    found: dict[str, Any] = {"status": queue.tags["train"]["one"]["status"], "async": sampled_async(queue)}
    try:
        batch, _ = buffer("ReplayBuffer", "sync").sample(1, "train", 1)
    except RuntimeError as error:
        return found | {"error": str(error)}
    trainer = object.__new__(trainers.get_trainer_cls(run.config.trainer.v1.trainer_mode))
    trainer.config = run.config
    trainer._compute_advantage(batch, {})
    rows = [queue.fields["train"][key] for key in batch.keys]
    rows.sort(key=lambda row: run.place(row["responses"].tolist(), responses))
    found["rewards"] = [row["rm_scores"].tolist() for row in rows]
    found["advantages"] = [row["advantages"].tolist() for row in rows]
    found["extra"] = [row["extra_fields"]["reward_extra_info"] for row in rows]
    return found


def buffer(name: str, mode: str, refill: Any = None) -> Any:
    """verl's, with its defaults."""
    buffers: Any = importlib.import_module("verl.trainer.ppo.v1.replay_buffer")
    return getattr(buffers, name)(
        trainer_mode=mode,
        trainer_config={},
        max_off_policy_threshold=None,
        max_off_policy_strategy="drop",
        sampler_kwargs={},
        poll_interval=0.01,
        refill_fn=refill,
    )


def sampled_async(queue: Any) -> list[str]:
    """What verl's asynchronous trainers sample: for a group that failed another prompt, which is "fresh"."""
    before = {name: (dict(tags), dict(queue.fields[name])) for name, tags in queue.tags.items()}

    def refill(count: int) -> None:
        assert count == 1
        queue.tags["train"]["fresh"] = {"is_prompt": True, "global_steps": 1, "status": "finished"}
        queue.tags["train"]["fresh_0_0"] = {"status": "success"}

    sampled = buffer("ReplayBufferAsync", "colocate_async", refill).sample(1, "train", 1)[0].keys
    for name, (tags, fields) in before.items():
        queue.tags[name], queue.fields[name] = tags, fields
    return sorted(sampled)


async def legacy_trainer(run: Run, responses: Sequence[str]) -> dict[str, Any]:
    """The same through AgentLoopWorker, and the legacy trainer's reward and advantage."""
    np: Any = importlib.import_module("numpy")
    verl: Any = importlib.import_module("verl")
    imports: Any = importlib.import_module("verl.utils.import_utils")
    loops: Any = importlib.import_module("verl.experimental.agent_loop")
    reward: Any = importlib.import_module("verl.trainer.ppo.reward")
    legacy: Any = importlib.import_module("verl.trainer.ppo.ray_trainer")
    named = run.config.actor_rollout_ref.rollout.agent.get("agent_loop_manager_class")
    manager_class = imports.load_class_from_fqn(named, "AgentLoopManager") if named else loops.AgentLoopManager
    worker = run.worker(manager_class(run.config, None).agent_loop_workers_class, responses)
    columns = {}
    for name, value in run.prompt("2 + 2 = ?").items():
        columns[name] = np.empty(len(responses), dtype=object)
        columns[name][:] = [value] * len(responses)
    batch = verl.DataProto(non_tensor_batch=columns, meta_info={"global_steps": 1})
    try:
        data = await worker.generate_sequences(batch)
    except Exception as error:  # noqa: BLE001, the kind is what is tested
        return {"error": type(error).__name__}
    data.batch["token_level_rewards"], _ = reward.extract_reward(data)
    data.non_tensor_batch["uid"] = np.array(["one"] * len(responses), dtype=object)
    data = legacy.compute_advantage(data, run.config.algorithm.adv_estimator, config=run.config.algorithm)
    found: dict[str, Any] = {"rewards": {}, "advantages": {}}
    for row in range(len(data)):
        ids = data.batch["responses"][row][data.batch["response_mask"][row].bool()].tolist()
        for name, tensor in (("rewards", "token_level_rewards"), ("advantages", "advantages")):
            found[name][run.place(ids, responses)] = data.batch[tensor][row].tolist()[: len(ids)]
    return {name: [rows[place] for place in sorted(rows)] for name, rows in found.items()}


def validation(*accuracies: float) -> list[float]:
    """verl's `acc` and `acc_success_only` of two validation responses to one prompt; an error has no accuracy."""
    metrics: Any = importlib.import_module("verl.trainer.ppo.metric_utils")
    count = len(accuracies)
    infos = {"reward": list(accuracies), "acc": list(accuracies)}
    found = metrics.process_validation_metrics(["d"] * count, ["a"] * count, infos, expected_acc_counts={("d", "a"): 2})
    return [found["d"]["acc"]["mean@2"], found["d"]["acc_success_only"][f"mean@{count}"]]


async def main(setting: dict[str, Any]) -> int:
    os.environ["VERL_USE_EXTERNAL_MODULES"] = MODULES
    queue = around.install()
    steps = Run(setting, *MANAGER, LOOP)
    found: dict[str, Any] = {"version": importlib.import_module("verl").__version__}
    found["trainer"] = [steps.config.trainer.use_v1, steps.config.trainer.v1.trainer_mode]
    responses, failing = setting["responses"], setting["failing"]
    found["steps"] = await default_trainer(steps, queue, responses)
    found["steps_no_value"] = await default_trainer(steps, queue, responses, setting["no_value"])
    found["steps_sum"] = await default_trainer(Run(setting, *MANAGER), queue, responses)
    nan = Run(setting, *MANAGER, LOOP, "+reward.reward_kwargs.unscored=nan")
    found["steps_nan"] = await default_trainer(nan, queue, failing)
    found["steps_no_value_nan"] = await default_trainer(nan, queue, responses, setting["no_value"])
    found["steps_legacy"] = await legacy_trainer(Run(setting, *MANAGER, LEGACY), responses)
    function = Run(setting, *FUNCTION)
    found["failing"] = await default_trainer(function, queue, failing)
    found["all_failing"] = await default_trainer(function, queue, failing[-1:])
    found["failing_legacy"] = await legacy_trainer(function, failing)
    nan = Run(setting, *FUNCTION, "+reward.custom_reward_function.reward_kwargs.unscored=nan")
    found["nan"] = await default_trainer(nan, queue, failing)
    found["validation"] = [validation(1.0), validation(1.0, math.nan)]
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(json.loads(sys.argv[1]))))
