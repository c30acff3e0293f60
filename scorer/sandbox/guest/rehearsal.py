"""Does once in the template what every run does, so that its forks find it done.

Each page of memory that a run is the first to change is copied for it, which is most of what a run costs. Python
changes many when it does something for the first time: it fills caches of attributes and of argument names, and
specializes code. What that leaves behind in the template, its forks share.
"""

import builtins
import json
import os
import resource
import sys
from typing import Any

from scorer.kernel import landlock, libc
from scorer.sandbox.guest import answers, codec, crossing, frames, orders, scripts
from scorer.sandbox.guest.failures import module
from scorer.sandbox.guest.link import Link
from scorer.sandbox.guest.peer import ANSWER, MODULE, Peer
from scorer.sandbox.guest.remote import Remote

_TIMES = 12  # code is specialized once it has run eight times
_MOST_BYTES = 1 << 16
_SOURCE = """
from typing import List

def function(number, items: List[int] = (), *rest, **named):
    total = 0
    for index, item in enumerate(items):
        if item > number and not item % 2:
            total += item * 2
    return [total, "text", 1.5, {1: True}, (1, 2), None]
"""
_SCRIPT = """
def check(candidate):
    assert candidate(1, [1, 2]) == [4, "text", 1.5, {1: True}, (1, 2), None]
    assert candidate(0.5, []) == [0, "text", 1.5, {1: True}, (1, 2), None]
"""
_TASK = {"setup": "", "source": _SOURCE, "script": _SCRIPT, "entry_point": "function"}


def rehearse() -> None:
    """Leaves nothing behind but what is said above. The walls must not have been closed around this process."""
    modules = {name: sys.modules.get(name) for name in (MODULE, "__main__")}
    for _ in range(_TIMES):
        _judge(orders.read(json.dumps(_TASK).encode()))
        _use_descriptors()
        _repeat_limits()
    for name, before in modules.items():
        if before is None:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = before


class _Direct(Link):
    """A link within this process: a question is answered before it has been sent."""

    def __init__(self) -> None:
        self.peer: Peer | None = None
        self.answer = b""

    def send(self, body: bytes) -> None:
        """Has the peer, once it is there, answer."""
        if self.peer is not None:
            self.answer = ANSWER + self.peer.answer(body[1:])

    def receive(self) -> bytes:
        """The answer."""
        return self.answer


def _judge(task: dict[str, Any]) -> None:
    """A script and a program, both in this process."""
    entry_point = task["entry_point"]
    script = scripts.Script(task["setup"], task["script"])
    namespace = module(MODULE)
    script.set_up(namespace)
    link = _Direct()
    remote = Remote(link, frames.Writer(_MOST_BYTES), namespace)
    names = {name for name in script.names if name not in namespace and not hasattr(builtins, name)} - {entry_point}
    message = crossing.Writer(_MOST_BYTES)
    message.write(tuple(sorted(names)))
    program = answers._Program(_Direct(), _MOST_BYTES)
    of_program = module(MODULE)
    program.share(of_program)
    asked = crossing.Reader(message.finish()).read_only()
    link.answer = program.load(task["source"], entry_point, of_program, asked)
    namespace.update(remote.load(names, entry_point, script.has_members))
    link.peer = program
    script.run(namespace, namespace.get(entry_point))
    codec.decode(codec.encode(("value", 0.5, 0.5, [1, "text", {"key": (1.5, None)}]), _MOST_BYTES))


def _use_descriptors() -> None:
    first = os.open("/dev/null", os.O_RDWR)
    second = os.dup(first)
    os.dup2(first, second, inheritable=False)
    os.dup2(first, second, inheritable=True)
    os.write(second, b"nothing")
    os.read(second, 1)
    os.fstat(second)
    os.close(first)
    os.close(second)


def _repeat_limits() -> None:
    """Sets what is set already."""
    for kind in (resource.RLIMIT_CPU, resource.RLIMIT_AS):
        resource.setrlimit(kind, resource.getrlimit(kind))
    os.setresgid(-1, -1, -1)
    os.setresuid(-1, -1, -1)
    libc.prctl(libc.PR_SET_DUMPABLE, 0)
    try:
        landlock.restrict(-1)
    except OSError:
        return  # as it must
    raise AssertionError("a ruleset that does not exist was accepted")
