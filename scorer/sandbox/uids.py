"""Uids for the runs of slots, none of them that of another service's runs.

The kernel counts processes by uid, and a process may look at others of its uid; so two services as root on one host
must not give their runs the same. A uid is taken by binding a socket of that name in the abstract namespace (unix(7)),
which the kernel gives to one process and takes back at its end, however it ends.
"""

import socket

from scorer.sandbox.errors import SandboxError

_MOST = 4096


def claim(first: int, count: int) -> dict[int, socket.socket]:
    """Takes the lowest free uids from `first` on.

    Returns:
        Each uid with what holds it until it is closed.

    Raises:
        SandboxError: Too few of those that are tried are free.
    """
    held: dict[int, socket.socket] = {}
    for uid in range(first, first + _MOST):
        if len(held) == count:
            return held
        holder = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            holder.bind(f"\0codaserve-uid-{uid}")
        except OSError:
            holder.close()
        else:
            held[uid] = holder
    for holder in held.values():
        holder.close()
    raise SandboxError(
        f"fewer than {count} of the uids from {first} on are free; name others by code.sandbox.isolation.first_uid"
    )
