"""kill -9 while the servers are given new weights: the run ends as if nothing had happened.

Each test kills one run at one moment of a synchronisation after the other and resumes it. A server is left as the kill
found it, with weights of nobody or paused: the run that goes on has to put it right.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.trainer.killing import Moment
from tests.trainer.rollout.vllm.conftest import Server
from tests.trainer.test_killed import BATCH, EVALUATION, Killed
from tests.trainer.test_loop_vllm import changes

CONTROL = "trainer.rollout.vllm.remote:Remote._control"
REPLACE = "trainer.rollout.vllm.weights._replace"
CONTROLS = 5
"""A server that gets a version is paused, loads it, forgets what it has cached, goes on, and is told its mark."""
OLD, NEW = "policy-00000002", "policy-00000003"
"""The version that a checkpoint after step 1 has, and the one after the first update of step 2."""


class Weights:
    """What a server is given to load; it answers nothing while it is paused, as vLLM does."""

    def __init__(self, server: Server) -> None:
        self.paused = False
        self.loaded: list[tuple[str, list[str]]] = []
        """Name and files of each folder."""
        self._server = server
        server.fault = self._see

    def _see(self, path: str, number: int, handler: Any) -> bool:
        if path in ("/pause", "/resume"):
            self.paused = path == "/pause"
        if path == "/collective_rpc":
            folder = Path(self._server.requests[-1][1]["kwargs"]["weights_path"])
            self.loaded.append((folder.name, sorted(file.name for file in folder.iterdir())))
        if path == "/v1/completions" and self.paused:
            handler.reply(503, b"paused")
            return True
        return False


@pytest.fixture
def weights(server: Server) -> Weights:
    return Weights(server)


@pytest.fixture
def killed(weights: Weights, server: Server, configure: Any, scorer: Any, critic: Any, tmp_path: Path) -> Killed:
    it = Killed(configure, scorer, critic, tmp_path, **changes(server))
    assert [name for name, _ in weights.loaded] == [f"policy-{version:08}" for version in range(5)]
    return it


def left(killed: Killed) -> list[str]:
    """Weights that a killed run has left."""
    return sorted(path.name for path in (killed.settings().output_dir / "rollout-weights").iterdir())


def all_is_well(killed: Killed, weights: Weights) -> bool:
    """Resumes for the last time: what was loaded was whole, its proofs held, and nothing is left of it."""
    before = len(weights.loaded)
    assert killed.ends_as_if_nothing_had_happened()
    assert [name for name, _ in weights.loaded[before:]] == [OLD, NEW, "policy-00000004"]
    whole = weights.loaded[0][1]
    assert all(files == whole for _, files in weights.loaded)
    assert not (killed.settings().output_dir / "rollout-weights").exists()
    return not weights.paused


def test_while_weights_are_written(killed: Killed, weights: Weights) -> None:
    # Before anything was answered, and before there is a checkpoint.
    assert killed.at(Moment(REPLACE, 1)) == 0
    assert left(killed) == [".writing-policy-00000000"]
    # In the middle of step 2, a run that goes on writes anew what its checkpoint has, and then the next version.
    assert killed.at(Moment("trainer.rollout.vllm.weights._untie", 4)) == 2 * EVALUATION + 3 * BATCH
    assert left(killed) == [f".writing-{NEW}", OLD]
    assert killed.at(Moment(REPLACE, 2)) == BATCH
    assert left(killed) == [f".writing-{NEW}", OLD]
    assert killed.at(Moment(REPLACE, 2, "after")) == BATCH
    assert left(killed) == [OLD, NEW]
    assert all_is_well(killed, weights)


def test_between_the_weights_and_their_proof(killed: Killed, weights: Weights, server: Server) -> None:
    assert killed.at(Moment(CONTROL, 3 * CONTROLS + 2)) == 2 * EVALUATION + 3 * BATCH
    assert weights.paused
    assert weights.loaded[-1][0] == OLD
    assert killed.at(Moment(CONTROL, CONTROLS + 2, "after")) == BATCH
    assert weights.paused
    assert weights.loaded[-1][0] == NEW
    mark = server.version
    assert mark.endswith("-2")
    assert killed.at(Moment(CONTROL, 2 * CONTROLS)) == BATCH  # it goes on, and has not been told its mark
    assert not weights.paused
    assert server.version != mark
    assert server.version.endswith("-2")
    assert killed.at(Moment("trainer.rollout.vllm.renewal:Renewal._prove", 2)) == BATCH
    assert server.version.endswith("-3")
    assert all_is_well(killed, weights)


def test_in_the_proof_and_after_it(killed: Killed, weights: Weights) -> None:
    assert killed.at(Moment("trainer.rollout.vllm.probe.compare_text", 4, "after")) == 2 * EVALUATION + 3 * BATCH
    assert killed.at(Moment("trainer.rollout.vllm.renewal:Renewal.drop", 2)) == BATCH
    assert left(killed) == [OLD, NEW]
    assert killed.at(Moment("trainer.rollout.vllm.renewal:Renewal.drop", 3, "after")) == 2 * BATCH
    assert left(killed) == ["policy-00000004"]
    assert all_is_well(killed, weights)
