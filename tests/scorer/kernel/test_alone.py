"""The kernel's interfaces are used without help of other programs, which a container need not have."""

import subprocess
import sys

PROGRAM = """
import sys
started = []
EVENTS = ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system")
sys.addaudithook(lambda event, _: started.append(event) if event in EVENTS else None)
from scorer.kernel import cgroups, landlock, libc, probe, seccomp, syscalls
from scorer.sandbox.guest import limits, namespaces, root, seccomp as policies, template, walls
assert landlock.abi() >= 0
libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
for processes in (False, True):
    assert policies.Policy(processes=processes, private_files=True).program(1)
assert started == [], started
"""


def test_no_compiler_or_loader_tool_is_asked_for_a_library_or_a_filter() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env={"PATH": "/nonexistent"}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
