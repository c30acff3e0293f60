"""NeMo-RL's text (published/README.md) with Ray and hydra themselves: `nemo_rl_main.py SCORER`."""

import importlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from codaserve.adapters.scoring import UnscoredError


def rollouts(*responses: str) -> dict[str, Any]:
    """A batch."""
    return {
        "message_log": [[{"role": "assistant", "content": text}] for text in responses],
        "extra_env_info": [{"ground_truth": "4"} for _ in responses],
        "task_name": ["math" for _ in responses],
    }


def main(scorer: str) -> int:
    ray: Any = importlib.import_module("ray")
    sources: Any = importlib.import_module("sources")  # of this folder
    with tempfile.TemporaryDirectory() as folder:
        sources.write_nemo_rl(Path(folder))
        sys.path.insert(0, folder)
        os.environ["PYTHONPATH"] += os.pathsep + folder  # for the actor
        ray.init(num_cpus=1, include_dashboard=False, object_store_memory=2**27, logging_level="ERROR")
        try:
            print(json.dumps(called(scorer)))
        finally:
            ray.shutdown()
    return 0


def called(scorer: str) -> dict[str, Any]:
    """What the actor says."""
    utils: Any = importlib.import_module("nemo_rl.environments.utils")
    calculate: Any = importlib.import_module("nemo_rl.experience.rollouts").calculate_rewards
    utils.register_env("codaserve", "codaserve.adapters.nemo_rl.ScoredEnvironment")
    environments = {"math": utils.create_env("codaserve", {"addresses": scorer})}
    found: dict[str, Any] = {"rewards": calculate(rollouts("it is 4", "it is 5"), environments).rewards.tolist()}
    try:
        calculate(rollouts("it is 4", "FAILS"), environments)
    except UnscoredError:
        found["failure"] = True
    module: Any = importlib.import_module("codaserve.adapters.nemo_rl")
    actor: Any = importlib.import_module("ray.actor")
    found["own"] = isinstance(module.ScoredEnvironment, actor.ActorClass)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
