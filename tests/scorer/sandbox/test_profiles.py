"""What runs may start, and that all of it is counted and ended, wherever the limits have to come from."""

import asyncio
import dataclasses
import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from scorer.sandbox.guest.limits import Limits
from scorer.sandbox.pool import SlotPool
from scorer.sandbox.run import Limit, Result
from scorer.sandbox.settings import IsolationSettings, SandboxSettings
from tests.scorer.sandbox.conftest import NAMESPACES
from tests.scorer.sandbox.processes import processes
from tests.scorer.sandbox.test_pool import pair, request_for

CALC = Limits(
    cpu_seconds=10, wall_seconds=120, memory_bytes=1 << 30, processes=8, file_bytes=1 << 20, output_bytes=1 << 20,
    channel_bytes=1 << 16,
)  # fmt: skip
PROC = dataclasses.replace(CALC, several=True, processes=32)
# As in an unprivileged container: nothing counts the processes of a run but the one who watches it.
ALONE = (*NAMESPACES, "dropped_privileges", "cgroups")


@pytest_asyncio.fixture(params=[(), NAMESPACES, ALONE], ids=["namespaces", "bare", "alone"])
async def slots(request: pytest.FixtureRequest) -> AsyncIterator[SlotPool]:
    pool = SlotPool(SandboxSettings(slots=2, isolation=IsolationSettings(without=request.param)))
    await pool.start()
    yield pool
    await pool.close()


def is_counted_from_outside(pool: SlotPool) -> bool:
    active = {layer.name for layer in pool.layers if layer.active}
    own_users = "dropped_privileges" in active and os.getuid() == 0
    return not own_users and not active & {"user_namespace", "cgroups"}


def until_counted(pool: SlotPool) -> float:
    """Seconds for which too many processes stay, that the one who counts them sees them on a busy machine, too."""
    return 60 if is_counted_from_outside(pool) else 0.1


async def run(pool: SlotPool, source: str, limits: Limits = PROC, **changes: float) -> Result:
    """A run, after which no process may be there that was not there before, dead or alive."""
    before = processes()
    result = await pool.run(request_for(source, limits=dataclasses.replace(limits, **changes)))  # type: ignore[arg-type]
    assert processes() == before
    return result


async def test_threads_are_for_everybody(slots: SlotPool) -> None:
    source = (
        "import threading, concurrent.futures\n"
        "with concurrent.futures.ThreadPoolExecutor(4) as pool: print(sum(pool.map(lambda x: x * x, range(100))))\n"
        "found = []\n"
        "threads = [threading.Thread(target=found.append, args=(i,)) for i in range(6)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
        "print(sorted(found))\n"
    )
    result = await run(slots, source, CALC)
    assert (result.exit, result.limit, result.stdout) == (0, None, b"328350\n[0, 1, 2, 3, 4, 5]\n")


@pytest.mark.parametrize(
    "attempt",
    [
        "os.fork()",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "subprocess.run(['/bin/true'])",
        "os.execv('/bin/true', ['true'])",
        "os.system('true') == 0 or os.fork()",
        "multiprocessing.get_context('fork').Process(target=print).start()",
        "os.setsid()",
        "os.posix_spawn('/proc/self/exe', ['python', '-c', ''], {})",
    ],
)
async def test_one_process_means_one(slots: SlotPool, attempt: str) -> None:
    source = (
        f"import os, subprocess, multiprocessing\ntry: {attempt}; print('started')\nexcept OSError as e: print(e.errno)"
    )
    result = await run(slots, source, CALC)
    assert (result.exit, result.stdout) == (0, b"1\n"), result


async def test_a_thread_bomb_is_bounded(slots: SlotPool) -> None:
    source = (
        "import threading, time\n"
        "n = 1\n"
        "try:\n"
        "    while n < 5000: threading.Thread(target=time.sleep, args=(90,), daemon=True).start(); n += 1\n"
        "except RuntimeError: pass\n"
        f"time.sleep({until_counted(slots)})\n"
        "print(n, flush=True)\n"
        "import os; os._exit(0)\n"
    )
    for limits in (CALC, dataclasses.replace(CALC, several=True)):
        result = await run(slots, source, limits)
        if is_counted_from_outside(slots):
            assert result.limit is Limit.PROCESSES
        else:
            assert (result.exit, result.limit, result.stdout) == (0, None, b"8\n")


