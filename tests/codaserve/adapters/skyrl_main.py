"""SkyRL's own loading and calling code with our environment: `skyrl_main.py SCORER`."""

import importlib
import json
import os
import sys
from typing import Any

RESPONSES = ["it is \\boxed{4}", "it is \\boxed{5}", "FAILS"]


def skyrl() -> Any:
    """The registry of environments."""
    gym: Any = importlib.import_module("skyrl_gym")
    gym.register(id="codaserve", entry_point="codaserve.adapters.skyrl:ScoredEnv")
    found: list[Any] = []
    for response in RESPONSES:
        one = gym.make("codaserve", env_config=None, extras={"reward_spec": {"ground_truth": "4"}})
        one.init([{"role": "user", "content": "2 + 2 = ?"}])
        try:
            found.append(one.step(response)["reward"])
        except Exception as error:  # noqa: BLE001, the kind is what is tested
            found.append(type(error).__name__)
    return found


def main(scorer: str) -> int:
    os.environ["CODASERVE_SCORERS"] = scorer
    version = importlib.import_module("importlib.metadata").version("skyrl-gym")
    print(json.dumps({"version": version, "rewards": skyrl()}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
