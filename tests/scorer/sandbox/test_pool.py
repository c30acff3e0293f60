import asyncio
import contextlib
import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from scorer.kernel.layers import NAMES, Layer
from scorer.sandbox.errors import IsolationError, SandboxError
from scorer.sandbox.guest.limits import Limits
from scorer.sandbox.guest.root import DEVICES
from scorer.sandbox.pool import SlotPool, check_kept, check_required
from scorer.sandbox.run import Limit, Request, Result
from scorer.sandbox.settings import IsolationSettings, SandboxSettings
from tests.scorer.sandbox.processes import memory_of, processes

LIMITS = Limits(
    cpu_seconds=5, wall_seconds=10, memory_bytes=1 << 30, processes=1, file_bytes=1 << 20, output_bytes=1 << 20,
    channel_bytes=1 << 16,
)  # fmt: skip


def request_for(source: str, stdin: bytes | None = None, limits: Limits = LIMITS) -> Request:
    return Request(json.dumps({"kind": "stdio", "source": source}).encode(), stdin, limits)


def pair(source: str, script: str, setup: str = "", limits: Limits = LIMITS) -> Request:
    """A program and a script that judges it from a process of its own."""
    program = {"source": source, "setup": setup, "entry_point": "f"}
    tests = {"script": script, "setup": setup, "entry_point": "f"}
    return Request(json.dumps(program).encode(), None, limits, json.dumps(tests).encode())


async def run(pool: SlotPool, source: str, stdin: bytes | None = None) -> Result:
    return await pool.run(request_for(source, stdin))


async def test_a_program_reads_and_writes(pool: SlotPool) -> None:
    result = await run(pool, "import sys; print(input()[::-1]); print('warning', file=sys.stderr)", b"abc\n")
    assert (result.exit, result.limit, result.stdout, result.stderr) == (0, None, b"cba\n", b"warning\n")
    assert result.peak_memory_bytes > 0


async def test_standard_input_is_empty_when_none_is_given(pool: SlotPool) -> None:
    assert (await run(pool, "import sys; print(repr(sys.stdin.read()))")).stdout == b"''\n"


async def test_every_layer_is_named_with_a_detail(pool: SlotPool) -> None:
    assert tuple(layer.name for layer in pool.layers) == NAMES
    assert all(layer.detail for layer in pool.layers)


async def test_a_run_has_a_clean_environment_and_no_foreign_descriptors(pool: SlotPool) -> None:
    source = (
        "import os, errno\n"
        "print(sorted(os.environ))\n"
        "for fd in range(4, 2000):\n"
        "    try: os.fstat(fd); print('open', fd)\n"
        "    except OSError: pass\n"
    )
    names = ["HOME", "LANG", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "TMPDIR"]
    assert (await run(pool, source)).stdout.decode() == f"{names}\n"


async def test_programs_get_the_standard_library_only(pool: SlotPool) -> None:
    source = "import json, decimal, hashlib, socket, sqlite3\ntry:\n    import grpc\nexcept ImportError: print('none')"
    assert (await run(pool, source)).stdout == b"none\n"


async def test_nothing_that_was_written_is_there_in_the_next_run(pool: SlotPool) -> None:
    write = "import os\ntry:\n    open(os.environ['TMPDIR'] + '/left', 'w').write('x')\nexcept OSError: pass"
    look = "import os\nprint(os.path.exists(os.environ['TMPDIR'] + '/left'), os.path.exists('left'))"
    for _ in range(pool.size):
        await run(pool, write)
    for _ in range(pool.size):
        assert (await run(pool, look)).stdout == b"False False\n"


async def test_equal_programs_see_equal_hashes_and_random_numbers(pool: SlotPool) -> None:
    source = "import random; print(hash('x'), random.random())"
    results = await asyncio.gather(*(run(pool, source) for _ in range(6)))
    assert len({result.stdout for result in results}) == 1


