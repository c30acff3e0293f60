import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from codaserve.cli.main import main
from codaserve.cli.score import EXAMPLES


def children() -> set[str]:
    """Process ids, zombies included."""
    return {pid for path in Path("/proc/self/task").glob("*/children") for pid in path.read_text().split()}


def ended(pid: str) -> bool:
    """Whether a process can be reaped: its first thread has ended, and no other is left."""
    process = Path("/proc", pid)
    state = (process / "stat").read_text().rpartition(")")[2].split()[0]
    return state == "Z" and len(list((process / "task").iterdir())) == 1


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


def test_a_service_that_ends_is_told_with_its_log_and_no_folder_is_left(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "codaserve.cli.main", "score", "-"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as score:
        give_up = time.monotonic() + 60
        seen = False
        while not seen or list(tmp_path.glob("codaserve-*")):
            assert score.poll() is None and time.monotonic() < give_up
            seen = seen or bool(list(tmp_path.glob("codaserve-*/*")))
            time.sleep(0.02)
        (service,) = Path(f"/proc/{score.pid}/task/{score.pid}/children").read_text().split()
        os.kill(int(service), signal.SIGKILL)
        while not ended(service):
            assert time.monotonic() < give_up
            time.sleep(0.02)
        _, err = score.communicate(timeout=60)
    assert score.returncode == 0
    _, told, log = err.decode().partition("the scorer ended by itself; the end of its log:\n")
    assert told and "scorer listening on" in log


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
