"""verl's own loading and calling code with our functions: `verl_main.py SETTING`, in the environment that has verl."""

import asyncio
import importlib
import json
import math
import os
import sys
from typing import Any

RESPONSES = ["it is \\boxed{4}", "it is \\boxed{5}"]


def main(setting: dict[str, Any]) -> int:
    os.environ["VERL_USE_EXTERNAL_MODULES"] = "codaserve.adapters.verl_advantage"
    torch: Any = importlib.import_module("torch")
    verl: Any = importlib.import_module("verl")
    reward: Any = importlib.import_module("verl.trainer.ppo.reward")
    core_algos: Any = importlib.import_module("verl.trainer.ppo.core_algos")
    omegaconf: Any = importlib.import_module("omegaconf")
    np: Any = importlib.import_module("numpy")
    tokenizer = importlib.import_module("codaserve.tokenizer").load_tokenizer(setting["model"])

    def manager(name: str, **others: Any) -> Any:
        arguments = {"addresses": setting["scorer"], "unscored": others.pop("unscored", "raise")}
        function = {"path": "pkg://codaserve.adapters.verl", "name": name, "reward_kwargs": arguments}
        default = {"source": "register", "name": "naive", "module": None}
        section = {"custom_reward_function": function, "reward_manager": default} | others
        return reward.load_reward_manager(omegaconf.OmegaConf.create({"reward": section}), tokenizer)

    def batch(response: str, truth: str = "4") -> Any:
        prompt, ids = tokenizer.encode("2 + 2 = ?"), tokenizer.encode(response)
        width, length = len(prompt) + 3, len(ids) + 5
        prompts = torch.tensor([[0] * 3 + prompt])
        responses = torch.tensor([ids + [0] * 5])
        mask = torch.tensor([[0] * 3 + [1] * (len(prompt) + len(ids)) + [0] * 5])
        assert prompts.shape[1] == width and responses.shape[1] == length
        return verl.DataProto.from_dict(
            tensors={"prompts": prompts, "responses": responses, "attention_mask": mask},
            non_tensors={
                "data_source": np.array(["gsm8k"], dtype=object),
                "reward_model": np.array([{"ground_truth": truth}], dtype=object),
                "extra_info": np.array([{"index": 0}], dtype=object),
            },
        )

    def run(one: Any, data: Any) -> Any:
        return one.loop.run_until_complete(one.run_single(data))

    asyncio.set_event_loop(asyncio.new_event_loop())
    found: dict[str, Any] = {"version": verl.__version__}
    for name in ("compute_score", "compute_score_async"):
        one = manager(name)
        found[name] = [run(one, batch(response)) for response in RESPONSES]
        try:
            run(one, batch("it is \\boxed{4}", truth=""))
        except Exception as error:  # noqa: BLE001, the kind is what is tested
            found[name + "_fails"] = f"{type(error).__name__}: {error}"
    unscored = run(manager("compute_score_async", unscored="nan"), batch("4", truth=""))
    found["unscored"] = [unscored["reward_extra_info"]["unscored"], math.isnan(unscored["reward_score"])]

    estimator = core_algos.get_adv_estimator_fn("codaserve_grpo")
    rewards = torch.zeros(4, 3)
    rewards[:, 2] = torch.tensor([1.0, 0.0, math.nan, 1.0])
    index = np.array(["a", "a", "a", "b"], dtype=object)
    advantages, _ = estimator(token_level_rewards=rewards, response_mask=torch.ones(4, 3), index=index, config=None)
    found["advantages"] = advantages.tolist()
    plain, _ = core_algos.get_adv_estimator_fn("grpo")(rewards[:2], torch.ones(2, 3), index[:2])
    found["grpo"] = plain.tolist()
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