async def test_earlier_programs_are_not_in_the_memory_that_later_ones_inherit(pool: SlotPool) -> None:
    parts = ("a marker that ", "no other text holds")
    for _ in range(pool.size):
        result = await run(pool, f"secret = {''.join(parts)!r}; print(secret * 100)", "".join(parts).encode())
        assert result.exit == 0
    for pid in processes():
        if not os.access(f"/proc/{pid}/mem", os.R_OK):
            pytest.skip("the template's memory cannot be read from outside")
        assert "".join(parts).encode() not in memory_of(pid)


async def test_a_cancelled_run_is_ended_and_its_slot_used_again(pool: SlotPool) -> None:
    before = processes()
    waiting = [asyncio.create_task(run(pool, "while True: pass")) for _ in range(pool.size)]
    await asyncio.sleep(0.2)
    assert len(processes()) == len(before) + pool.size
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert (await run(pool, "print(1)")).stdout == b"1\n"
    assert (await asyncio.gather(*(run(pool, "print(2)") for _ in range(4))))[3].stdout == b"2\n"
    async with asyncio.timeout(20):  # a template reports a run before it has cleaned up behind it
        while processes() != before:  # noqa: ASYNC110 - processes set no event
            await asyncio.sleep(0.02)


async def test_a_killed_slot_is_replaced(pool: SlotPool) -> None:
    for pid in processes():
        with contextlib.suppress(ProcessLookupError):  # it went with the one before
            os.kill(pid, signal.SIGKILL)
    results = await asyncio.gather(*(run(pool, "print(1)") for _ in range(4)))
    assert [result.stdout for result in results] == [b"1\n"] * 4


async def test_a_slot_that_dies_under_a_run_is_replaced_and_the_run_repeated(pool: SlotPool) -> None:
    slots = processes()
    task = asyncio.create_task(run(pool, "import time; time.sleep(0.6); print(1)"))
    await asyncio.sleep(0.2)
    for pid in slots:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert (await task).stdout == b"1\n"


async def test_a_slot_that_does_not_answer_is_replaced() -> None:
    settings = SandboxSettings(slots=1, grace_seconds=1.0, isolation=IsolationSettings(without=("pid_namespace",)))
    pool = SlotPool(settings)
    await pool.start()
    try:
        template = max(processes())  # forked by its keeper, if it has one
        os.kill(template, signal.SIGSTOP)
        short = Limits(**{**LIMITS.__dict__, "wall_seconds": 0.5})
        result = await pool.run(request_for("print(1)", limits=short))
        assert result.stdout == b"1\n" or result.limit is Limit.WALL
        assert template not in processes()
    finally:
        await pool.close()


async def test_a_pair_is_over_when_its_script_is(pool: SlotPool) -> None:
    result = await pool.run(pair("def f(x): print(x); return x", "assert f(3) == 3"))
    assert list(result.frames()) == [("ready",), ("end",)]
    assert (result.exit, result.limit, result.stdout) == (0, None, b"")
    result = await pool.run(pair("import sys\ndef f(x): print(x); sys.stdout.flush()", "assert f(3) is None"))
    assert (list(result.frames())[-1], result.stdout) == (("end",), b"3\n")


async def test_a_pair_tells_how_its_program_ended(pool: SlotPool) -> None:
    for source, status in (("os._exit(3)", 3), ("os.abort()", -signal.SIGABRT), ("os.close(3)", 0)):
        result = await pool.run(pair(f"import os\ndef f(): {source}", "f()"))
        assert (result.exit, list(result.frames())) == (status, [("ready",), ("gone",)]), source


@pytest.mark.parametrize("setup", ["1 / 0", "import os; os._exit(9)", "import os; os.kill(os.getpid(), 9)"])
async def test_a_pair_whose_script_ends_before_its_program_has_begun_breaks_no_slot(pool: SlotPool, setup: str) -> None:
    before = processes()
    for _ in range(8):
        result = await pool.run(pair("def f(): pass", "f()", setup))
        assert ("ready",) not in list(result.frames())
    assert processes() == before


