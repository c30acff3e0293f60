"""Runs each task in a new interpreter, with nothing or bubblewrap around it, on tasks that come as JSON lines.

    python -m bench.code.bare_main isolated|plain|bubblewrap WORKERS

Started with posix_spawn and without pipes, so that what is measured is the interpreter and not how it was started.
`plain` is that of a new virtual environment: what lies in the site-packages of this machine's own does not count. See
`drivers` for the lines.
"""

import json
import os
import sys
import tempfile
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.code.workloads import Task, whole_program
from scorer.kernel import libc

_INTERPRETER = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
_PREFIX = str(Path(_INTERPRETER).parents[1])
_BOX = [
    *("/usr/bin/bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"),
    *("--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"),
    *("--ro-bind", _PREFIX, _PREFIX, "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/tmp"),
]


def command(way: str) -> list[str]:
    """What a program's text is appended to."""
    match way:
        case "isolated":
            return [_INTERPRETER, "-I", "-S", "-c"]
        case "plain":
            folder = tempfile.mkdtemp()  # in the driver's own
            venv.create(folder, symlinks=True)
            return [f"{folder}/bin/python", "-c"]
        case _:
            return [*_BOX, _INTERPRETER, "-I", "-S", "-c"]


def judge(start: list[str], task: Task) -> tuple[bool, float]:
    """Whether the program ended well and wrote what it should, and the seconds that it took."""
    started = time.perf_counter()
    read, written = os.memfd_create("input"), os.memfd_create("output")
    try:
        os.write(read, task.stdin.encode())
        os.lseek(read, 0, os.SEEK_SET)
        program = task.source if task.stdout else whole_program(task)
        placed = [(os.POSIX_SPAWN_DUP2, read, 0), (os.POSIX_SPAWN_DUP2, written, 1)]
        pid = os.posix_spawn(start[0], [*start, program], os.environ, file_actions=placed)
        _, status = os.waitpid(pid, 0)
        output = os.pread(written, 1 << 20, 0).decode()
    finally:
        os.close(read)
        os.close(written)
    return status == 0 and (not task.stdout or output == task.stdout), time.perf_counter() - started


def _wait_for_orphans() -> None:
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass


def main() -> None:
    """Answers lines until the input ends."""
    start = command(sys.argv[1])
    # What bubblewrap leaves behind comes here to be waited for, so that its processor time is counted.
    libc.prctl(libc.PR_SET_CHILD_SUBREAPER, 1)
    tasks: list[Task] = []
    with ThreadPoolExecutor(int(sys.argv[2])) as pool:
        print(json.dumps({"ready": True}), flush=True)
        for line in sys.stdin:
            asked = json.loads(line)
            reply: dict[str, Any] = {}
            if asked["do"] == "prepare":
                tasks = [Task(**task) for task in asked["tasks"]]
            else:
                started = time.perf_counter()
                done = list(pool.map(lambda task: judge(start, task), tasks))
                seconds = time.perf_counter() - started
                _wait_for_orphans()
                reply = {"seconds": seconds, "passed": sum(one for one, _ in done), "latencies": [s for _, s in done]}
            print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
