"""AReaL's own workflow, groups and executor of rollouts with our scores: `areal_main.py SCORER DEAD_ADDRESS`.

Packages whose `__init__` would import engines that need a GPU are entered past it. What AReaL imports besides and these
rollouts make no use of has stand-ins.
"""

import asyncio
import importlib
import importlib.machinery
import importlib.util
import inspect
import json
import os
import sys
import time
import types
from pathlib import Path
from typing import Any

ENTERED = [
    "areal",
    "areal.engine",
    "areal.experimental",
    "areal.experimental.openai",
    "areal.infra",
    "areal.infra.rpc",
    "areal.infra.utils",
]
ABSENT = {"PIL", "aiofiles", "einops", "lark", "numba", "openai", "tenacity", "torchdata"}
RIGHT, WRONG, FAILS = "it is \\boxed{4}", "it is \\boxed{5}", "FAILS"
OUTAGE = 24
"""Rollouts at one time while no scorer is there: more than AReaL's pool would have processes here."""


class Whatever:
    """Takes whatever it is made of, and decorates nothing."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def __call__(self, decorated: Any) -> Any:
        return decorated

    def __class_getitem__(cls, _: Any) -> Any:
        return cls


class StandIn(types.ModuleType):
    """A module with whatever is imported from it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        vars(self)[name] = type(name, (Whatever,), {})
        return vars(self)[name]


class StandIns:
    """Finds the absent ones."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        return importlib.machinery.ModuleSpec(name, self) if name.partition(".")[0] in ABSENT else None  # type: ignore[arg-type]

    def create_module(self, spec: Any) -> types.ModuleType:
        return StandIn(spec.name)

    def exec_module(self, module: Any) -> None: ...


def enter() -> None:
    """Makes AReaL importable."""
    specification = importlib.util.find_spec("areal")
    assert specification and specification.submodule_search_locations
    root = Path(specification.submodule_search_locations[0])
    for name in ENTERED:
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__path__ = [str(root.joinpath(*name.split(".")[1:]))]
    sys.meta_path.insert(0, StandIns())
    uvloop: Any = types.ModuleType("uvloop")
    uvloop.install, uvloop.new_event_loop = lambda: None, asyncio.new_event_loop
    sys.modules["uvloop"] = uvloop
    vars(sys.modules["areal"])["workflow_context"] = importlib.import_module("areal.infra.workflow_context")
    types_: Any = importlib.import_module("areal.experimental.openai.types")
    name = "InteractionWithTokenLogpReward"
    vars(sys.modules["areal.experimental.openai"])[name] = getattr(types_, name)


class Tokenizer:
    """Letters."""

    pad_token_id = eos_token_id = 0

    def decode(self, ids: list[int]) -> str:
        return "".join(map(chr, ids))


class Engine:
    """Says of each row the responses that it has, in turn."""

    def __init__(self) -> None:
        self.responses: list[str] = []

    def get_version(self) -> int:
        return 0

    async def agenerate(self, request: Any) -> Any:
        io: Any = importlib.import_module("areal.api.io_struct")
        said = list(map(ord, self.responses.pop(0)))
        return io.ModelResponse(
            input_tokens=request.input_ids,
            output_tokens=said,
            output_logprobs=[0.0] * len(said),
            output_versions=[0] * len(said),
        )


class Rollouts:
    """AReaL's executor, with the workflow that its engines make of our line."""

    def __init__(self) -> None:
        remote: Any = importlib.import_module("areal.infra.remote_inf_engine")
        self.cli: Any = importlib.import_module("areal.api.cli_args")
        self._resolve = remote.RemoteInfEngine._resolve_workflow
        self._logger: Any = importlib.import_module("areal.utils.logging").getLogger("test")
        self.engine = Engine()
        config = self.cli.InferenceEngineConfig(max_concurrent_rollouts=64, consumer_batch_size=64, backend="sglang:d1")
        self.executor = remote.WorkflowExecutor(config, self.engine)
        self.executor.initialize(train_data_parallel_size=1)

    def workflow(self, group: int, **more: Any) -> Any:
        arguments = {
            "gconfig": self.cli.GenerationHyperparameters(),
            "tokenizer": Tokenizer(),
            "get_input_ids_fn": lambda data, *_: list(map(ord, data)),
            "data_extract_prompt_fn": lambda row: row["question"],
        }
        line = "codaserve.adapters.areal_workflow.ScoredWorkflow"
        return self._resolve(types.SimpleNamespace(logger=self._logger), line, arguments | more, group)

    def run(self, groups: list[list[str]]) -> list[list[float] | None]:
        """The rewards of each group, None for one that AReaL rejects. Groups of one size, all at one time."""
        workflow = self.workflow(len(groups[0]))
        self.engine.responses = [response for group in groups for response in group]
        row = {"question": "2 + 2 = ?", "answer": "4", "task": "arithmetic"}
        tasks = [self.executor.submit(row, workflow) for _ in groups]
        found = [self.executor.wait_for_task(task, timeout=300) for task in tasks]
        return [None if one is None else one["rewards"].tolist() for one in found]


def pool() -> dict[str, Any]:
    """What AReaL's pool makes of a reward function that is late, and by which clock."""
    wrapper: Any = importlib.import_module("areal.api.reward_api").AsyncRewardWrapper
    names = inspect.signature(wrapper).parameters
    late = wrapper(time.sleep, timeout_seconds=0.1, max_workers=1)
    return {
        "seconds": names["timeout_seconds"].default,
        "retries": names["max_retries"].default,
        "late": asyncio.run(late(1.0)),
    }


def main(scorer: str, dead: str) -> int:
    enter()
    found: dict[str, Any] = {"version": importlib.import_module("importlib.metadata").version("areal")}
    os.environ["CODASERVE_SCORERS"] = scorer
    rollouts = Rollouts()
    try:
        found["alone"] = [rollouts.run([[response]])[0] for response in (RIGHT, WRONG, FAILS)]
        found["groups"] = [rollouts.run([group])[0] for group in ([RIGHT, WRONG], [RIGHT, FAILS])]
        os.environ["CODASERVE_SCORERS"] = dead
        found["outage"] = rollouts.run([[RIGHT]] * OUTAGE)
        stat = rollouts.executor.staleness_manager.get_stats()
        found["accepted"], found["rejected"] = stat.accepted, stat.rejected
    finally:
        rollouts.executor.destroy()
    try:
        rollouts.workflow(1, reward_fn="areal.reward.gsm8k.gsm8k_reward_fn")
    except ValueError as error:
        found["mistake"] = str(error)
    found["pool"] = pool()
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
