"""What the Dockerfile promises, read from it: the images themselves are built by the system tests."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from scorer.code.languages import LANGUAGES

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "docker/Dockerfile").read_text()
STAGES = {block.split()[2 if block.split()[1] == "AS" else 1]: block for block in DOCKERFILE.split("\nFROM ")[1:]}


@pytest.mark.parametrize("target", ["scorer", "critic", "trainer"])
def test_images_run_without_rights_and_say_what_they_are(target: str) -> None:
    stage = STAGES[target]
    assert stage.index("USER 1000:1000") < stage.index("ENTRYPOINT")
    assert "USER 0" not in stage
    for label in ("title", "description", "version", "revision", "licenses"):
        assert f"org.opencontainers.image.{label}=" in stage
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"ARG VERSION={version}\n" in stage
    assert "HEALTHCHECK" in stage


def test_what_images_are_made_of_is_pinned() -> None:
    base = next(line for line in DOCKERFILE.splitlines() if line.startswith("ARG BASE="))
    assert "@sha256:" in base
    installs = [part for part in DOCKERFILE.split("\nRUN ") if " install " in part and "/opt/pip/bin" in part]
    assert len(installs) == 4
    assert all("constraints.txt" in part.split(" install ")[1] for part in installs)


def toolchains(*names: str) -> "subprocess.CompletedProcess[str]":
    command: list[str | Path] = [sys.executable, "-S", ROOT / "docker/toolchains.py", *names]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd="/")


def test_toolchains_are_those_of_the_scorers_table() -> None:
    for name, language in LANGUAGES.items():
        assert toolchains(name).stdout.split() == list(dict.fromkeys(language.packages.split()))
    both = toolchains("c", "rust").stdout.split()
    assert len(both) == len(set(both))
    assert toolchains().stdout == ""


def test_an_unknown_language_is_refused_by_name() -> None:
    refused = toolchains("c", "klingon")
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert "klingon" in refused.stderr
    assert "typescript" in refused.stderr
