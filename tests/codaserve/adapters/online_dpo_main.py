"""The rewards that TRL's OnlineDPO makes of ours: `online_dpo_main.py SCORER`, in the environment that has TRL."""

import importlib
import json
import sys
from types import SimpleNamespace
from typing import Any


def main(scorer: str) -> int:
    trainer: Any = importlib.import_module("trl.experimental.online_dpo").OnlineDPOTrainer
    reward = importlib.import_module("codaserve.adapters.trl").reward(scorer, column="gold", unscored="none")
    its = SimpleNamespace(
        accelerator=SimpleNamespace(device="cpu"),
        reward_funcs=[reward],
        reward_processing_classes=[None],
        reward_weights=None,
        state=None,
    )
    completions = ["it is 4", "it is 5", "FAILS"]
    found = trainer._calculate_rewards_from_functions(its, ["p"] * 3, completions, [[1]] * 3, gold=["4"] * 3)
    print(json.dumps(found.tolist()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
