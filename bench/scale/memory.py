"""What a scorer takes of memory before it works, by slots and math workers."""

from bench.soak import holdings
from codaserve.embedded import EmbeddedService

MORE = 4
"""Slots, and math workers, that are added to one."""


def at_rest(slots: int, workers: int) -> int:
    """Bytes of a scorer that has just come up, with all below it: what is no file, and the service's resident files."""
    arguments = ["--code.sandbox.slots", str(slots), "--math.workers", str(workers), "--code.languages", "python"]
    with EmbeddedService.start("scorer", arguments) as service:
        pid = service.process.pid
        return holdings.of(pid, 0).memory_bytes + holdings.files_bytes(pid)


def parts() -> tuple[int, int, int]:
    """Bytes of a scorer with one slot and one math worker, of each slot more, and of each worker more."""
    one, slots, workers = at_rest(1, 1), at_rest(1 + MORE, 1), at_rest(1, 1 + MORE)
    return one, (slots - one) // MORE, (workers - one) // MORE
