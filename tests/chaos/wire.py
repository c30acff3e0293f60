"""Links between namespaces that delay and drop packets, carried by this program: few kernels have sch_netem.

    python -m tests.chaos.wire OUTER:INNER:NAMESPACE ...

Makes the TUN interfaces OUTER here and INNER in each namespace, writes "ready", and forwards between the two. A line
"INDEX DELAY_MS LOSS" on standard input impairs a link from then on, in both directions; LOSS is in [0, 1]. Ends with
its input, and the interfaces with it.
"""

import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
MOST_BYTES = 65_536
SEED = 7


def tun(name: str) -> int:
    """Makes an interface that lasts as long as its descriptor."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return descriptor


class Wires:
    """All links of a network."""

    def __init__(self, names: list[str]) -> None:
        """Makes the interfaces."""
        self._other: dict[int, tuple[int, int]] = {}  # the link's index and its other end, by descriptor
        self._impaired = [(0.0, 0.0)] * len(names)
        self._under_way: list[tuple[float, int, int, bytes]] = []
        self._count = 0
        self._random = random.Random(SEED)
        for index, name in enumerate(names):
            outer, inner, namespace = name.split(":")
            ends = tun(outer), tun(inner)
            self._other[ends[0]] = (index, ends[1])
            self._other[ends[1]] = (index, ends[0])
            subprocess.run(["ip", "link", "set", inner, "netns", namespace], check=True)

    def run(self) -> None:
        """Forwards until the input ends."""
        poll = select.poll()
        for descriptor in (0, *self._other):
            poll.register(descriptor, select.POLLIN)
        while True:
            wait = max(self._under_way[0][0] - time.monotonic(), 0) * 1000 if self._under_way else None
            for descriptor, _ in poll.poll(wait):
                if descriptor != 0:
                    self._take(descriptor)
                elif not self._told():
                    return
            while self._under_way and self._under_way[0][0] <= time.monotonic():
                _, _, to, packet = heapq.heappop(self._under_way)
                self._give(to, packet)

    def _told(self) -> bool:
        lines = os.read(0, 4096).decode()
        for line in lines.splitlines():
            index, delay, loss = line.split()
            self._impaired[int(index)] = (float(delay) / 1000, float(loss))
        return bool(lines)

    def _take(self, descriptor: int) -> None:
        index, to = self._other[descriptor]
        delay, loss = self._impaired[index]
        try:
            packet = os.read(descriptor, MOST_BYTES)
        except OSError:  # not up yet, or gone
            return
        if self._random.random() < loss:
            return
        if not delay:
            self._give(to, packet)
            return
        self._count += 1
        heapq.heappush(self._under_way, (time.monotonic() + delay, self._count, to, packet))

    def _give(self, to: int, packet: bytes) -> None:
        try:
            os.write(to, packet)
        except OSError:  # full or not up: lost, as on any network
            return


if __name__ == "__main__":
    wires = Wires(sys.argv[1:])
    print("ready", flush=True)
    wires.run()
