"""The command against real scorers: one that holds and one that was weakened, which it must find out."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codaserve.cli.doctor import run
from codaserve.doctor.attacks.every import ATTACKS
from codaserve.doctor.attempt import attempt, why_skipped
from codaserve.doctor.finding import Status
from codaserve.doctor.target import Target
from codaserve.embedded import EmbeddedService
from codaserve.v1 import scorer_pb2 as pb
from scorer.kernel.layers import NAMES

SMALL = ("--math.workers", "1", "--code.sandbox.slots", "2")
# One of each kind that only the sandbox's layers hold, whatever user the tests run as.
BREACHES = (
    "processes: posix_spawn",
    "signals: parent",
    "files: passwd",
    "network: a listener on the host",
    "network: a datagram to the host",
    "network: a file of the host",
    "service: command lines",
    "kernel: memfd_create",
    "kernel: personality",
)


@pytest.fixture(scope="module")
def scorer() -> Iterator[str]:
    with EmbeddedService.start("scorer", SMALL) as service:
        yield service.address


@pytest.fixture(scope="module")
def weak_scorer() -> Iterator[str]:
    without = json.dumps([name for name in NAMES if name != "rlimits"])
    isolation = ("--code.sandbox.isolation.require", "[]", "--code.sandbox.isolation.without", without)
    with EmbeddedService.start("scorer", [*SMALL, *isolation]) as service:
        yield service.address


def report_of(address: str, file: Path, *only: str) -> tuple[int, dict[str, Any]]:
    arguments = [address, "--json", str(file)]
    for pattern in only:
        arguments += ["--only", pattern]
    status = run(arguments)
    return status, json.loads(file.read_text())


def test_a_scorer_that_holds_passes(scorer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    only = [*BREACHES, "controls: python", "forging: messages", "reward hacks: human-eval", "leaks: files"]
    status, report = report_of(scorer, tmp_path / "report.json", *only)
    failed = [row for row in report["results"] if row["status"] == "failed"]
    assert status == 0 and failed == []
    assert report["summary"]["passed"] > 30 and report["address"] == scorer
    held = {f"{row['group']}: {row['name']}": row["held_by"] for row in report["results"]}
    assert held["kernel: personality"] == "seccomp"
    out = capsys.readouterr().out
    assert "isolation: (" in out and "0 failed" in out and "seccomp" in out


def test_a_scorer_without_layers_is_found_out(
    weak_scorer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, report = report_of(weak_scorer, tmp_path / "report.json", *BREACHES, "forging: exit in the function")
    failed = {f"{row['group']}: {row['name']}" for row in report["results"] if row["status"] == "failed"}
    assert status == 1 and set(BREACHES) <= failed
    assert report["mode"] == "none" and report["summary"]["failed"] == len(failed)
    assert not any(title.startswith("forging") for title in failed), "what is judged outside needs no layer"
    out = capsys.readouterr().out
    assert "FAILED processes: posix_spawn: succeeded" in out
    assert "a connection to the TCP port arrived" in out


async def test_a_scorer_that_goes_away_passes_nothing() -> None:
    with EmbeddedService.start("scorer", SMALL) as service:
        target = Target(service.address, 5.0)
        await target.connect()
    finding = await attempt(next(attack for attack in ATTACKS if attack.title == "files: passwd"), target)
    await target.close()
    assert finding.status is Status.FAILED and "UNAVAILABLE" in finding.seen


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nowhere"],
        ["127.0.0.1:1"],
        ["127.0.0.1:1", "--only", "no such attack"],
        ["127.0.0.1:1", "--timeout", "0"],
        ["127.0.0.1:1", "--concurrency", "0"],
    ],
)
def test_what_cannot_be_run_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert "codaserve doctor: " in capsys.readouterr().err


def test_a_report_that_cannot_be_written_exits_with_2(scorer: str, tmp_path: Path) -> None:
    assert run([scorer, "--only", "files: shadow", "--json", str(tmp_path / "no" / "report.json")]) == 2


async def test_what_cannot_be_tried_is_skipped_and_says_why() -> None:
    target = Target("192.0.2.1:1", 1.0)
    target.info = pb.ScorerInfo(languages=[pb.Language(name="python")])
    target.info.limits.sandbox_slots = 1
    target.info.limits.max_run.CopyFrom(pb.RunLimits(cpu_seconds=60, wall_seconds=60, processes=64))
    reasons = {attack.title: why_skipped(attack, target) for attack in ATTACKS}
    await target.close()
    assert reasons["files: passwd"] is None
    assert reasons["controls: rust: a sum"] == "no rust here"
    assert reasons["processes: tree: zombies"] == "programs may start no others here"
    assert reasons["network: a listener on the host"] == "the scorer is on another host"
    assert reasons["leaks: abstract socket"] == "one sandbox only: no two programs run together"


def test_it_needs_only_grpc_and_protobuf() -> None:
    code = """
import importlib.abc, sys

class Only(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in {"codaserve", "grpc", "google", "typing_extensions"}:
            raise ImportError(f"{name} is not part of a client's installation")

sys.meta_path.insert(0, Only())
from codaserve.cli.main import main
sys.exit(main(["doctor", "127.0.0.1:1"]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and "no scorer answers at 127.0.0.1:1" in done.stderr, done.stderr
