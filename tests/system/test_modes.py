"""The scorer as root, as a plain user and in containers: what is in force, right verdicts, and attacks that fail."""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from codaserve.v1 import scorer_pb2 as pb
from tests.soak import mixed, programs
from tests.system.modes import NAMES, modes
from tests.system.serving import Served, information

pytestmark = pytest.mark.system

ATTACKS = 100
"""So many of doctor's must have been tried and held in every mode."""
LEFT_OUT = {"plain user": ("compilers:", "languages:")}
"""What takes long and meets there the same walls as in the mode before."""
EVERYWHERE = {"landlock", "seccomp", "rlimits", "dropped_privileges"}
NAMESPACES = {f"{kind}_namespace" for kind in ("mount", "pid", "network", "ipc", "uts")}
IN_FORCE = {
    "root": EVERYWHERE | NAMESPACES,
    "plain user": EVERYWHERE | NAMESPACES | {"user_namespace"},
    "container": EVERYWHERE,
    "container with scratch": EVERYWHERE,
}


@pytest.fixture(scope="module", params=NAMES)
def mode(request: pytest.FixtureRequest) -> str:
    """The name of a mode."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def served(
    request: pytest.FixtureRequest, mode: str, codaserve: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A scorer in that mode."""
    image = request.getfixturevalue("image") if mode.startswith("container") else ""
    with modes(codaserve, image)[mode](tmp_path_factory.mktemp("mode") / "log") as served:
        yield served


@pytest.fixture(scope="module")
def info(served: Served) -> pb.ScorerInfo:
    """What it says of itself."""
    return information(served.address)


def test_layers_are_in_force_as_far_as_the_mode_has_the_right(info: pb.ScorerInfo, mode: str) -> None:
    active = {layer.name for layer in info.isolation if layer.active}
    assert active - {"cgroups"} == IN_FORCE[mode], info.isolation


def test_every_language_is_there_or_says_what_it_lacks(info: pb.ScorerInfo, mode: str) -> None:
    there = {language.name for language in info.languages}
    missing = {language.name: language.detail for language in info.missing_languages}
    assert there | missing.keys() == programs.LANGUAGES
    if mode == "container":
        assert there == {"python"}
        assert all("scratch" in detail for detail in missing.values()), missing
    else:
        assert missing == {}


def test_honest_programs_pass(served: Served) -> None:
    account = asyncio.run(mixed.all_honest(served.address, 2))
    assert account.wrong == []
    assert not account.failures


def test_hostile_programs_do_not(served: Served) -> None:
    account = asyncio.run(mixed.all_hostile(served.address))
    assert account.wrong == []
    assert not account.failures
    again = asyncio.run(mixed.all_honest(served.address, 1))
    assert again.wrong == []


def test_doctor_finds_no_attack_that_succeeds(served: Served, mode: str, codaserve: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    command: list[str | Path] = [codaserve, "doctor", served.address, "--json", report, "--concurrency", "2"]
    for group in LEFT_OUT.get(mode, ()):
        command += ["--skip", group]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=1200)
    rows = json.loads(report.read_text())["results"]
    skipped = [f"{row['group']}: {row['name']}: {row['seen']}" for row in rows if row["status"] == "skipped"]
    print("\n".join(["", "skipped:", *skipped]))
    assert done.returncode == 0, done.stdout
    passed = [row for row in rows if row["status"] == "passed" and row["group"] not in ("controls", "contract")]
    assert len(passed) >= ATTACKS
