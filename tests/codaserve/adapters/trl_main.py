"""Trains with TRL and prints what happened as a line of JSON: `trl_main.py SETTING`, in the environment that has TRL.

The setting names the model, the tasks, the scorer, the critic and the trainer.
"""

import importlib
import json
import pickle
import sys
import tempfile
from pathlib import Path
from typing import Any


def main(setting: dict[str, Any]) -> int:
    """Runs the training."""
    torch: Any = importlib.import_module("torch")
    trl: Any = importlib.import_module("trl")
    datasets: Any = importlib.import_module("datasets")
    transformers: Any = importlib.import_module("transformers")
    ours: Any = importlib.import_module("codaserve.adapters.trl")
    torch.set_num_threads(1)
    rloo = setting["trainer"] == "rloo"
    generations: list[dict[str, Any]] = []
    scored: list[dict[str, Any]] = []

    def watched(base: Any) -> Any:
        class Watched(base):  # type: ignore[misc]
            def _calculate_rewards(self, inputs: Any, prompts: Any, completions: Any, ids: Any) -> Any:
                rewards = super()._calculate_rewards(inputs, prompts, completions, ids)
                for row, completion, reward in zip(inputs, completions, rewards.tolist(), strict=True):
                    scored.append({"prompt": row["prompt"], "completion": completion, "rewards": reward})
                return rewards

            def _generate_and_score_completions(self, inputs: Any) -> Any:
                before = len(scored)
                output = super()._generate_and_score_completions(inputs)
                old = output.get("old_per_token_logps")
                generations.append(
                    {
                        "scored": scored[before:],
                        "advantages": output["advantages"].tolist(),
                        "lengths": output["completion_mask"].sum(1).tolist(),
                        "items": None if rloo else float(output["num_items_in_batch"]),
                        "log_probabilities": None if old is None else old.tolist(),
                        "weights": float(sum(p.detach().abs().sum() for p in self.model.parameters())),
                    }
                )
                return output

        return Watched

    make = ours.async_reward if setting["asynchronous"] else ours.reward
    reward = pickle.loads(pickle.dumps(make(setting["scorer"], column="gold", **setting["reward"])))

    def constant(completions: list[str], **_: Any) -> list[float]:
        return [0.5] * len(completions)

    def around(*arguments: Any, **columns: Any) -> Any:
        return reward(*arguments, **columns)

    first = around if setting["wrapped"] else reward
    functions = [first, constant] if setting["two_rewards"] else [first]
    keywords: dict[str, Any] = {}
    if setting["trainer"] == "codapo":
        module = importlib.import_module("codaserve.adapters.trl_codapo")
        kind, keywords["codapo"] = module.CoDaPOTrainer, module.CoDaPO(**setting["codapo"])
    elif setting["trainer"] == "masked":
        kind = importlib.import_module("codaserve.adapters.trl_trainer").MaskedGRPOTrainer
    else:
        kind = trl.RLOOTrainer if rloo else trl.GRPOTrainer
    rows = [json.loads(line) for line in Path(setting["tasks"]).read_text(encoding="utf-8").splitlines()]
    data = datasets.Dataset.from_list([{"prompt": row["prompt"], "gold": row["math"]["gold"][0]} for row in rows])
    batch = setting["questions"] * setting["group_size"]
    with tempfile.TemporaryDirectory() as folder:
        config = (trl.RLOOConfig if rloo else trl.GRPOConfig)(
            output_dir=folder,
            seed=0,
            max_steps=setting["steps"],
            per_device_train_batch_size=batch,
            num_generations=setting["group_size"],
            max_completion_length=setting["tokens"],
            temperature=1.0,
            top_k=0,
            learning_rate=1e-5,
            lr_scheduler_type="constant",
            gradient_checkpointing=False,
            bf16=False,
            use_cpu=True,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            logging_steps=1,
            **setting["config"],
        )
        tokenizer = importlib.import_module("codaserve.tokenizer").load_tokenizer(setting["model"])
        tokenizer.padding_side = "left"
        model = transformers.AutoModelForCausalLM.from_pretrained(setting["model"], dtype=torch.float32)
        trainer = watched(kind)(
            model=model, reward_funcs=functions, args=config, train_dataset=data, processing_class=tokenizer, **keywords
        )
        trainer.train()
    log = [{name: value for name, value in step.items() if value == value} for step in trainer.state.log_history]
    print(json.dumps({"generations": generations, "log": log}))
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
