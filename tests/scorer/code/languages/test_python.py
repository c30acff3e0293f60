import pytest

from codaserve.v1 import scorer_pb2 as pb
from tests.scorer.code.languages.conformance import UNICODE, Conformance

pytestmark = pytest.mark.asyncio(loop_scope="package")


class TestPython(Conformance):
    language = "python"
    hello = f"print('{UNICODE}')"
    add = "import sys\nprint(sum(map(int, sys.stdin.read().split())))"
    broken = "print("
    fails = "raise ValueError('no luck today')"
    fault = "ValueError: no luck today"
    forever = "while True: pass"
    hog = "x = []\nwhile True: x.append(bytearray(1 << 20))"
    lines = "for i in range(1, 100001): print(i)"
    endless = "while True: print('more')"
    shortest = """
import heapq
import sys

n, m, *rest = map(int, sys.stdin.buffer.read().split())
graph = [[] for _ in range(n)]
for i in range(m):
    graph[rest[3 * i]].append((rest[3 * i + 1], rest[3 * i + 2]))
distances = [-1] * n
queue = [(0, 0)]
while queue:
    distance, node = heapq.heappop(queue)
    if distances[node] >= 0:
        continue
    distances[node] = distance
    for to, weight in graph[node]:
        if distances[to] < 0:
            heapq.heappush(queue, (distance + weight, to))
print(*distances)
"""
    connects = """
import socket
try:
    socket.create_connection(("127.0.0.1", int(input())))
    print("connected")
except OSError:
    print("refused")
"""
    peeks = """
import os
def reached(action, *arguments):
    try:
        action(*arguments)
        return True
    except OSError:
        return False
found = [reached(open, path) for path in ("/etc/passwd", "/etc/shadow", "/proc/1/environ")]
found += [reached(os.listdir, path) for path in ("/root", "/home")]
found += [reached(open, path, "w") for path in ("/usr/mine", "/etc/mine")]
print("reached" if any(found) else "refused")
"""
    starts = """
import os, subprocess
for action in (os.fork, lambda: subprocess.run(["/usr/bin/true"])):
    try:
        action()
        print("started")
    except OSError:
        pass
print("refused")
"""

    async def test_it_works_also_where_languages_are_still_being_tried(self) -> None:
        assert self.language in [language.name for language in self.code_judge.languages]
        verdict = await self.passes("print(1)", ("", "1"))
        assert verdict.matched_rule == "stdio" and verdict.reason == pb.REASON_PASSED
