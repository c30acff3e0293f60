import subprocess
import sys

PAGES = """
import ctypes, resource, sys
from codaserve.allocator import keep_freed_memory

if sys.argv[1] == "keep":
    keep_freed_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p


def use() -> None:
    pointers = [libc.malloc(ctypes.c_size_t(2**22)) for _ in range(4)]
    for pointer in pointers:
        ctypes.memset(pointer, 1, 2**22)
    for pointer in pointers:
        libc.free(ctypes.c_void_p(pointer))


use()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    use()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def taken_again(*arguments: str) -> int:
    """Pages that were taken from the system for memory that had been used before."""
    done = subprocess.run([sys.executable, "-c", PAGES, *arguments], check=True, capture_output=True, timeout=60)
    return int(done.stdout)


def test_freed_memory_is_used_again() -> None:
    once = 4 * 2**22 // 4096
    assert taken_again("trim") > 5 * once
    assert taken_again("keep") < once
