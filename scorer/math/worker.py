"""The processes that run `symbolic.equal`: a template that has everything imported, and workers forked from it.

    python -m scorer.math.worker CONTROL_FD MEMORY_BYTES

The template reads requests from its control socket: each is one message with one end of a socket pair, for which it
forks a worker and answers with the worker's process id. A worker reads jobs from that socket, one at a time:
`{"gold": text, "answer": text}`, and answers `{"outcome": "equal" | "different" | "memory" | "depth", "retire": bool}`.

Nothing here waits without an end: a worker ends with its socket, the template with its control socket or its parent,
and workers are killed by the kernel when the template is gone. The kernel reaps them, too (SIGCHLD is ignored).
"""

import ctypes
import gc
import json
import logging
import os
import resource
import select
import signal
import socket
import sys

MAX_MESSAGE = 2**17
"""Bytes of a job; MathSettings.max_answer_chars keeps jobs below."""
OUT_OF_MEMORY = b'{"outcome": "memory", "retire": true}'
"""Prepared, since there may be no memory left to write it."""
RETIRE_SHARE = 0.5
"""A worker whose peak came this close to its limit is replaced: what one job needed must not be held against others."""
SUSPECT_SHARE = 0.5
"""A "different" from a worker that came this close is not trusted: libraries swallow MemoryError, and one allocation
may ask for as much again."""
RECURSION_LIMIT = 3000
"""Expressions are nested; the parser takes about 30 frames for each level."""
PARENT_CHECK_SECONDS = 1.0
_PR_SET_PDEATHSIG = 1


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    memory_bytes = int(sys.argv[2])
    parent, template = os.getppid(), os.getpid()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the service decides when to stop
    sys.setrecursionlimit(RECURSION_LIMIT)
    logging.getLogger("math_verify").setLevel(logging.ERROR)  # it warns that its timeouts are off
    _warm_up()
    gc.freeze()  # the collector would otherwise copy every page that the workers share
    control.send(b"ready")
    poll = select.poll()
    poll.register(control, select.POLLIN)
    while os.getppid() == parent:
        if not poll.poll(PARENT_CHECK_SECONDS * 1000):
            continue
        try:
            message, descriptors, _, _ = socket.recv_fds(control, 64, 1)
        except ConnectionResetError:  # the service died with an answer unread
            return
        if not message or not descriptors:
            return
        pid = os.fork()
        if pid == 0:
            control.close()
            _work(socket.socket(fileno=descriptors[0]), memory_bytes, template)
        os.close(descriptors[0])
        control.send(str(pid).encode())


def _warm_up() -> None:
    """Loads what is loaded lazily, so that workers share it."""
    from scorer.math import symbolic

    symbolic.equal(r"\frac{x^{2}-1}{x-1}", "x+1")
    symbolic.equal(r"\sin(2x)", r"2\sin(x)\cos(x)")
    symbolic.equal("[1,2)", r"1\le x<2")
    symbolic.parse.cache_clear()


def _work(jobs: socket.socket, memory_bytes: int, template: int) -> None:
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != template:
            os._exit(0)
        idle = _status("VmSize")
        resource.setrlimit(resource.RLIMIT_AS, (idle + memory_bytes, idle + memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        while message := jobs.recv(MAX_MESSAGE):
            jobs.send(json.dumps(_answer(json.loads(message), idle, memory_bytes)).encode())
    except MemoryError:
        jobs.send(OUT_OF_MEMORY)
    finally:
        os._exit(0)


def _answer(job: dict[str, str], idle: int, memory_bytes: int) -> dict[str, object]:
    from scorer.math import symbolic

    try:
        outcome = "equal" if symbolic.equal(job["gold"], job["answer"]) else "different"
    except MemoryError:
        outcome = "memory"
    except RecursionError:
        outcome = "depth"
    share = (_status("VmPeak") - idle) / memory_bytes
    if outcome == "different" and share > SUSPECT_SHARE:
        outcome = "memory"
    return {"outcome": outcome, "retire": outcome == "memory" or share > RETIRE_SHARE}


def _status(key: str) -> int:
    """A size of this process in bytes, as /proc names it."""
    with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 - short of memory, the fewest objects
        for line in status:
            if line.startswith(key + ":"):
                return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/self/status has no {key}")


if __name__ == "__main__":
    main()
