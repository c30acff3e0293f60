"""What runs see of processes: their own, and only to read."""

import os
from pathlib import Path

import pytest

from scorer.sandbox.pool import SlotPool
from tests.scorer.sandbox.test_execute import SH, executes
from tests.scorer.sandbox.test_pool import pair, run

NAMES = "('environ', 'maps', 'mem', 'cmdline', 'status', 'root', 'fd', 'stat')"
OTHERS = (
    "import os\n"
    "def others():\n"
    "    found = []\n"
    f"    for pid in [*range(1, 60), os.getppid(), {os.getpid()}]:\n"
    "        if pid == os.getpid(): continue\n"
    f"        for name in {NAMES}:\n"
    "            path = f'/proc/{pid}/{name}'\n"
    "            try: os.listdir(path) if name in ('root', 'fd') else open(path).read()\n"
    "            except OSError: continue\n"
    "            found.append((pid, name))\n"
    "    return found\n"
)


def private(pool: SlotPool) -> bool:
    """Whether runs have a root of their own, which shows them their processes."""
    return {"mount_namespace", "pid_namespace"} <= {layer.name for layer in pool.layers if layer.active}


async def test_a_run_sees_no_process_but_its_own(pool: SlotPool) -> None:
    result = await run(pool, OTHERS + "print(others())")
    assert (result.stdout, result.stderr) == (b"[]\n", b"")
    if private(pool):
        result = await run(
            pool, "import os; print(sorted(set(os.listdir('/proc')) - {'self', 'thread-self', str(os.getpid())}))"
        )
        assert result.stdout == b"[]\n"


async def test_the_program_of_a_pair_does_not_see_its_script(pool: SlotPool) -> None:
    source = OTHERS + "def f():\n    return others()"
    result = await pool.run(pair(source, "assert f() == [], f()"))
    assert list(result.frames()) == [("ready",), ("end",)]


async def test_nothing_of_a_process_can_be_written(pool: SlotPool) -> None:
    source = (
        "for name, text in (('oom_score_adj', '-1000'), ('mem', 'x'), ('comm', 'x'), ('uid_map', '0 0 1'),\n"
        "                   ('clear_refs', '1'), ('timerslack_ns', '1'), ('coredump_filter', '0')):\n"
        "    try: open('/proc/self/' + name, 'w').write(text); print('wrote', name)\n"
        "    except OSError: pass\n"
        "for name in ('sys/kernel/hostname', 'sysrq-trigger', 'sys/vm/overcommit_memory', 'kcore', 'net/tcp'):\n"
        "    try: open('/proc/' + name).read(1); print('read', name)\n"
        "    except OSError: pass\n"
    )
    result = await run(pool, source)
    assert (result.stdout, result.stderr) == (b"", b"")


async def test_streams_can_be_opened_by_name(pool: SlotPool) -> None:
    if not private(pool) and not Path("/dev/stdin").exists():
        pytest.skip("the machine has no such names")
    source = (
        "text = open('/dev/stdin').read()\n"
        "with open('/dev/stdout', 'w') as out: out.write(text.upper())\n"
        "with open('/dev/stderr', 'w') as out: out.write('warning')\n"
    )
    result = await run(pool, source, b"abc")
    assert (result.stdout, result.stderr) == (b"ABC", b"warning"), result


async def test_runs_go_before_their_template_when_memory_is_short(pool: SlotPool) -> None:
    if not private(pool):
        pytest.skip("runs see nothing of themselves here")
    assert (await run(pool, "print(open('/proc/self/oom_score_adj').read())")).stdout == b"1000\n\n"


async def test_an_executed_program_learns_nothing_of_the_machine_from_itself(pool: SlotPool) -> None:
    names = "net/tcp net/unix net/dev mountinfo mounts stat status maps"
    script = f"for f in {names}; do {{ read x < /proc/$$/$f; }} 2>/dev/null && echo $f; done"
    seen = (await pool.run(executes(SH, "-c", script))).stdout.decode().split()
    assert {"stat", "status", "maps"} <= set(seen)
    if not private(pool):
        assert len(seen) == 3


async def test_other_processes_leave_no_trace_in_clocks_and_sessions(pool: SlotPool) -> None:
    source = (
        "import os, time\n"
        f"others = [pid for pid in (1, 2, os.getppid(), {os.getpid()}) if pid != os.getpid()]\n"
        "for pid in others:\n"
        "    for ask in (os.getsid, os.getpgid, lambda pid: time.clock_gettime((~pid << 3) | 2),\n"
        "                lambda pid: time.clock_getres((~pid << 3) | 2)):\n"
        "        try: ask(pid); print('there is', pid)\n"
        "        except PermissionError: pass\n"
        "print(os.getsid(0) == os.getpgid(os.getpid()) == os.getpid(), time.process_time() > 0,\n"
        "      time.thread_time() > 0, time.clock_gettime((~os.getpid() << 3) | 2) > 0)\n"
    )
    result = await run(pool, source)
    assert (result.stdout, result.stderr) == (b"True True True True\n", b"")
