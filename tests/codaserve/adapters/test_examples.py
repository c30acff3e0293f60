"""The examples of docs/adapters.md."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.codaserve.adapters.environments import ROOT
from tests.codaserve.adapters.serving import scorer

EXAMPLES = ROOT / "docs" / "examples"


def test_a_loop_of_ones_own() -> None:
    with scorer() as server:
        command = [sys.executable, str(EXAMPLES / "reward_loop.py"), server.address]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "+0.67  It is \\boxed{4}.",
        "-0.33  It is \\boxed{5}.",
        "-0.33  I do not know.",
    ]


@pytest.mark.adapters
def test_from_javascript(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLES / "node", tmp_path / "node")
    install = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"]
    subprocess.run(install, cwd=folder, check=True, capture_output=True, timeout=300)
    with scorer() as server:
        command = ["node", "score.mjs", server.address, str(ROOT / "proto")]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
    assert done.stdout == "q1 0 REASON_MATCH\n"  # the scorer of the tests looks for the letters of the gold answer
