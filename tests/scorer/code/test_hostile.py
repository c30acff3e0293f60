"""Programs that attack the sandbox or the verdict. After each the slots are the same processes, and they answer.

What must hold on every machine is asserted always; what only one layer gives, where that layer is in force.
"""

# One attack a line, however long.
# ruff: noqa: E501
import asyncio
import os
import socket
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.judge import CodeJudge

Judge = Callable[..., Awaitable[pb.Verdict]]
pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.usefixtures("slots_survive")]

FORBIDDEN, RUNTIME, OUTPUT = pb.REASON_FORBIDDEN_OPERATION, pb.REASON_RUNTIME_ERROR, pb.REASON_OUTPUT_LIMIT
MEMORY, TIME, WRONG, PASSED = pb.REASON_MEMORY_LIMIT, pb.REASON_TIME_LIMIT, pb.REASON_WRONG_ANSWER, pb.REASON_PASSED
FILES = {RUNTIME, FORBIDDEN}  # not found under a root of the run's own, not allowed under Landlock
SHORT = pb.RunLimits(cpu_seconds=0.4, wall_seconds=2.0)
"""Enough for what should be over at once, short for what would go on for ever."""
SECRET = "CODASERVE_TEST_SECRET"
"""The service's environment holds this name."""


def in_force(judge: CodeJudge, name: str) -> bool:
    return any(layer.name == name and layer.active for layer in judge.isolation)


