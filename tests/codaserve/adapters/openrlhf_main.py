"""OpenRLHF's own code from a prompt to experiences, with our reward file: `openrlhf_main.py SCORER`.

Ray and the engines are stand-ins; what needs a GPU to be imported is not.
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
from types import SimpleNamespace
from typing import Any

FAILS = "FAILS"
LONG = "What is 2 + 2? " * 20


class Tokenizer:
    """One token for each character."""

    pad_token_id = 0

    def __call__(self, text: str, **_: Any) -> Any:
        torch: Any = importlib.import_module("torch")
        return {"input_ids": torch.tensor([[ord(letter) for letter in text]])}

    def decode(self, ids: list[int], **_: Any) -> str:
        return "".join(map(chr, ids))


class Engine:
    """Writes the same each time."""

    def __init__(self, response: str) -> None:
        self.response = response

    async def generate(self, *_: Any, **__: Any) -> Any:
        ids = [ord(letter) for letter in self.response]
        output = SimpleNamespace(token_ids=ids, text=self.response, finish_reason="stop", logprobs=None)
        return SimpleNamespace(outputs=[output])


class Rollouts:
    """The trainer's part between prompts and experiences."""

    def __init__(self, micro_batch: int = 1) -> None:
        self.agent: Any = importlib.import_module("openrlhf.utils.agent")
        generator: Any = importlib.import_module("openrlhf.trainer.ppo_utils.samples_generator")
        maker: Any = importlib.import_module("openrlhf.trainer.ppo_utils.experience_maker")
        generator.ray = maker.ray = SimpleNamespace(
            wait=lambda refs, **_: (refs[:1], refs[1:]), get=lambda refs: refs, put=lambda value: value
        )
        advantage = SimpleNamespace(estimator="group_norm", gamma=1.0, lambd=1.0, is_correction_level="off")
        advantage.no_std_norm = True
        kl = SimpleNamespace(use_loss=False, estimator="k1")
        algo = SimpleNamespace(advantage=advantage, kl=kl, dynamic_filtering_range=(0.0, 1.0))
        reward = SimpleNamespace(clip_range=None, overlong_buffer_len=None, stop_properly_penalty_coef=None)
        self.args = SimpleNamespace(
            actor=SimpleNamespace(num_nodes=1, num_gpus_per_node=1),
            algo=algo,
            ds=SimpleNamespace(ring_attn_size=1, tensor_parallel_size=1),
            reward=reward,
            rollout=SimpleNamespace(micro_batch_size=micro_batch, n_samples_per_prompt=2),
            train=SimpleNamespace(
                dynamic_batch_enable=False, colocate_all=False, colocate_actor_ref=False, colocate_critic_reward=False
            ),
        )
        strategy = SimpleNamespace(args=self.args)
        self.responses: dict[str, list[str]] = {}
        engine = SimpleNamespace(
            get_num_unfinished_requests=SimpleNamespace(remote=lambda: 0),
            generate_responses=SimpleNamespace(remote=self._generate),
        )
        self.generator = generator.SamplesGenerator(strategy, None, None, Tokenizer(), [engine])
        actor = SimpleNamespace(async_run_method_batch=self._log_probs)
        control = SimpleNamespace(value=0.0)
        self.maker = maker.RemoteExperienceMaker(actor, None, None, None, control, strategy, Tokenizer())

    def _generate(self, prompt: str, label: str, sampling_params: Any, max_length: int, **_: Any) -> list[Any]:
        executor = self.agent.SingleTurnAgentExecutor([importlib.import_module("codaserve.adapters.openrlhf").__file__])
        return [
            asyncio.run(executor.execute(prompt, label, sampling_params, max_length, Tokenizer(), Engine(response)))
            for response in self.responses[prompt]
        ]

    def _log_probs(self, method_name: str, action_mask: list[Any], **_: Any) -> list[Any]:
        return [[mask.float()] for mask in action_mask]

    def samples(self, responses: dict[str, list[str]], *, filtered: bool = False, length: int = 1024) -> list[Any]:
        """Of as many prompts as there are, or of the first that stay where groups are filtered."""
        self.responses = responses
        rows = iter([(None, [prompt], ["4"], [None]) for prompt in responses])
        settings = {"max_new_tokens": 64, "max_len": length, "n_samples_per_prompt": 2}
        wanted = 1 if filtered else len(responses)
        found, _, _ = self.generator._generate_vllm(rows, wanted, filtered, **settings)
        return list(found)

    def advantages(self, samples: list[Any]) -> Any:
        """Of each sample's first token; or what was raised."""
        try:
            made = self.maker.make_experience_batch(samples)
        except Exception as error:  # noqa: BLE001, the kind is what is tested
            return f"{type(error).__name__}: {error}"
        return [
            float(row[mask][0]) for one in made for row, mask in zip(one.advantages, one.action_mask > 0, strict=True)
        ]


def bare(*names: str) -> None:
    """Makes packages importable without running their `__init__`."""
    specification = importlib.util.find_spec(names[0])
    assert specification and specification.submodule_search_locations
    root = Path(specification.submodule_search_locations[0])
    for name in names:
        package = types.ModuleType(name)
        package.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = package


def enter() -> None:
    """Makes OpenRLHF importable without what it needs GPUs for."""
    parts = ("models", "trainer", "trainer.ppo_utils", "trainer.ray", "utils")
    bare("openrlhf", *(f"openrlhf.{part}" for part in parts))
    contents: dict[str, dict[str, Any]] = {
        "deepspeed": {},
        "transformers": {"AutoTokenizer": None},
        "vllm": {"SamplingParams": SimpleNamespace},
        "openrlhf.trainer.ray.launcher": {"RayActorGroup": object},
        "openrlhf.trainer.ray.vllm_engine": {"batch_vllm_engine_call": None},
    }
    for name, content in contents.items():
        module = types.ModuleType(name)
        vars(module).update(content)
        sys.modules[name] = module


def main(scorer: str) -> int:
    os.environ["CODASERVE_SCORERS"] = scorer
    enter()
    right, wrong = "it is \\boxed{4}", "it is \\boxed{5}"
    found: dict[str, Any] = {"version": importlib.import_module("importlib.metadata").version("openrlhf")}
    one = Rollouts()
    found["scored"] = one.advantages(one.samples({"a": [right, wrong]}))
    found["cut"] = one.advantages(one.samples({LONG: [right, wrong]}, length=200))
    found["unscored"] = [
        rollouts.advantages(rollouts.samples(groups))
        for rollouts in (Rollouts(1), Rollouts(2), Rollouts(4))
        for responses in ([right, FAILS], [FAILS, right], [FAILS, FAILS])
        for groups in ({"a": [right, wrong], "b": responses}, {"b": responses, "a": [right, wrong]})
    ]
    os.environ["CODASERVE_UNSCORED"] = "nan"
    marked = one.samples({"a": [right, FAILS]})
    found["marked"] = [math.isnan(float(sample.scores)) for sample in marked]
    kept = one.samples({"a": [right, FAILS], LONG: [right, right], "c": [right, wrong]}, filtered=True)
    found["kept"] = [sample.prompts[0] for sample in kept]
    short = one.samples({LONG: [right, wrong]}, length=100)  # 36 characters of the prompt are left
    found["short"] = [math.isnan(float(sample.scores)) for sample in short]
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
