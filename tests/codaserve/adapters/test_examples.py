"""The examples of docs/adapters.md."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from codaserve.embedded import EmbeddedService
from tests.codaserve.adapters.environments import ROOT
from tests.codaserve.adapters.serving import scorer

EXAMPLES = ROOT / "docs" / "examples"
INSTALL = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"]


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
    subprocess.run(INSTALL, cwd=folder, check=True, capture_output=True, timeout=300)
    with scorer() as server:
        command = ["node", "score.mjs", server.address, str(ROOT / "proto")]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
    assert done.stdout == "q1 0 REASON_MATCH\n"  # the scorer of the tests looks for the letters of the gold answer


@pytest.mark.adapters
def test_from_a_shell(tmp_path: Path) -> None:
    """As the page has it but for the port; the service is told of by the scorer itself."""
    page = (ROOT / "docs" / "adapters.md").read_text(encoding="utf-8")
    (package,) = re.findall(r"`npm install (@bufbuild/buf@\S+)`", page)
    (example,) = re.findall(r"```sh\n(npx buf curl .*?)```", page, re.DOTALL)
    subprocess.run([*INSTALL, package], cwd=tmp_path, check=True, capture_output=True, timeout=300)
    with EmbeddedService.start("scorer") as server:
        command = example.replace("127.0.0.1:50051", server.address)
        assert command != example
        done = subprocess.run(
            ["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)["results"]
    assert result["verdict"]["score"] == 1 and result["verdict"]["reason"] == "REASON_MATCH"
