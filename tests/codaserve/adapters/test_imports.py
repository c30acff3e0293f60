"""Adapters need the client alone, but for those that subclass a trainer's classes."""

import subprocess
import sys
from pathlib import Path

import codaserve.adapters

SUBCLASSES = {"areal_workflow", "nemo_rl", "skyrl", "slime_advantages", "trl_codapo", "trl_trainer", "verifiers_rubric"}
SUBCLASSES |= {"verl_advantage", "verl_manager", "verl_steps"}

CODE = """
import importlib, importlib.abc, sys

class Only(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        ours = top in {"codaserve", "trainer", "grpc", "google", "typing_extensions"}
        if top not in sys.stdlib_module_names and not ours:
            raise ImportError(f"{name} is not part of a client's installation")

sys.meta_path.insert(0, Only())
for name in sys.argv[1:]:
    importlib.import_module(f"codaserve.adapters.{name}")
"""


def test_the_client_is_enough() -> None:
    folder = Path(codaserve.adapters.__path__[0])
    names = sorted({file.stem for file in folder.glob("*.py")} - {"__init__"} - SUBCLASSES)
    assert "trl" in names and "verl" in names
    done = subprocess.run(
        [sys.executable, "-c", CODE, *names], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_each_says_what_no_reward_is() -> None:
    folder = Path(codaserve.adapters.__path__[0])
    shared = {"__init__", "access", "asking", "queries", "relay", "scoring", "steps", "tasks"}
    for file in folder.glob("*.py"):
        if file.stem not in shared:
            assert "o reward" in " ".join(file.read_text().split()), file
