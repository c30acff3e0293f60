"""Three scorers and a critic under load from four clients, while they and the network between are hurt.

    python -m tests.chaos [SECONDS [SEED]]

As root. At the end every item has exactly one result, every verdict and value is the undisturbed one, every service
answers and stops when told to, nothing of it is left, and its memory is what it was. Prints what was survived.
"""

import asyncio
import ctypes
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.disturb import Disturber
from tests.chaos.load import Account, load, same, undisturbed
from tests.chaos.network import Network
from tests.chaos.replica import Replica
from tests.soak.footprint import command, descendants, memory, running

SECONDS = 600.0
SCORERS = 3
CRITIC = Path(__file__).parents[2] / "trainer" / "demo" / "assets" / "critic"
GROWTH = 1.5
"""By how much a service may be larger than it was when the load had warmed it, and by SLACK_BYTES."""
SLACK_BYTES = 96 << 20
FAILURES = {"FAILURE_MACHINE_LOADED", "FAILURE_DEADLINE", "CRITIC_FAILURE_DEADLINE"}
"""What an item may come back with: nothing that says that services were away, which is waited for."""
ALLOWED = {"verdict", "values"} | FAILURES
MOST_FAILURES = 0.02
"""Share of the items, all of which have an answer where nothing is hurt."""
GONE_SECONDS = 20.0
"""After which nothing of a service may run that ended."""
_PR_SET_CHILD_SUBREAPER = 36


@dataclass
class Report:
    """What happened."""

    seed: int
    account: Account
    survived: Counter[str]
    """Disturbances by service and kind."""
    wrong: list[str] = field(default_factory=list)
    """What should not have been."""

    def __str__(self) -> str:
        account = self.account
        lines = [f"seed {self.seed}: {account.asked} items, {account.retries} retries, {account.hedges} hedged"]
        lines += [f"  {name}: {count}" for name, count in sorted(account.answered.items())]
        lines += [f"survived {sum(self.survived.values())} disturbances"]
        lines += [f"  {name}: {count}" for name, count in sorted(self.survived.items())]
        lines += [f"WRONG {text}" for text in self.wrong]
        return "\n".join(lines)


def run(seconds: float, seed: int) -> Report:
    """Starts everything, hurts it for so long, and looks at what is left."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="codaserve-chaos-")))
        network = stack.enter_context(Network(SCORERS + 1))
        stack.enter_context(_adopting())
        before = set(descendants(os.getpid()))
        replicas = []
        for place in network.places:
            scorer = place.index < SCORERS
            arguments = [] if scorer else ["--checkpoint", str(CRITIC), "--device", "cpu"]
            name = "scorer" if scorer else "critic"
            replica = Replica(network, place, name, arguments, folder / str(place.index))
            stack.callback(replica.close)
            replica.start()
            replicas.append(replica)
        for replica in replicas:
            replica.wait()
        report = asyncio.run(_hurt(network, replicas, seconds, seed))
        report.wrong += _left(replicas, before)
        return report


@contextmanager
def _adopting() -> Iterator[None]:
    """Whatever a service that was killed leaves behind becomes a child of this process, however it hides."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")
    try:
        yield
    finally:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


async def _hurt(network: Network, replicas: Sequence[Replica], seconds: float, seed: int) -> Report:
    *scorers, critic = replicas
    addresses = [replica.address for replica in scorers]
    expected = await undisturbed(addresses, critic.address)
    source = random.Random(seed)
    disturber = Disturber(network, source)
    survived: Counter[str] = Counter()
    stop = asyncio.Event()
    loading = asyncio.create_task(load(addresses, critic.address, expected, stop, seed))
    sizes = {replica.pid: memory(replica.pid) for replica in replicas}
    end = time.monotonic() + seconds
    waiting = {"scorer": list(disturber.of_scorers), "critic": list(disturber.of_critics)}
    while time.monotonic() < end and not loading.done():
        # Each kind in turn, in an order of chance; the critic, of which there is one, every fourth time.
        replica = critic if sum(survived.values()) % 4 == 3 else source.choice(scorers)
        kinds = waiting[replica.program]
        if not kinds:
            kinds += disturber.of_critics if replica is critic else disturber.of_scorers
        kind = kinds.pop(source.randrange(len(kinds)))
        await kind(replica)
        survived[f"{replica.program} {kind.__name__}"] += 1
        sizes.setdefault(replica.pid, memory(replica.pid))
    stop.set()
    account = await loading
    report = Report(seed, account, survived)
    if account.misplaced:
        report.wrong.append(f"{account.misplaced} items without exactly one result")
    report.wrong += [f"another answer: {text}" for text in account.different[:5]]
    report.wrong += [f"{n} of {name}" for name, n in account.answered.items() if _outcome(name) not in ALLOWED]
    failed = sum(n for name, n in account.answered.items() if _outcome(name) in FAILURES)
    if failed > MOST_FAILURES * account.asked:
        report.wrong.append(f"{failed} of {account.asked} items without an answer")
    again = await undisturbed(addresses, critic.address)
    pairs = zip([*expected[0], *expected[1]], [*again[0], *again[1]], strict=True)
    report.wrong += [f"{after} at the end for {before}" for before, after in pairs if not same(before, after)]
    for replica in replicas:
        now, before = memory(replica.pid), sizes[replica.pid]
        if now > GROWTH * before + SLACK_BYTES:
            report.wrong.append(f"{replica.program} {replica.place.index} grew from {before >> 20} to {now >> 20} MiB")
    return report


def _outcome(name: str) -> str:
    return name.partition(" ")[2]


def _left(replicas: Sequence[Replica], before: Set[int]) -> list[str]:
    wrong = []
    for replica in replicas:
        if status := replica.stop():
            text = replica.log.read_text(errors="replace")[-1500:]
            wrong.append(f"{replica.program} {replica.place.index} ended with status {status}: {text}")
    give_up = time.monotonic() + GONE_SECONDS
    while (left := [pid for pid in descendants(os.getpid()) if pid not in before and running(pid)]) and (
        time.monotonic() < give_up
    ):
        time.sleep(0.2)
    wrong += [f"process {pid} is left: {command(pid)}" for pid in left]
    for pid in set(descendants(os.getpid())) - set(before) - set(left):
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)  # adopted, and ended since
    return wrong


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() % 10**9
    report = run(seconds, seed)
    print(report)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
