"""Several server processes on one port, as they are started from the command line."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from pydantic import ValidationError

from codaserve.v1 import scorer_pb2 as pb
from codaserve.v1 import scorer_pb2_grpc
from scorer.settings import ScorerSettings, divided

PATIENCE = 240.0


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """Two processes; gives the parent and the address."""
    address = folder / "address"
    own = ["--processes", "2", "--port", "0", "--address_file", str(address), "--math.workers", "2"]
    own += ["--code.sandbox.slots", "2", "--exit_with_parent", "--metrics.port", "0"]
    own += ["--metrics.address_file", str(folder / "metrics"), "--code.languages", '["python"]']
    process = subprocess.Popen(
        [sys.executable, "-m", "codaserve.cli.main", "scorer", *own, *arguments], stdin=subprocess.PIPE
    )
    try:
        give_up = time.monotonic() + PATIENCE
        while not address.exists():
            assert process.poll() is None
            assert time.monotonic() < give_up
            time.sleep(0.05)
        yield process, address.read_text().strip()
    finally:
        process.kill()
        process.communicate()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def score(address: str, count: int) -> None:
    """So many items, each over a connection of its own."""
    for number in range(count):
        options = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(address, options=options) as channel:
            stub = scorer_pb2_grpc.ScorerStub(channel)  # type: ignore[no-untyped-call]
            item = pb.ScoreItem(math=pb.MathTask(gold=[str(number)], answer=str(number)))
            answer = stub.Score(pb.ScoreRequest(items=[item]), timeout=PATIENCE, wait_for_ready=True)
            assert answer.results[0].verdict.correct


def counted(folder: Path, name: str) -> float:
    where = f"http://{(folder / 'metrics').read_text().strip()}/metrics"
    with urllib.request.urlopen(where, timeout=PATIENCE) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def test_two_processes_are_one_scorer(tmp_path: Path) -> None:
    with serving(tmp_path) as (parent, address):
        assert len(children(parent.pid)) == 2
        score(address, 12)
        assert counted(tmp_path, "codaserve_scorer_items_total") == 12
        assert counted(tmp_path, "codaserve_scorer_queue_size") == 1024
        victim = children(parent.pid)[0]
        os.kill(victim, signal.SIGKILL)
        give_up = time.monotonic() + PATIENCE
        while (
            len(children(parent.pid)) < 2 or victim in children(parent.pid) or counted(tmp_path, "codaserve_ready") < 2
        ):
            assert time.monotonic() < give_up
            time.sleep(0.1)
        score(address, 3)
        assert counted(tmp_path, "codaserve_scorer_items_total") == 15
        assert counted(tmp_path, 'codaserve_process_restarts_total{reason="ended"}') == 1
        assert counted(tmp_path, 'codaserve_process_restarts_total{reason="hung"}') == 0
        parent.terminate()
        assert parent.wait(PATIENCE) == 0


def test_a_configuration_that_no_process_can_use_ends_all(tmp_path: Path) -> None:
    with pytest.raises(AssertionError), serving(tmp_path, "--tokens", str(tmp_path / "missing")):
        pass


def test_shares_add_up_to_the_whole() -> None:
    settings = ScorerSettings.model_validate(
        {
            "processes": 3,
            "queue": {"size": 100, "bytes": 3072},
            "math": {"workers": 2},
            "code": {"sandbox": {"slots": 7, "scratch": [f"/scratch/{n}" for n in range(7)]}},
        }
    )
    parts = settings.parts()
    assert [part.queue.size for part in parts] == [34, 33, 33]
    assert [part.queue.bytes for part in parts] == [1024] * 3
    assert [part.max_calls for part in parts] == [342, 341, 341]
    assert [part.math.workers for part in parts] == [1, 1, 1]
    assert [part.code.sandbox.slots for part in parts] == [3, 2, 2]
    assert [str(path) for part in parts for path in part.code.sandbox.scratch] == [f"/scratch/{n}" for n in range(7)]
    assert {(part.processes, part.quota.processes) for part in parts} == {(1, 3)}
    for part in parts:
        assert ScorerSettings.model_validate(part.model_dump(mode="json")) == part
    assert divided(2, 5) == [1, 1, 1, 1, 1]


def test_processes_share_no_port_that_each_would_choose() -> None:
    with pytest.raises(ValidationError, match=r"http\.port"):
        ScorerSettings.model_validate({"processes": 2, "http": {"port": 0}})