ATTACKS = {
    "fork bomb": ("import os\nwhile True: os.fork()", {FORBIDDEN}),
    "fork bomb through posix": ("import posix\nwhile True: posix.fork()", {FORBIDDEN}),
    "double fork daemon": ("import os\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        while True: pass", {FORBIDDEN}),
    "subprocess": ("import subprocess; subprocess.run(['/bin/sh', '-c', 'echo hi'])", {FORBIDDEN}),
    "exec": ("import os; os.execv('/bin/echo', ['echo', 'hi'])", {FORBIDDEN}),
    "thread bomb": ("import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(99,)).start()", {FORBIDDEN, TIME}),
    "endless loop": ("while True: pass", {TIME}),
    "endless C loop": ("10 ** 10 ** 9 % 7; sum(range(10 ** 12))", {TIME, MEMORY}),
    "sleep": ("import time; time.sleep(10 ** 6)", {TIME}),
    "stopping itself": ("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", {TIME}),
    "ignoring signals": ("import signal\nfor s in range(1, 65):\n    try: signal.signal(s, signal.SIG_IGN)\n    except (OSError, ValueError): pass\nwhile True: pass", {TIME}),
    "blocking signals": ("import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass", {TIME}),
    "memory at once": ("x = bytearray(10 ** 10)", {MEMORY}),
    "memory bit by bit": ("x = []\nwhile True: x.append(bytes(10 ** 7))", {MEMORY}),
    "shared memory": ("import mmap; x = mmap.mmap(-1, 10 ** 10)", {MEMORY, RUNTIME}),
    "a gigabyte of output": ("import sys\nfor _ in range(10 ** 6): sys.stdout.write('x' * 1000)", {OUTPUT}),
    "a gigabyte of errors": ("import sys\nfor _ in range(10 ** 6): sys.stderr.write('x' * 1000)", {OUTPUT}),
    "results without end": ("import os\nwhile True: os.write(3, b'x' * 4096)", {pb.REASON_INVALID_VALUE}),
    "closed output": ("import os, sys\nos.close(1); os.close(2); sys.stdout.close()", {RUNTIME, WRONG}),
    "killing everything": ("import os; os.kill(-1, 9)", {FORBIDDEN}),
    "killing the parent": ("import os; os.kill(os.getppid(), 9)", {FORBIDDEN}),
    "killing the group": ("import os; os.kill(0, 9)", {FORBIDDEN}),
    "recursion": ("def f(): f()\nf()", {RUNTIME}),
    "C stack": ("import sys, json\nsys.setrecursionlimit(10 ** 9)\nx = []\nfor _ in range(10 ** 6): x = [x]\nrepr(x)", {RUNTIME, TIME, MEMORY}),
    "null pointer": ("import ctypes; ctypes.string_at(0)", {RUNTIME}),
    "abort": ("import os; os.abort()", {RUNTIME}),
    "raised limits": ("import resource; resource.setrlimit(resource.RLIMIT_CPU, (99, 99))", {RUNTIME}),
    "limits of the parent": ("import os, resource; resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))", {FORBIDDEN}),
    "descriptors": ("import os\nwhile True: os.dup(0)", {RUNTIME}),
    "a tcp socket": ("import socket; socket.socket()", {FORBIDDEN}),
    "a udp socket": ("import socket; socket.socket(type=socket.SOCK_DGRAM)", {FORBIDDEN}),
    "a local socket": ("import socket; socket.socket(socket.AF_UNIX)", {FORBIDDEN}),
    "a netlink socket": ("import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)", {FORBIDDEN}),
    "a datagram pair": ("import socket; socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)", {FORBIDDEN}),
    "becoming root": ("import os; os.setuid(0)", {FORBIDDEN}),
    "changing the root": ("import os; os.chroot('/')", {FORBIDDEN}),
    "unshare": ("import ctypes, os\nl = ctypes.CDLL(None, use_errno=True)\nif l.unshare(0x10000000): raise OSError(ctypes.get_errno(), 'refused')", {FORBIDDEN}),
    "ptrace": ("import ctypes, os\nl = ctypes.CDLL(None, use_errno=True)\nif l.ptrace(16, os.getppid(), 0, 0): raise OSError(ctypes.get_errno(), 'refused')", {FORBIDDEN}),
    "surviving its parent": ("import ctypes\nl = ctypes.CDLL(None, use_errno=True)\nif l.prctl(1, 0, 0, 0, 0): raise OSError(ctypes.get_errno(), 'refused')", {FORBIDDEN}),
    "shadow": ("open('/etc/shadow').read()", FILES),
    "passwd": ("open('/etc/passwd').read()", FILES),
    "environment of the service": ("import os\nopen(f'/proc/{os.getppid()}/environ').read()", FILES),
    "memory of the service": ("import os\nopen(f'/proc/{os.getppid()}/mem', 'rb')", FILES),
    "poisoning the library": ("import os\nopen(os.__file__, 'a').write('#')", FILES | {OUTPUT}),
    "a file in the home": ("import os\nopen('/root/x', 'w')", FILES),
    "a file in shared memory": ("open('/dev/shm/x', 'w')", FILES),
    "a link to a device": ("import os\nos.mknod('x', 0o20666, os.makedev(1, 3))", FILES),
    "a fifo": ("import os\nos.mkfifo('x')", FILES),
    "a file that is too large": ("import os\nf = open('x', 'wb')\nf.seek(10 ** 9); f.write(b'x'); f.flush()", FILES | {OUTPUT}),
    "many files": ("import os\nfor i in range(10 ** 6): open(str(i), 'w').close()", FILES | {OUTPUT}),
    "full scratch space": ("import os\nfor i in range(100): open(str(i), 'wb').write(bytes(10 ** 6))", FILES | {OUTPUT}),
    "own exception class": ("class E(Exception):\n    def __str__(self): raise self\nraise E", {RUNTIME}),
    "a lie about its exception": ("class AssertionError(OSError): pass\nraise AssertionError(1, 'x')", {FORBIDDEN}),
    "an exit with objects": ("class X:\n    def __eq__(s, o): return True\nraise SystemExit(X())", {RUNTIME}),
    "atexit": ("import atexit\nwhile_true = lambda: [0 for _ in iter(int, 1)]\natexit.register(while_true)", {TIME, MEMORY}),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
async def test_an_attack_is_a_wrong_answer_and_nothing_else(judge: Judge, name: str) -> None:
    source, reasons = ATTACKS[name]
    cases = pb.StdioTests(cases=[pb.StdioCase(output="right")])
    verdict = await judge(source=source, stdio=cases, limits=SHORT)
    assert verdict.correct is False and verdict.HasField("score") and verdict.score == 0.0
    assert verdict.reason in reasons, verdict


async def test_a_port_of_the_host_cannot_be_reached(judge: Judge, code_judge: CodeJudge) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        port = server.getsockname()[1]
        connect = f"import socket; socket.create_connection(('127.0.0.1', {port}), 1)"
        verdict = await judge(source=connect, stdio=pb.StdioTests(cases=[pb.StdioCase()]))
        assert verdict.reason == FORBIDDEN
        if pb.PROFILE_PROC in code_judge.profiles:
            shell = f"import subprocess; subprocess.run(['bash', '-c', 'echo > /dev/tcp/127.0.0.1/{port}'], check=True)"
            verdict = await judge(source=shell, stdio=pb.StdioTests(cases=[pb.StdioCase()]), profile=pb.PROFILE_PROC)
            assert not verdict.correct
        with pytest.raises(TimeoutError):
            server.accept()


async def test_the_environment_of_the_service_does_not_reach_the_run(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, "hunter2")
    source = (
        "import os, glob\n"
        "found = 'hunter2' in str(os.environ)\n"
        f"for pid in [*range(1, 50), {os.getpid()}]:\n"
        "    try: found = found or b'hunter2' in open(f'/proc/{pid}/environ', 'rb').read()\n"
        "    except OSError: pass\n"
        "print(found)"
    )
    assert (await judge(source=source, stdio=pb.StdioTests(cases=[pb.StdioCase(output="False")]))).correct


async def test_files_of_the_service_can_be_neither_read_nor_changed(judge: Judge, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("untouched")
    tmp_path.chmod(0o777)
    target.chmod(0o666)
    before = target.stat()
    source = (
        "import os, sys\n"
        f"path = {str(target)!r}\n"
        "for attempt in (\n"
        "    lambda: open(path).read(), lambda: open(path, 'w'), lambda: os.truncate(path, 0), lambda: os.unlink(path),\n"
        "    lambda: os.rename(path, path + '2'), lambda: os.chmod(path, 0), lambda: os.utime(path, (0, 0)),\n"
        "    lambda: os.symlink('/', path + '3'), lambda: os.mkdir(path + '4'), lambda: os.link(path, path + '5'),\n"
        "    lambda: os.listdir(os.path.dirname(path)), lambda: os.chown(path, os.getuid(), os.getgid()),\n"
        "):\n"
        "    try: attempt(); print('done')\n"
        "    except OSError: pass\n"
    )
    assert (await judge(source=source, stdio=pb.StdioTests(cases=[pb.StdioCase()]))).correct
    after = target.stat()
    assert target.read_text() == "untouched"
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


async def test_deep_folders_are_wiped(judge: Judge, code_judge: CodeJudge) -> None:
    source = "import os\nfor _ in range(1500):\n    os.mkdir('d'); os.chdir('d')\nos.chmod('.', 0)\nprint('deep')"
    verdict = await judge(source=source, stdio=pb.StdioTests(cases=[pb.StdioCase(output="deep")]))
    assert verdict.correct == in_force(code_judge, "mount_namespace")
    look = "import os\ntry: print(os.listdir(os.environ['TMPDIR']))\nexcept OSError: print([])"
    for _ in range(code_judge.slots):
        assert (await judge(source=look, stdio=pb.StdioTests(cases=[pb.StdioCase(output="[]")]))).correct


TREES = {
    "fork bomb": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "double fork daemon": "import os\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        while True: pass",
    "zombies": "import os\nfor _ in range(4):\n    if os.fork() == 0: os._exit(0)",
    "orphans that hold the output": "import os, time\nif os.fork() == 0: time.sleep(1000)",
    "racing forks": "import os\nwhile True:\n    if os.fork(): os._exit(0)",
    "killing everything": "import os\nos.fork()\nos.kill(-1, 9)\nos.kill(1, 9)",
    "stopping everything": "import os, signal\nos.fork()\nos.kill(-1, signal.SIGSTOP)\nos.kill(os.getpid(), signal.SIGSTOP)",
    "sockets of a child": "import os, socket\nif os.fork() == 0: socket.socket()",
}


@pytest.mark.parametrize("name", TREES)
async def test_a_tree_of_processes_is_ended_whole(judge: Judge, code_judge: CodeJudge, name: str) -> None:
    if pb.PROFILE_PROC not in code_judge.profiles:
        return
    limits = pb.RunLimits(cpu_seconds=0.4, wall_seconds=2.0, processes=8)
    verdict = await judge(
        source=TREES[name],
        stdio=pb.StdioTests(cases=[pb.StdioCase(output="x")]),
        limits=limits,
        profile=pb.PROFILE_PROC,
    )
    assert verdict.correct is False


CHEATS = {
    "early exit": "import os\nos._exit(0)",
    "early exit in the function": "import os\ndef f(x): os._exit(0)",
    "sys.exit": "import sys\nsys.exit(0)",
    "kill itself": "import os\nos.kill(os.getpid(), 9)",
    "a value equal to all": "class E:\n    __eq__ = lambda s, o: True\ndef f(x): return E()",
    "an integer equal to all": "class E(int):\n    __eq__ = lambda s, o: True\ndef f(x): return E(3)",
    "a text equal to all": "class E(str):\n    __eq__ = lambda s, o: True\ndef f(x): return [E('x')]",
    "forged frames": "import os, struct\nos.write(3, b'\\x0b\\x00\\x00\\x00U\\x01\\x00\\x00\\x00S\\x03\\x00\\x00\\x00end'[:15])\nos._exit(0)",
    "a forged end": "import os\nos.write(3, b'\\x0d\\x00\\x00\\x00U\\x01\\x00\\x00\\x00S\\x03\\x00\\x00\\x00end')\nos._exit(0)",
    "patched types": "import builtins\nbuiltins.type = lambda v: int\ndef f(x): return object()",
    "reading frames": "import sys\ndef f(x):\n    frame = sys._getframe(1)\n    while frame:\n        for v in [*frame.f_locals.values()]:\n            if str(42) + str(42) in repr(v): return int(str(42) + str(42))\n        frame = frame.f_back\n    return 0",
    "searching memory": "import gc\ndef f(x):\n    wanted = int(str(42) + str(42))\n    for v in gc.get_objects():\n        if type(v) in (list, tuple) and (wanted in v or str(wanted) in v): return wanted\n    return 0",
}  # fmt: skip


@pytest.mark.parametrize("name", CHEATS)
async def test_calls_cannot_be_passed_by_cheating(judge: Judge, name: str) -> None:
    tests = pb.CallTests(cases=[pb.CallCase(arguments="[1]", expected="4242")])
    verdict = await judge(source=CHEATS[name], entry_point="f", calls=tests)
    assert verdict.correct is False and verdict.reason != pb.REASON_PASSED


@pytest.mark.parametrize("name", CHEATS)
async def test_output_cannot_be_passed_by_cheating(judge: Judge, name: str) -> None:
    verdict = await judge(
        source=CHEATS[name] + "\nprint(f(1))", stdio=pb.StdioTests(cases=[pb.StdioCase(output="4242")])
    )
    assert verdict.correct is False and verdict.reason != pb.REASON_PASSED


async def test_the_service_goes_on_while_attacks_run(judge: Judge) -> None:
    """Honest programs among hostile ones get their verdicts."""
    honest = {"source": "print(input())", "stdio": pb.StdioTests(cases=[pb.StdioCase(input="a", output="a")])}
    hostile = [
        {"source": ATTACKS[name][0], "stdio": pb.StdioTests(cases=[pb.StdioCase(output="x")]), "limits": SHORT}
        for name in ("fork bomb", "memory bit by bit", "a gigabyte of output", "stopping itself", "C stack")
    ]
    verdicts = await asyncio.gather(*(judge(**task) for task in [*hostile, honest] * 2))
    assert [verdict.correct for verdict in verdicts] == [*[False] * 5, True] * 2
    assert threading.active_count() < 50