async def test_a_pair_over_its_limits_or_cancelled_is_ended_whole(pool: SlotPool) -> None:
    before = processes()
    busy = Limits(**{**LIMITS.__dict__, "cpu_seconds": 0.2})
    idle = Limits(**{**LIMITS.__dict__, "wall_seconds": 0.5})
    loop, wait = "while True: pass", "import time; time.sleep(99)"
    for source, script, limits, limit in (
        (f"def f():\n    {loop}", "f()", busy, Limit.CPU),
        ("def f(): pass", loop, busy, Limit.CPU),
        (f"def f():\n    {wait}", "f()", idle, Limit.WALL),
        ("def f(): pass", wait, idle, Limit.WALL),
        ("def f():\n    while True: print('x' * 9999)", "f()", LIMITS, Limit.OUTPUT),
    ):
        assert (await pool.run(pair(source, script, limits=limits))).limit is limit, (source, script)
        assert processes() == before
    long = Limits(**{**LIMITS.__dict__, "cpu_seconds": 60, "wall_seconds": 120})
    endless = pair(f"def f():\n    {loop}", "f()", limits=long)
    waiting = [asyncio.create_task(pool.run(endless)) for _ in range(pool.size)]
    async with asyncio.timeout(60):
        while len(processes()) < len(before) + 2 * pool.size:  # noqa: ASYNC110 - forks set no event
            await asyncio.sleep(0.01)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert (await run(pool, "print(1)")).stdout == b"1\n"
    await asyncio.gather(*(run(pool, "print(2)") for _ in range(4)))
    assert processes() == before


async def test_closing_leaves_no_process() -> None:
    pool = SlotPool(SandboxSettings(slots=2))
    await pool.start()
    running = asyncio.create_task(run(pool, "while True: pass"))
    await asyncio.sleep(0.1)
    await pool.close()
    with pytest.raises(SandboxError):
        await running
    assert processes() == set()
    with pytest.raises(SandboxError, match="closed"):
        await run(pool, "print(1)")


async def test_two_runs_at_once_cannot_see_each_other(pool: SlotPool) -> None:
    """Each leaves a file and looks for the other's, and for any process but its own."""
    source = (
        "import os, time\n"
        "name = input()\n"
        "try: open(os.environ['TMPDIR'] + '/' + name, 'w').close()\n"
        "except OSError: pass\n"
        "time.sleep(0.4)\n"
        "other = {'a': 'b', 'b': 'a'}[name]\n"
        "seen = os.path.exists(os.environ['TMPDIR'] + '/' + other)\n"
        "for pid in range(1, 200000):\n"
        "    if pid == os.getpid(): continue\n"
        "    try: os.kill(pid, 0); seen = pid; break\n"
        "    except OSError: pass\n"
        "print(seen)\n"
    )
    results = await asyncio.gather(run(pool, source, b"a\n"), run(pool, source, b"b\n"))
    assert [result.stdout for result in results] == [b"False\n", b"False\n"]


async def test_devices_are_written_to_but_never_changed(pool_of_one_user: SlotPool) -> None:
    def of_devices() -> list[tuple[int, int]]:
        return [(status.st_mode, status.st_mtime_ns) for status in (Path(device).stat() for device in DEVICES)]

    before = of_devices()
    source = (
        "import os\n"
        f"for device in {DEVICES}:\n"
        "    for change in (lambda: os.utime(device, (1, 1)), lambda: os.utime(device),\n"
        "                   lambda: os.chmod(device, 0o666)):\n"
        "        try: change(); print('changed', device)\n"
        "        except OSError: pass\n"
        "with open('/dev/null', 'wb') as file: print(file.write(b'abc'))\n"
        "with open('/dev/zero', 'rb') as file: print(file.read(2))\n"
        "try: os.write(os.open('/dev/full', os.O_RDWR), b'x')\n"
        "except OSError as error: print(error.errno)\n"
    )
    result = await run(pool_of_one_user, source)
    assert (result.stdout, result.stderr) == (b"3\nb'\\x00\\x00'\n28\n", b"")
    assert of_devices() == before


