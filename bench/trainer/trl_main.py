"""Trains with TRL's GRPOTrainer and prints what it took, as a line of JSON.

    python trl_main.py SETTING FOLDER

Imports nothing of this project but its neighbour: it runs in the environment that has TRL. The reward is a comparison
of texts, the cheapest there is.
"""

import importlib
import json
import math
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))


def main(setting: dict[str, Any], folder: str) -> int:
    """Runs the training."""
    torch: Any = importlib.import_module("torch")
    trl: Any = importlib.import_module("trl")
    datasets: Any = importlib.import_module("datasets")
    transformers: Any = importlib.import_module("transformers")
    torch.set_num_threads(setting["threads"])
    steps: list[dict[str, float]] = []
    current: dict[str, float] = {}

    def reward(completions: list[str], gold: list[str], **_: Any) -> list[float]:
        begin = time.perf_counter()
        scores = [float(f"\\boxed{{{one}}}" in text) for text, one in zip(completions, gold, strict=True)]
        current["scoring"] = current.get("scoring", 0.0) + time.perf_counter() - begin
        current["right"] = sum(scores) / len(scores)
        return scores

    class Timed(trl.GRPOTrainer):  # type: ignore[misc]
        def _generate(self, *arguments: Any, **keywords: Any) -> Any:
            begin = time.perf_counter()
            result = super()._generate(*arguments, **keywords)
            current["generation"] = current.get("generation", 0.0) + time.perf_counter() - begin
            ids = result[1]
            current["rollouts"] = current.get("rollouts", 0) + len(ids)
            current["tokens"] = current.get("tokens", 0) + sum(map(len, ids))
            return result

    class Watch(transformers.TrainerCallback):  # type: ignore[misc]
        end = 0.0

        def on_step_end(self, *_: Any, **__: Any) -> None:
            before, self.end = self.end, time.perf_counter()
            total = self.end - before
            update = total - current["generation"] - current["scoring"]
            steps.append({**current, "update": update, "total": total})
            current.clear()

    rows = [json.loads(line) for line in Path(setting["tasks"]).read_text(encoding="utf-8").splitlines()]
    data = datasets.Dataset.from_list([{"prompt": row["prompt"], "gold": row["math"]["gold"][0]} for row in rows])
    batch = setting["questions"] * setting["group_size"]
    # Of a pass. On a CPU, passes of 32 take 5% less processor time than one of 128, and half the memory.
    at_once = math.gcd(batch, 32) if setting["device"] == "cpu" else batch
    config = trl.GRPOConfig(
        output_dir=folder,
        seed=setting["seed"],
        max_steps=setting["steps"] + 1,
        per_device_train_batch_size=at_once,
        gradient_accumulation_steps=batch // at_once,
        num_generations=setting["group_size"],
        max_completion_length=setting["tokens"],
        temperature=1.0,
        top_k=0,
        beta=0.0,
        loss_type="grpo",
        learning_rate=setting["learning_rate"],
        lr_scheduler_type="constant",
        gradient_checkpointing=False,
        bf16=setting["device"] != "cpu",
        use_cpu=setting["device"] == "cpu",
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        logging_strategy="no",
    )
    # AutoTokenizer puts the class of the model's type in place of the saved one (see codaserve/tokenizer.py): with it
    # prompts lose their spaces, and answers become longer and wrong.
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(setting["model"], padding_side="left")
    model = transformers.AutoModelForCausalLM.from_pretrained(setting["model"], dtype=torch.float32)
    Timed(
        model=model,
        reward_funcs=reward,
        args=config,
        train_dataset=data,
        processing_class=tokenizer,
        callbacks=[Watch()],
    ).train()
    on_cpu = setting["device"] == "cpu"
    peak = importlib.import_module("memory").peak_bytes() if on_cpu else torch.cuda.max_memory_allocated()
    print(json.dumps({"steps": steps[1:], "peak_bytes": peak}))
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1]), sys.argv[2]))
