"""What is around verl 0.9.1's trainers and is not installed with it here: packages that it imports and that text does
not need, its queue, its engine and its actors.

`transfer_queue` (pypi.org/project/TransferQueue) is kept in a dictionary: names, arguments and return values are those
that verl's v1 trainer uses.
"""

import asyncio
import importlib
import importlib.abc
import importlib.machinery
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

ABSENT = {"PIL", "datasets", "torchdata", "uvicorn", "fastapi", "peft", "dill"}


class _Name(type):
    """Anything that is imported from a package that is not there: a class with any attribute."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Name(name, (), {})


class _Absent(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname.split(".")[0] in ABSENT:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: Any) -> ModuleType:
        module = ModuleType(spec.name)
        module.__getattr__ = lambda name: getattr(_Name("module", (), {}), name)  # type: ignore[method-assign]
        return module

    def exec_module(self, module: ModuleType) -> None:
        pass


@dataclass
class KVBatchMeta:
    """What verl's trainer hands around: names of trajectories."""

    partition_id: str
    keys: list[str]
    tags: list[dict[str, Any]]
    extra_info: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.keys)


class Queue(ModuleType):
    """The package `transfer_queue`."""

    KVBatchMeta = KVBatchMeta

    def __init__(self) -> None:
        super().__init__("transfer_queue")
        self.tags: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self.fields: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)

    def init(self, *_: Any) -> None:
        """Nothing to connect to."""

    async def async_kv_put(self, *, key: str, partition_id: str, tag: dict[str, Any]) -> None:
        self.tags[partition_id].setdefault(key, {"is_prompt": True, "global_steps": 1}).update(tag)

    async def async_kv_batch_put(
        self, *, keys: Sequence[str], fields: Any, tags: Sequence[dict[str, Any]], partition_id: str
    ) -> None:
        self.tags[partition_id].update(zip(keys, tags, strict=True))
        self.kv_batch_put(keys=keys, partition_id=partition_id, fields=fields)

    def kv_batch_put(self, *, keys: Sequence[str], partition_id: str, fields: Any) -> Any:
        for row, key in enumerate(keys):
            found = {name: fields[name][row] for name in fields.keys()}  # noqa: SIM118, a TensorDict
            self.fields[partition_id].setdefault(key, {}).update(
                {name: getattr(value, "data", value) for name, value in found.items()}
            )
        return KVBatchMeta(partition_id, list(keys), [self.tags[partition_id][key] for key in keys])

    def kv_batch_get(self, *, keys: Sequence[str], partition_id: str, select_fields: Sequence[str]) -> Any:
        """A TensorDict with rows of different lengths, of the fields that are there."""
        torch: Any = importlib.import_module("torch")
        tensordict: Any = importlib.import_module("tensordict")
        rows = [self.fields[partition_id][key] for key in keys]
        found: dict[str, Any] = {}
        for name in select_fields:
            values = [row[name] for row in rows if name in row]
            if values and isinstance(values[0], torch.Tensor):
                found[name] = torch.nested.as_nested_tensor(values, layout=torch.jagged)
            elif values:
                found[name] = tensordict.NonTensorStack(*values)
        return tensordict.TensorDict(found, batch_size=[len(keys)])

    def kv_list(self) -> dict[str, dict[str, dict[str, Any]]]:
        return {partition: dict(tags) for partition, tags in self.tags.items()}

    def kv_clear(self, *, keys: Sequence[str], partition_id: str) -> None:
        for key in keys:
            self.tags[partition_id].pop(key, None)
            self.fields[partition_id].pop(key, None)


def install() -> Queue:
    """Makes all of that importable; after transformers, which looks for what is installed."""
    importlib.import_module("transformers.processing_utils")
    queue = Queue()
    sys.modules["transfer_queue"] = queue
    sys.meta_path.append(_Absent())
    return queue


class Engine:
    """verl's client of the engine that samples: gives back one prepared response after the other."""

    def __init__(self, responses: Sequence[list[int]]) -> None:
        self._responses = list(responses)

    async def generate(self, **_: Any) -> Any:
        replica: Any = importlib.import_module("verl.workers.rollout.replica")
        return replica.TokenOutput(token_ids=self._responses.pop(0), extra_fields={})


class Remote:
    """An actor's handle, in this process: what goes to it and comes from it goes through Ray's pickling."""

    def __init__(self, actor: Any) -> None:
        self._actor = actor

    def __getattr__(self, name: str) -> Any:
        return _Method(getattr(self._actor, name))


class _Method:
    def __init__(self, method: Any) -> None:
        self._method = method

    def remote(self, *arguments: Any) -> "asyncio.Task[Any]":
        return asyncio.ensure_future(self._call(_sent(arguments)))

    async def _call(self, arguments: tuple[Any, ...]) -> Any:
        return _sent(await self._method(*arguments))


def _sent(value: Any) -> Any:
    pickle: Any = importlib.import_module("ray.cloudpickle")
    return pickle.loads(pickle.dumps(value))
