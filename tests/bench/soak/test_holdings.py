import os
import subprocess
import sys
from random import Random

import pytest

from bench.soak import holdings
from bench.soak.holdings import trend

HOLDER = """
import os, sys, threading
kept = b"x" * 30_000_000
descriptors = [os.dup(0) for _ in range(50)]
threading.Thread(target=threading.Event().wait, daemon=True).start()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_slope_is_found_and_told_from_none() -> None:
    chance = Random(1)
    times = [10.0 * index for index in range(361)]
    flat = trend([(at, 100 + chance.gauss(0, 5)) for at in times])
    assert not flat.grows(0)
    assert flat.begin == pytest.approx(100, abs=5)
    growing = trend([(at, 100 + 8 * at / 3600 + chance.gauss(0, 5)) for at in times])
    assert growing.slope == pytest.approx(8, abs=4 * growing.error)
    assert growing.grows(4)
    assert not growing.grows(8)
    assert growing.end - growing.begin == pytest.approx(8 * 0.9, abs=3)


def test_neighbours_that_are_alike_do_not_make_a_slope_look_sure() -> None:
    # One level for each minute: sixty minutes say sixty things, whatever the number of samples.
    chance = Random(2)
    levels = [chance.gauss(0, 5) for _ in range(60)]
    each = trend([(60.0 * minute, level) for minute, level in enumerate(levels)])
    often = trend(
        [(60.0 * minute + second, level) for minute, level in enumerate(levels) for second in range(0, 60, 5)]
    )
    assert often.error == pytest.approx(each.error, rel=0.01)


def test_too_little_for_a_trend_is_said() -> None:
    with pytest.raises(ValueError, match="too short"):
        trend([(0.0, 1.0), (70.0, 1.0)])


def test_what_a_process_holds_is_seen() -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        found = holdings.of(child.pid, 7.0)
        assert found.seconds == 7
        assert found.resident_bytes > 30_000_000
        assert found.memory_bytes > 30_000_000
        assert found.descriptors >= 53
        assert (found.threads, found.processes) == (2, 1)
        assert 0 < holdings.files_bytes(child.pid) < found.resident_bytes
        child.communicate()
    gone = holdings.of(child.pid, 8.0)
    assert (gone.processes, gone.memory_bytes) == (0, 0)
    assert holdings.of(os.getpid(), 0).processes >= 1
