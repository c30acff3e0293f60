import subprocess
import sys

import pytest

from scorer.sandbox import uids
from scorer.sandbox.errors import SandboxError

FIRST = 3_000_000


def test_uids_of_others_are_passed_over_until_they_are_free_again() -> None:
    ours = uids.claim(FIRST, 2)
    theirs = uids.claim(FIRST, 2)
    assert (list(ours), list(theirs)) == ([FIRST, FIRST + 1], [FIRST + 2, FIRST + 3])
    for holder in ours.values():
        holder.close()
    again = uids.claim(FIRST, 1)
    assert list(again) == [FIRST]
    for holder in (*again.values(), *theirs.values()):
        holder.close()


def test_those_of_a_process_that_was_killed_are_free() -> None:
    program = (
        f"import os; from scorer.sandbox import uids; held = uids.claim({FIRST + 100}, 3); "
        "print(*held, flush=True); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert killed.stdout.split() == [str(FIRST + 100 + n) for n in range(3)]
    held = uids.claim(FIRST + 100, 3)
    assert [str(uid) for uid in held] == killed.stdout.split()
    for holder in held.values():
        holder.close()


def test_none_is_kept_when_there_are_too_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uids, "_MOST", 5)
    with pytest.raises(SandboxError, match="first_uid"):
        uids.claim(FIRST + 1000, 6)
    held = uids.claim(FIRST + 1000, 1)
    assert list(held) == [FIRST + 1000]
    for holder in held.values():
        holder.close()
