"""What a confined worker can still do: nothing that leads out of it."""

import os
import socket
import subprocess
import sys
import textwrap

import pytest

from scorer.math.process import walls

PRELUDE = """
    import os, signal, socket, subprocess, sys
    from dataclasses import replace
    from scorer.math.process import walls
    from scorer.kernel import libc

    def attempt(action):
        try:
            action()
        except (OSError, MemoryError):
            os.write(1, b"refused ")
        else:
            os.write(1, b"DONE! ")

    walled = walls.prepare()
    ATTEMPTS = (
        lambda: open("/etc/passwd"),
        lambda: open("/tmp/codaserve-walls", "w"),
        lambda: os.listdir("/"),
        lambda: socket.socket(),
        lambda: socket.socketpair(),
        lambda: os.fork(),
        lambda: os.execv("/bin/true", ["true"]),
        lambda: os.kill(os.getppid(), signal.SIGTERM),
        lambda: libc.syscall("landlock_create_ruleset", None, 0, 1),
        lambda: bytearray(2**30),
    )
"""


def run(program: str) -> str:
    source = textwrap.dedent(PRELUDE) + textwrap.dedent(program)
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nothing_leads_out() -> None:
    program = """
        walls.close(walled, 2**29, os.getppid())
        for action in ATTEMPTS:
            attempt(action)
        os._exit(0)
    """
    assert run(program).split() == ["refused"] * 10


@pytest.mark.parametrize(("left_out", "kept"), [("program", "landlock"), ("ruleset", "seccomp")])
def test_files_are_closed_by_each_wall_alone(left_out: str, kept: str) -> None:
    if not any(layer.name == kept and layer.active for layer in walls.prepare().layers):
        pytest.skip(f"the kernel has no {kept}")
    program = f"""
        import resource
        held = os.open("/dev/null", os.O_RDONLY)
        resource.setrlimit = lambda kind, limits: None  # else nothing could be opened for want of descriptors
        walls.close(replace(walled, {left_out}=None), 2**29, os.getppid())
        for action in ATTEMPTS[:3]:
            attempt(action)
        os._exit(0)
    """
    assert run(program).split() == ["refused"] * 3


def test_a_worker_without_its_parent_ends() -> None:
    program = """
        try:
            walls.close(walled, 2**29, 1)
        except ProcessLookupError:
            os.write(1, b"gone")
    """
    assert run(program) == "gone"


def test_every_wall_is_told() -> None:
    found = walls.prepare()
    assert [layer.name for layer in found.layers] == ["landlock", "seccomp", "rlimits", "dropped_privileges"]
    assert all(layer.detail for layer in found.layers)
    if found.ruleset is not None:
        os.close(found.ruleset)
    assert socket.socketpair()  # preparing confines nobody
