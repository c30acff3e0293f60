"""Long loads leave nothing behind and change no verdict. As root: uids and descriptors of the runs are looked at."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from codaserve.v1 import scorer_pb2 as pb
from tests.soak import footprint, mixed, queued
from tests.system.serving import Served, information, serving

FIRST_UID = 71000
"""From it on the runs have their users, so that what belongs to these users is known to be of this service."""
SHORT_SECONDS = 40.0
LONG_SECONDS = float(os.environ.get("SOAK_SECONDS", "600"))
_MEMORY_BYTES = 32 << 20
"""By how much a service may grow for good: caches that were not full, arenas of its allocator."""
_DESCRIPTORS = 8
"""How many more may be open: connections of clients that ended are found by and by."""
_SETTLE_SECONDS = 120.0

LENGTHS = [
    pytest.param(SHORT_SECONDS, marks=pytest.mark.system, id="short"),
    pytest.param(LONG_SECONDS, marks=pytest.mark.soak, id="long"),
]


@pytest.fixture
def service(codaserve: Path, tmp_path: Path) -> Iterator[Served]:
    """A scorer of its own for each test."""
    users = ["--code.sandbox.isolation.first_uid", str(FIRST_UID)]
    with serving([codaserve, "scorer", "--port", "0", *users], tmp_path / "log") as served:
        yield served
        uids = uids_of_runs(information(served.address))
    assert footprint.of_users(uids) == set()
    assert list(Path("/sys/fs/cgroup").rglob(f"codaserve-slot-{served.pid}-*")) == []
    assert list(served.temporary.iterdir()) == []


def uids_of_runs(info: pb.ScorerInfo) -> range:
    """Users that runs have where the service may choose."""
    return range(FIRST_UID, FIRST_UID + info.limits.sandbox_slots)


def at_rest(service: Served, most: int | None = None) -> footprint.Footprint:
    """The service's footprint when nothing is queued and, if given, no more than `most` processes are left."""
    give_up = time.monotonic() + _SETTLE_SECONDS
    while True:
        info = information(service.address)
        found = footprint.of_service(service.pid, uids_of_runs(info), service.temporary)
        settled = info.queue_depth == 0 and (most is None or found.processes <= most)
        if settled or time.monotonic() > give_up:
            return found
        time.sleep(0.5)


@pytest.mark.parametrize("seconds", LENGTHS)
def test_a_mixed_load_leaves_nothing_and_changes_no_verdict(service: Served, seconds: float) -> None:
    asyncio.run(mixed.load(service.address, SHORT_SECONDS / 4, seed=0))  # caches fill, clients come and go
    assert not asyncio.run(mixed.all_honest(service.address, 1)).wrong
    before = at_rest(service)

    account = asyncio.run(mixed.load(service.address, seconds, seed=1))
    print(f"\n{seconds:g} s: {account.honest} honest, {account.hostile} hostile, {account.cancelled} cancelled calls,")
    print(f"{account.killed} killed clients, failures {dict(account.failures)}, wrong {len(account.wrong)}")
    print(f"without verdict as the machine was too loaded: {dict(account.loaded)}")
    assert account.wrong == []
    assert not account.failures
    assert account.honest and account.hostile and account.cancelled and account.killed
    after_it = asyncio.run(mixed.all_honest(service.address, 2))
    assert after_it.wrong == [] and not after_it.failures

    after = at_rest(service, before.processes)
    print(f"before {before}\nafter  {after}")
    assert after.processes == before.processes
    assert after.descriptors <= before.descriptors + _DESCRIPTORS
    assert after.memory_bytes <= before.memory_bytes + _MEMORY_BYTES
    assert after.mounts == before.mounts
    assert after.files <= before.files
    assert after.control_groups == before.control_groups


@pytest.mark.parametrize("seconds", LENGTHS)
def test_a_thousand_queued_runs_do_not_make_it_grow(service: Served, seconds: float) -> None:
    asyncio.run(queued.load(service.address, service.pid, SHORT_SECONDS / 4))
    quarters = asyncio.run(queued.load(service.address, service.pid, seconds))
    for quarter in quarters:
        print(f"\n{quarter.runs_per_second:.1f} runs/s, {quarter.memory_bytes / 1e6:.1f} MB", end="")
    assert all(quarter.runs_per_second > 0 for quarter in quarters)
    assert quarters[-1].memory_bytes <= quarters[0].memory_bytes + _MEMORY_BYTES
