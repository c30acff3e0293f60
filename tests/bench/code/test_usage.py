import os
import subprocess
import sys
import time

from bench.code import usage
from bench.code.flat import Sample, rate, thirds

BUSY = "import time\nwhile time.process_time() < 0.3:\n    pass\n"


def test_processor_time_of_children_that_have_ended_is_counted() -> None:
    before = usage.cpu_seconds(os.getpid())
    subprocess.run([sys.executable, "-c", BUSY], check=True)
    assert usage.cpu_seconds(os.getpid()) - before >= 0.28


def test_the_tree_has_descendants_and_nobody_else() -> None:
    command = [sys.executable, "-c", "import subprocess; subprocess.run(['sleep', '30'])"]
    with subprocess.Popen(command, start_new_session=True) as child:
        try:
            end = time.monotonic() + 10
            while len(usage.tree(child.pid)) < 2 and time.monotonic() < end:
                time.sleep(0.01)
            members = usage.tree(child.pid)
            assert len(members) == 2
            assert os.getpid() not in members
            assert members.keys() <= usage.tree(os.getpid()).keys()
        finally:
            os.killpg(child.pid, 9)


def test_a_process_that_is_gone_uses_nothing() -> None:
    child = subprocess.Popen(["true"])
    child.wait()
    assert usage.cpu_seconds(child.pid) == 0
    assert usage.memory_bytes(child.pid) == 0


def test_peak_memory_is_that_of_the_tree() -> None:
    with usage.peak_memory(os.getpid()) as peak:
        kept = bytearray(b"x" * (64 << 20))
        time.sleep(0.2)
    assert peak[0] > len(kept)


def test_begin_and_end_of_a_load_are_thirds_of_its_time() -> None:
    samples = [Sample(float(second), second * 10, 1, 1) for second in range(31)]
    begin, end = thirds(samples)
    assert (begin[0].seconds, begin[-1].seconds) == (0.0, 10.0)
    assert (end[0].seconds, end[-1].seconds) == (20.0, 30.0)
    assert rate(begin) == rate(end) == 10.0
