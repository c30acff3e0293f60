"""Published texts of trainers that cannot be installed (published/README.md), as code."""

from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("published")


def run(path: str, into: dict[str, Any]) -> None:
    """Runs a text, with the names given and for them."""
    exec(compile(_read(path), path, "exec", dont_inherit=True), into)


def write_nemo_rl(folder: Path) -> None:
    """Makes a package of NeMo-RL's texts, and of stand-ins for what they import of it besides."""
    package = folder / "nemo_rl"
    for name, text in {
        "environments/utils": _read("nemo_rl/utils.py"),
        "environments/interfaces": _read("nemo_rl/interfaces.py"),
        "distributed/ray_actor_environment_registry": _read("nemo_rl/ray_actor_environment_registry.py"),
        "experience/rollouts": _ROLLOUTS + _read("nemo_rl/rollouts.py"),
        "data/interfaces": "DatumSpec = dict\nLLMMessageLogType = list\n",
        "distributed/batched_data_dict": "BatchedDataDict = dict\n",
        "distributed/virtual_cluster": _EXECUTABLES,
        "modelopt/registry": "MODELOPT_ACTOR_REGISTRY = {}\n",
        "utils/venvs": "create_local_venv_on_each_node = None\n",
    }.items():
        file = package / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def _read(path: str) -> str:
    return (FOLDER / f"{path}.txt").read_text()


_EXECUTABLES = """
import sys

class PY_EXECUTABLES:
    SYSTEM = sys.executable
    FSDP = AUTOMODEL = MCORE = NEMO_GYM = SGLANG = VLLM = "uv run"
"""

_ROLLOUTS = """
import ray
import torch
from nemo_rl.data.interfaces import DatumSpec, LLMMessageLogType
from nemo_rl.distributed.batched_data_dict import BatchedDataDict
from nemo_rl.environments.interfaces import EnvironmentInterface, EnvironmentReturn

def get_keys_from_message_log(log, keys):
    return [{key: message[key] for key in keys} for message in log]

"""
