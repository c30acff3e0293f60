import subprocess
import sys

from scorer.sandbox.guest import rehearsal

CHECK = """
import os, sys
from scorer.sandbox.guest import rehearsal

def state():
    return sorted(sys.modules), sorted(os.listdir("/proc/self/fd")), sys.modules["__main__"]

state()
before = state()
rehearsal.rehearse()
assert state() == before
print("left nothing behind")
"""


def test_nothing_is_left_behind() -> None:
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "left nothing behind\n", done.stderr


def test_what_is_rehearsed_is_judged_right() -> None:
    namespace: dict[str, object] = {}
    exec(rehearsal._SOURCE + rehearsal._SCRIPT + "\ncheck(function)\n", namespace)
