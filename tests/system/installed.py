"""The scorer in an environment that every user can read."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.serving import ROOT


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that every user can enter; pytest's own are its user's alone."""
    with tempfile.TemporaryDirectory(prefix="codaserve-system-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def codaserve(open_folder: Path) -> Path:
    """The command, installed by the machine's own Python, so that other users can run it."""
    environment = open_folder / "environment"
    subprocess.run(["/usr/bin/python3", "-m", "venv", "--without-pip", environment], check=True, timeout=120)
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", environment / "bin/python", "install", "--quiet"]
    subprocess.run([*pip, "-c", ROOT / "constraints.txt", f"{ROOT}[scorer]"], check=True, timeout=600, cwd="/")
    return environment / "bin" / "codaserve"