async def test_output_beyond_the_limit_ends_the_run(pool: SlotPool) -> None:
    result = await run(pool, "import os\nwhile True: os.write(2, b'x' * 100000)")
    assert result.limit is Limit.OUTPUT
    assert len(result.stderr) == LIMITS.output_bytes + 1


async def test_programs_end_as_the_interpreter_ends_them(pool: SlotPool) -> None:
    source = "import atexit, sys\natexit.register(print, 'last')\nprint('first', end=' ')\nsys.exit(3)"
    result = await run(pool, source)
    assert (result.exit, result.stdout) == (3, b"first last\n")


async def test_an_interpreter_that_cannot_be_started_is_named_with_its_key(tmp_path: Path) -> None:
    no_program = tmp_path / "python"
    no_program.write_text("no program")
    for python in (no_program, Path(shutil.which("true") or "")):
        with pytest.raises(SandboxError, match=rf"{python} .*code\.sandbox\.python"):
            await SlotPool(SandboxSettings(slots=1, python=python)).start()


async def test_a_demanded_layer_that_is_missing_stops_the_start() -> None:
    isolation = IsolationSettings(require=("pid_namespace",), without=("pid_namespace",))
    pool = SlotPool(SandboxSettings(slots=1, isolation=isolation))
    with pytest.raises(IsolationError, match=r"pid_namespace.*switched off by the configuration"):
        await pool.start()
    assert processes() == set()


def test_one_of_two_layers_is_enough_where_either_is_demanded() -> None:
    layers = [Layer("landlock", True, "ABI 7"), Layer("mount_namespace", False, "refused")]
    check_required(layers, ["mount_namespace|landlock"])
    with pytest.raises(IsolationError, match="mount_namespace: refused"):
        check_required(layers, ["landlock", "mount_namespace"])


def test_a_slot_that_lacks_what_the_first_one_had_is_refused() -> None:
    first = [Layer("landlock", True, "ABI 7"), Layer("cgroups", False, "not delegated")]
    check_kept([Layer("landlock", True, "ABI 7"), Layer("cgroups", True, "version 2")], first)
    with pytest.raises(IsolationError, match="landlock: gone"):
        check_kept([Layer("landlock", False, "gone"), Layer("cgroups", False, "not delegated")], first)


async def test_folders_that_are_named_can_be_read_and_not_written(tmp_path: Path) -> None:
    for parent in tmp_path.parents[:-2]:
        if parent.stat().st_uid == os.getuid():
            parent.chmod(0o755)
    packages, other = tmp_path / "packages", tmp_path / "other"
    for folder in (packages, other):
        folder.mkdir()
        (folder / "module.py").write_text("value = 1")
    for without in ((), ("mount_namespace", "user_namespace", "pid_namespace")):
        settings = SandboxSettings(slots=1, packages=packages, isolation=IsolationSettings(without=without))
        pool = SlotPool(settings)
        await pool.start()
        try:
            source = (
                f"print(open({str(packages / 'module.py')!r}).read())\n"
                f"for path in ({str(other / 'module.py')!r}, {str(packages / 'new')!r}):\n"
                "    try: print(open(path, 'r' if 'other' in path else 'w'))\n"
                "    except OSError: pass\n"
            )
            result = await run(pool, source)
            assert (result.stdout, result.stderr) == (b"value = 1\n", b"")
        finally:
            await pool.close()


def test_unknown_layers_are_refused() -> None:
    with pytest.raises(ValueError, match="no such layer: firewall"):
        IsolationSettings(require=("firewall|seccomp",))
