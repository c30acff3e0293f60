"""Locks of files: programs that take them work, and no run of one process tells another by them that it is there."""

import asyncio

from scorer.sandbox.pool import SlotPool
from tests.scorer.sandbox.test_pool import request_for
from tests.scorer.sandbox.test_profiles import CALC, PROC

DATABASES = """
import sqlite3, shelve, fcntl
for mode in ("DELETE", "WAL"):
    connection = sqlite3.connect(mode)
    connection.execute(f"PRAGMA journal_mode={mode}")
    connection.execute("CREATE TABLE t (x)")
    with connection: connection.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(100)])
    connection.close()
    print(sqlite3.connect(mode).execute("SELECT sum(x) FROM t").fetchone())
with shelve.open("shelf") as shelf: shelf["a"] = [1]
with shelve.open("shelf") as shelf: print(shelf["a"])
with open("mine", "w") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    fcntl.lockf(file, fcntl.LOCK_EX)
    print("locked")
"""
FILES = (
    "import fcntl, os, struct, time\n"
    "files = [os.open(path, flags) for path, flags in ((os.__file__, os.O_RDONLY), ('/dev/null', os.O_RDWR))]\n"
)
LOCKS = FILES + (
    "for file in files:\n    fcntl.flock(file, fcntl.LOCK_EX)\n    fcntl.lockf(file, fcntl.LOCK_SH)\n"
    "fcntl.lockf(files[1], fcntl.LOCK_EX)\nprint('locked', flush=True)\ntime.sleep(1)"
)
LOOKS = FILES + (
    "end = time.monotonic() + 0.5\nfound = set()\nwhile time.monotonic() < end:\n    for file in files:\n"
    "        asked = struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 0, 0, 0)\n"
    "        found.add(struct.unpack('hhqqi4x', fcntl.fcntl(file, fcntl.F_GETLK, asked))[0] != fcntl.F_UNLCK)\n"
    "        try: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
    "        except BlockingIOError: found.add(True)\n"
    "    time.sleep(0.01)\nprint(found)"
)


async def test_databases_work(pool: SlotPool) -> None:
    for limits in (CALC, PROC) if pool.several else (CALC,):
        result = await pool.run(request_for(DATABASES, limits=limits))
        if b"readonly" in result.stderr or b"unable to open" in result.stderr:
            continue  # there are no writable files here
        assert result.stdout == b"(4950,)\n(4950,)\n[1]\nlocked\n", result


async def test_locks_of_one_process_are_seen_by_no_other_run(pool: SlotPool) -> None:
    locking = asyncio.create_task(pool.run(request_for(LOCKS, limits=CALC)))
    looked = await pool.run(request_for(LOOKS, limits=CALC))
    assert (await locking).stdout == b"locked\n"
    assert looked.stdout == b"{False}\n", looked
