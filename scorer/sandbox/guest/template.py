"""The template: a warm process that builds the walls of its slot, then forks one run after the other.

It keeps nothing of a run: programs and inputs arrive as sealed memory files that only the run reads, outputs leave as
memory files that it never reads, so that no run can find another one's data in the memory it inherits.

Messages on the control socket (one packet each, JSON, with descriptors):

    service: a `setup.Setup`                                    once
    template: {"python", "layers", "several", "preloaded"} or {"fatal"}                 once
    service: {"limits", "given", "executes", "collect"} and the given descriptors, see `supervise.Order`: a run
    service: {}                                                 end that run
    template: {"exit", "limit", "wall", "cpu", "peak"} and [output, errors, channel, artifact if any], or {"fatal"}
    service: orders.SETTLED                             after a run
    template: orders.SETTLED                            once nothing is left of it
"""

import gc
import json
import os
import signal
import socket
import sys
import traceback

from scorer.sandbox.guest import child, domain, mappings, orders, preload, rehearsal, root, supervise, walls
from scorer.sandbox.guest.limits import Limits
from scorer.sandbox.guest.setup import Setup

_PACKET = 1 << 16
_MOST_DESCRIPTORS = 4

# What programs commonly import; runs find it warm, at the price of the memory that each fork has to map.
_WARM = (
    *("bisect", "collections", "copy", "dataclasses", "datetime", "functools", "heapq"),
    *("itertools", "math", "operator", "re", "string", "typing"),
)


def main(control: socket.socket) -> None:
    """Serves the slot until the service closes its end of the socket."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # pid 1 is immune to signals that it does not handle
    try:
        setup = Setup(**json.loads(control.recv(_PACKET)))
        layers = walls.enter_namespaces(setup.without)
        scoped = False
        if layers["pid_namespace"].active:
            _become_pid_1(control)
        elif "landlock" not in setup.without:
            scoped = domain.enter(control, mounts=layers["mount_namespace"].active)
        walled = walls.build(layers, setup, scoped=scoped)
        hello = {
            "python": ".".join(map(str, sys.version_info[:3])),
            "layers": [[layer.name, layer.active, layer.detail] for layer in walled.layers.values()],
            "several": walled.ends_trees,
        }
        hello["preloaded"] = preload.load(setup.path, setup.exposed, setup.preload, _WARM)
        control.send(json.dumps(hello).encode())
        mappings.merge()
        rehearsal.rehearse()
        child.dress_up(walled.folder or root.SCRATCH)
        gc.collect()
        gc.freeze()
        if walled.cgroup is not None:
            walled.cgroup.settle()
        _serve(control, walled)
    except Exception:  # noqa: BLE001 - the service is told and starts another slot
        control.send(json.dumps({"fatal": traceback.format_exc()[-4000:]}).encode())
        sys.exit(1)


def _become_pid_1(control: socket.socket) -> None:
    """Goes on as the first process of the new pid namespace; the one left outside only waits for it."""
    pid = os.fork()
    if pid == 0:
        walls.die_with_parent()
        return
    control.close()
    _, status = os.waitpid(pid, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _serve(control: socket.socket, walled: walls.Walls) -> None:
    while True:
        packet, descriptors, _, _ = socket.recv_fds(control, _PACKET, _MOST_DESCRIPTORS)
        if not packet:
            return
        if packet == orders.SETTLED:
            control.send(packet)
        if not descriptors:
            continue  # else the end of a run that had ended already
        message = orders.read(packet)
        given = dict(zip(message["given"], descriptors, strict=True))
        order = supervise.Order(Limits(**message["limits"]), given, message["executes"], message["collect"])
        supervise.run(control, walled, order)
