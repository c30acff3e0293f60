import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from codaserve.cli.main import main
from codaserve.cli.score import EXAMPLES


def children() -> set[str]:
    """Process ids, zombies included."""
    return {pid for path in Path("/proc/self/task").glob("*/children") for pid in path.read_text().split()}


def test_the_examples_of_the_help_are_right_without_any_address(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = [text for text in EXAMPLES.splitlines() if text.startswith('  {"id": "') and "..." not in text]
    (tmp_path / "tasks.jsonl").write_text("\n".join(lines))
    before = children()
    assert main(["score", str(tmp_path / "tasks.jsonl"), "-o", str(tmp_path / "results.jsonl")]) == 0
    results = [json.loads(text) for text in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert [(r["id"], r["verdict"]["correct"]) for r in results] == [
        ("m1", True),
        *((f"c{n}", True) for n in (1, 2, 3)),
    ]
    assert "4 correct" in capfd.readouterr().err
    assert children() == before


def test_a_bar_on_a_terminal(tmp_path: Path) -> None:
    tasks = tmp_path / "tasks.jsonl"
    tasks.write_text('{"id": "a"\n')
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "codaserve.cli.main", "score", str(tasks), "--address", "127.0.0.1:1"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, timeout=60, check=False)
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:  # how a terminal whose other end closed says that it is empty
        pass
    os.close(ours)
    assert done.returncode == 1
    assert json.loads(done.stdout)["failure"]["code"] == "FAILURE_INVALID_TASK"
    assert b"1 done" in shown
    assert b"1 FAILURE_INVALID_TASK" in shown
