"""The template: a process that has everything imported, from which workers are forked.

    python -m scorer.math.process.main CONTROL_FD MEMORY_BYTES

It says once, as JSON, which walls its workers have. Then it reads requests from its control socket: each is one message
with one end of a socket pair, for which it forks a worker and answers with the worker's process id.

Nothing here waits without an end: a worker ends with its socket, the template with its control socket or its parent,
and workers are killed by the kernel when the template is gone. The kernel reaps them, too (SIGCHLD is ignored).
"""

import gc
import json
import os
import select
import signal
import socket
import sys

from scorer.math.process import walls, worker
from scorer.math.process.warm import warm_up

RECURSION_LIMIT = 3000
"""Expressions are nested; math-verify's parser takes about 30 frames for each level."""
PARENT_CHECK_SECONDS = 1.0


def main() -> None:
    """Serves until the control socket is closed or the parent is gone."""
    control = socket.socket(fileno=int(sys.argv[1]))
    memory_bytes = int(sys.argv[2])
    parent = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the service decides when to stop
    sys.setrecursionlimit(RECURSION_LIMIT)
    walled = walls.prepare()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    warm_up()
    gc.collect()
    gc.freeze()  # the collector would otherwise copy every page that the workers share
    control.send(json.dumps([[layer.name, layer.active, layer.detail] for layer in walled.layers]).encode())
    _serve(control, parent, walled, memory_bytes)


def _serve(control: socket.socket, parent: int, walled: walls.Walls, memory_bytes: int) -> None:
    template = os.getpid()
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
            worker.run(socket.socket(fileno=descriptors[0]), memory_bytes, walled, template)
        os.close(descriptors[0])
        try:
            control.send(str(pid).encode())
        except BrokenPipeError:  # the service has gone, and the worker goes with its socket
            return


if __name__ == "__main__":
    main()