async def test_processes_where_they_are_asked_for(slots: SlotPool) -> None:
    source = (
        "import os, subprocess, sys\n"
        "print(subprocess.run(['/bin/echo', 'a'], capture_output=True).stdout)\n"
        "print(subprocess.run('echo b | cat; exit 3', shell=True, capture_output=True))\n"
        "sys.stdout.flush()\n"
        "pid = os.fork()\n"
        "if pid == 0: os.write(1, b'child\\n'); os._exit(5)\n"
        "print(os.waitpid(pid, 0)[1] >> 8)\n"
    )
    result = await run(slots, source)
    told = "CompletedProcess(args='echo b | cat; exit 3', returncode=3, stdout=b'b\\n', stderr=b'')"
    assert (result.exit, result.limit) == (0, None)
    assert result.stdout.decode() == f"b'a\\n'\n{told}\nchild\n5\n"


BOMBS = {
    "doubling": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "relay": (  # each parent ends as soon as it has a child, so that no list of processes is ever up to date
        "import os, time\n"
        "if os.fork(): time.sleep(0.3); os._exit(0)\n"
        "for _ in range(8):\n"
        "    if os.fork() == 0: break\n"
        "while True:\n"
        "    try:\n"
        "        if os.fork(): os._exit(0)\n"
        "    except OSError: pass"
    ),
    "sessions": (
        "import os, signal\n"
        "for number in range(1, 65):\n"
        "    try: signal.signal(number, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
        "for _ in range(12):\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        if os.fork(): os._exit(0)\n"
        "        while True: signal.pause()\n"
        "print('left', flush=True)\n"
        "os._exit(0)"
    ),
    "stopped": (
        "import os, signal, time\n"
        "for _ in range(8):\n"
        "    if os.fork() == 0: os.kill(os.getpid(), signal.SIGSTOP)\n"
        "time.sleep(0.1)\n"
    ),
    "shell": "import os; os.system('f() { f | f & }; f; sleep 1')",
    "threads in processes": (
        "import os, threading, time\n"
        "for _ in range(4): os.fork()\n"
        "try:\n"
        "    while True: threading.Thread(target=time.sleep, args=(99,)).start()\n"
        "except RuntimeError: pass\n"
        "os._exit(0)"
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
async def test_nothing_is_left_of_a_bomb(slots: SlotPool, bomb: str) -> None:
    counted = is_counted_from_outside(slots)
    ends = bomb in ("sessions", "stopped") or (bomb == "doubling" and counted)
    result = await run(slots, BOMBS[bomb], PROC, wall_seconds=60 if ends else 1.5)
    if bomb in ("sessions", "stopped"):
        assert (result.exit, result.limit) == (0, None)
    if bomb == "doubling":
        assert result.limit in {Limit.PROCESSES} if counted else {Limit.WALL, Limit.CPU}
    assert (await run(slots, "print(1)")).stdout == b"1\n"


async def test_more_processes_than_allowed_do_not_start_or_end_the_run(slots: SlotPool) -> None:
    source = (
        "import os, time\n"
        "n = 1\n"
        "try:\n"
        "    while n < 500:\n"
        "        if os.fork() == 0: time.sleep(90); os._exit(0)\n"
        "        n += 1\n"
        "except OSError: pass\n"
        f"time.sleep({until_counted(slots)})\n"
        "print(n)\n"
    )
    result = await run(slots, source, PROC, processes=10)
    if is_counted_from_outside(slots):
        assert result.limit is Limit.PROCESSES
    else:
        assert (result.exit, result.stdout) == (0, b"10\n")


async def test_processes_that_ended_without_a_parent_do_not_count(slots: SlotPool) -> None:
    source = (
        "import os, time\n"
        "for _ in range(40):\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        "        os.fork()\n"
        "        os._exit(0)\n"
        "    os.waitpid(pid, 0)\n"
        "    time.sleep(0.03)\n"
        "print('done')\n"
    )
    result = await run(slots, source, PROC, processes=20)
    assert (result.limit, result.stdout, result.stderr) == (None, b"done\n", b"")


@pytest.mark.parametrize(
    "source",
    [
        "import os\nwhile True:\n    pid = os.fork()\n    if pid == 0:\n        for _ in range(10**6): pass\n"
        "        os._exit(0)\n    os.waitpid(pid, 0)",
        "import os, time\nfor _ in range(4):\n    if os.fork() == 0:\n        if os.fork(): os._exit(0)\n"
        "        os.setsid()\n        while True: pass\ntime.sleep(110)",
        "import os, threading\nif os.fork() == 0:\n    while True: pass\nos.wait()",
        "import os\nos.system('while :; do :; done')",
        "import os\nos.system('while :; do (i=0; while [ $i -lt 1000 ]; do i=$((i+1)); done); done')",
    ],
    ids=["waited for", "daemons", "child", "shell", "short shells"],
)
async def test_processor_time_is_that_of_the_whole_tree(slots: SlotPool, source: str) -> None:
    result = await run(slots, source, PROC, cpu_seconds=0.6)
    assert result.limit is Limit.CPU
    assert result.cpu_seconds >= 0.6


@pytest.mark.parametrize("way", ["ignored", "not waited for"])
@pytest.mark.parametrize("life", [0.004, 0.02, 0.045])
async def test_processor_time_that_the_kernel_adds_to_nobody_counts(slots: SlotPool, life: float, way: str) -> None:
    no_wait = (
        "import ctypes\n"
        "action = (ctypes.c_ulong * 19)(0)\n"
        "action[17] = 2  # SA_NOCLDWAIT, behind the handler and the mask\n"
        "assert ctypes.CDLL(None).sigaction(signal.SIGCHLD, action, None) == 0\n"
    )
    source = (
        "import os, signal, time\n"
        + ("signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n" if way == "ignored" else no_wait)
        + "while True:\n"
        "    if os.fork() == 0:\n"
        f"        while time.process_time() < {life}: pass\n"
        "        os._exit(0)\n"
        "    try: os.wait()\n"
        "    except ChildProcessError: pass\n"
    )
    result = await run(slots, source, PROC, cpu_seconds=1)
    assert result.limit is Limit.CPU


async def test_children_that_are_waited_for_are_billed_for_what_they_used(slots: SlotPool) -> None:
    source = (
        "import os, signal, time\n"
        "for n in range(60):\n"
        "    if os.fork() == 0:\n"
        "        if n % 3 == 0 and os.fork() == 0: time.sleep(0.02); os._exit(0)\n"
        "        while time.process_time() < 0.003: pass\n"
        "        time.sleep(0.03)\n"
        "        os._exit(0)\n"
        "    if n % 2: os.wait()\n"
        "print('done')\n"
    )
    result = await run(slots, source, PROC, cpu_seconds=1.2, processes=64)
    assert (result.limit, result.stdout) == (None, b"done\n")


async def test_processor_time_of_a_tree_that_ends_in_time_is_told_whole(slots: SlotPool) -> None:
    burn = "import time\nwhile time.process_time() < 0.2: pass\n"
    source = f"import os\nfor _ in range(3):\n    if os.fork() == 0:\n        exec({burn!r})\n        os._exit(0)\n"
    result = await run(slots, source + "for _ in range(3): os.wait()")
    assert result.limit is None
    assert 0.6 <= result.cpu_seconds < 5


async def test_a_run_can_signal_nothing_but_itself(slots: SlotPool) -> None:
    before = processes()
    source = (
        "import os, signal, time\n"
        "child = os.fork()\n"
        "if child == 0: time.sleep(90)\n"
        "reached = []\n"
        "for pid in [os.getppid(), *range(1, 70000)]:\n"
        "    if pid in (os.getpid(), child): continue\n"
        "    try: os.kill(pid, signal.SIGSTOP); reached.append(pid)\n"
        "    except OSError: pass\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "os.kill(child, signal.SIGSTOP)\n"
        "try: os.kill(-1, signal.SIGKILL)\n"
        "except OSError: reached.append('nobody')\n"
        "print(reached, os.waitpid(child, 0)[1])\n"
    )
    results = await asyncio.gather(*(slots.run(request_for(source, limits=PROC)) for _ in range(4)))
    assert [result.stdout for result in results] == [b"[] 9\n"] * 4
    assert processes() == before


async def test_two_bombs_at_once_do_not_touch_each_other_or_an_honest_run(slots: SlotPool) -> None:
    honest = (
        "import os, time\n"
        "for _ in range(20):\n"
        "    pid = os.fork()\n"
        "    if pid == 0: time.sleep(0.02); os._exit(7)\n"
        "    assert os.waitpid(pid, 0)[1] == 7 << 8\n"
        "print('fine')\n"
    )
    hostile = "import os\nwhile True:\n    try: os.kill(-1, 9)\n    except OSError: pass\n    os.fork() or os.setsid()"
    limits = dataclasses.replace(PROC, wall_seconds=1.0)
    before = processes()
    waiting = [slots.run(request_for(hostile, limits=limits)) for _ in range(2)]
    waiting += [slots.run(request_for(honest, limits=PROC)) for _ in range(2)]
    results = await asyncio.gather(*waiting)
    assert [result.stdout for result in results[2:]] == [b"fine\n"] * 2
    assert processes() == before


async def test_a_program_with_processes_cannot_end_the_script_that_judges_it(slots: SlotPool) -> None:
    source = (
        "import os, signal, time\n"
        "def f(x):\n"
        "    for pid in [-1, os.getppid(), *range(1, 70000)]:\n"
        "        if pid != os.getpid():\n"
        "            try: os.kill(pid, signal.SIGKILL)\n"
        "            except OSError: pass\n"
        "    for _ in range(4): os.fork()\n"
        "    return x\n"
    )
    before = processes()
    result = await slots.run(pair(source, "assert f(3) == 3", limits=PROC))
    assert list(result.frames()) == [("ready",), ("end",)]
    assert processes() == before


async def test_signals_have_their_usual_meaning(slots: SlotPool) -> None:
    source = (
        "import os, signal\n"
        "print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, flush=True)\n"
        "os.kill(os.getpid(), 15)"
    )
    result = await run(slots, source, CALC)
    assert (result.exit, result.stdout) == (-15, b"True\n")


async def test_waiting_for_a_processor_is_told_unless_the_program_made_itself_wait() -> None:
    own = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(own)})
    pool = SlotPool(SandboxSettings(slots=1))
    hogs = []
    try:
        await pool.start()
        spin = "while True: pass"
        alone = await run(pool, "import time; time.sleep(9)", CALC, wall_seconds=0.4)
        assert (alone.limit, alone.waited_seconds < 0.2) == (Limit.WALL, True)
        own_doing = "import os\nfor _ in range(4):\n    if os.fork() == 0: break\n" + spin
        crowd = await run(pool, own_doing, PROC, wall_seconds=1.0)
        assert crowd.limit is Limit.WALL
        assert crowd.waited_seconds <= crowd.wall_seconds - crowd.cpu_seconds + 0.1
        hogs = [await _hog() for _ in range(4)]
        slowed = await pool.run(request_for(spin, limits=dataclasses.replace(CALC, wall_seconds=1.5)))
        assert slowed.limit is Limit.WALL
        assert 0.3 < slowed.waited_seconds <= 1.6
        start = asyncio.get_running_loop().time()
        until = f"def work():\n    while time.monotonic() < end: pass\nend = {start} + 0.25\nwork()\nend += 9\n"
        in_turns = f"import threading, time\n{until}other = threading.Thread(target=work)\nother.start()\nother.join()"
        slowed = await run(pool, in_turns, CALC, wall_seconds=1.5)
        assert slowed.limit is Limit.WALL
        assert 0.3 < slowed.waited_seconds <= 1.6
    finally:
        for hog in hogs:
            hog.kill()
            await hog.wait()
        os.sched_setaffinity(0, own)
        await pool.close()


async def _hog() -> asyncio.subprocess.Process:
    """In a session of its own: the kernel may divide a processor among sessions first, and then within each."""
    return await asyncio.create_subprocess_exec("/bin/sh", "-c", "while :; do :; done", start_new_session=True)
