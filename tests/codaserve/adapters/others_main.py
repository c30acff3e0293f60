"""OpenRLHF's and SkyRL's own loading and calling code with our functions: `others_main.py SCORER`.

Packages are entered past their `__init__`, which would import engines that need a GPU.
"""

import asyncio
import importlib
import importlib.util
import json
import math
import os
import sys
import types
from pathlib import Path
from typing import Any

RESPONSES = ["it is \\boxed{4}", "it is \\boxed{5}", "FAILS"]


def bare(*names: str) -> None:
    """Makes packages importable without running their `__init__`."""
    specification = importlib.util.find_spec(names[0])
    assert specification and specification.submodule_search_locations
    root = Path(specification.submodule_search_locations[0])
    for name in names:
        package = types.ModuleType(name)
        package.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = package


def openrlhf() -> Any:
    """The executor that fills in a sample's reward."""
    bare("openrlhf", "openrlhf.utils")
    agent: Any = importlib.import_module("openrlhf.utils.agent")
    ours = importlib.import_module("codaserve.adapters.openrlhf").__file__
    executor = agent.SingleTurnAgentExecutor([ours])

    class Tokenizer:
        def __call__(self, text: str, **_: Any) -> Any:
            torch: Any = importlib.import_module("torch")
            return {"input_ids": torch.tensor([[ord(letter) for letter in text]])}

        def decode(self, ids: list[int], **_: Any) -> str:
            return "".join(map(chr, ids))

    class Engine:
        def __init__(self, response: str) -> None:
            self.response = response

        async def generate(self, *_: Any, **__: Any) -> Any:
            ids = [ord(letter) for letter in self.response]
            output = types.SimpleNamespace(token_ids=ids, text=self.response, finish_reason="stop", logprobs=None)
            return types.SimpleNamespace(outputs=[output])

    sampling = types.SimpleNamespace(max_tokens=64, logprobs=None)

    def one(response: str) -> Any:
        call = executor.execute("2 + 2 = ?", "4", sampling, 1024, Tokenizer(), Engine(response))
        return asyncio.run(call)["reward"]

    found = [one(response) for response in RESPONSES]
    os.environ["CODASERVE_UNSCORED"] = "nan"
    marked = one(RESPONSES[2])
    return [*[None if reward is None else float(reward[0]) for reward in found], math.isnan(float(marked[0]))]


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
    version = importlib.import_module("importlib.metadata").version
    names = ("openrlhf", "skyrl-gym")
    found: dict[str, Any] = {"versions": [version(name) for name in names]}
    found |= {case.__name__: case() for case in (openrlhf, skyrl)}
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
