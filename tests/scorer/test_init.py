"""The service as the first process of a container, here of a pid namespace. Making one needs root."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scorer import init

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="makes a pid namespace")
FIRST = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", sys.executable, "-c"]


def first_process(program: str) -> subprocess.Popen[str]:
    return subprocess.Popen([*FIRST, program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    try:
        output, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    return process.returncode, output


PROGRAM = """
import os, signal, sys, time
from pathlib import Path
from scorer import init

def service():
    print("pid", os.getpid(), "below", init.own_parents(), flush=True)
    {}

sys.exit(init.run(service))
"""


def test_elsewhere_the_service_runs_as_it_is() -> None:
    assert init.run(os.getpid) == os.getpid()
    assert init.own_parents() == []


@pytest.mark.parametrize(
    ("end", "status"), [("return 0", 0), ("return 3", 3), ("sys.exit(4)", 4), ("os.kill(os.getpid(), 9)", 137)]
)
def test_the_status_is_that_of_the_service(end: str, status: int) -> None:
    assert finish(first_process(PROGRAM.format(end))) == (status, "pid 2 below [1]\n")


def test_orphans_are_reaped() -> None:
    """A hundred daemons that end; later none of them is a zombie."""
    end = """
    for _ in range(100):
        if os.fork() == 0:
            if os.fork() == 0:
                time.sleep(0.05)
            os._exit(0)
        os.wait()
    for _ in range(400):
        names = [name for name in os.listdir("/proc") if name.isdigit()]
        if len(names) == 2: break
        time.sleep(0.05)
    print(sorted(names))
    return 0
"""
    assert finish(first_process(PROGRAM.format(end))) == (0, "pid 2 below [1]\n['1', '2']\n")


def test_signals_reach_the_service_and_a_first_process_shows_nothing() -> None:
    end = """
    try:
        os.environ["SECRET"] = "x"
        print(sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())))
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))
        print("ready", flush=True)
        time.sleep(60)
    finally:
        print("orderly", flush=True)
"""
    process = first_process(PROGRAM.format(end))
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(3)] == ["pid 2 below [1]\n", "[]\n", "ready\n"]
    (inside,) = map(int, Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split())
    assert Path(f"/proc/{inside}/environ").stat().st_uid == 0
    os.kill(inside, signal.SIGTERM)
    assert finish(process) == (5, "orderly\n")


def test_a_scorer_as_first_process_starts_and_stops() -> None:
    program = (
        "import sys\nfrom scorer.main import run\n"
        "sys.exit(run(['--port', '0', '--code.sandbox.slots', '1', '--math.workers', '1']))"
    )
    process = first_process(program)
    try:
        assert process.stdout is not None
        assert any("listening" in line for line in process.stdout)
        (inside,) = map(int, Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split())
        os.kill(inside, signal.SIGTERM)
    finally:
        status, output = finish(process)
    assert status == 0, output
