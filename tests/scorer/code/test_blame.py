"""Whose fault it is when there is no answer: never the task's for what a program does."""

# One program a line, however long.
# One program a line, however long.
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from codaserve.v1 import scorer_pb2 as pb

Judge = Callable[..., Awaitable[pb.Verdict]]
pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.usefixtures("slots_survive")]

TAKE_BACK = """
import os, struct
for number in range(3, 10):
    try: os.read(os.open(f"/proc/self/fd/{number}", os.O_RDONLY | os.O_NONBLOCK), 65536)
    except OSError: pass
"""
FORGE = (
    TAKE_BACK
    + """
def text(s): return b"S" + struct.pack("<I", len(s)) + s.encode()
body = b"U" + struct.pack("<I", 3) + text("task") + text("setup") + text("failed: forged")
os.write(3, struct.pack("<I", len(body)) + body)
os._exit(1)
"""
)
KINDS: dict[str, dict[str, Any]] = {
    "literals": {"asserts": pb.AssertTests(script="assert f(1) == 2")},
    "paired": {"asserts": pb.AssertTests(script="x = f(1)\nassert x == 2")},
    "shared": {"asserts": pb.AssertTests(script="assert f(1) == 2", shared_process=True)},
    "calls": {"calls": pb.CallTests(cases=[pb.CallCase(arguments="[1]", expected="2")])},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("end", [TAKE_BACK + "os._exit(0)", FORGE], ids=["taken back", "forged"])
async def test_what_was_said_before_a_program_cannot_be_taken_back(judge: Judge, kind: str, end: str) -> None:
    """The channel cannot be opened for reading, else "ready" could be removed and the task be blamed."""
    verdict = await judge(source=end, entry_point="f", **KINDS[kind])
    assert verdict.correct is False and verdict.reason == pb.REASON_RUNTIME_ERROR, verdict


CHOSEN = {
    "too large": ("assert g([f(i) for i in range(20)]) == 1", "def f(i): return b'x' * 4000000\ndef g(x): return 0"),
    "too deep": (
        "x = f(1)\nfor _ in range(30): x = [x]\nassert g(x) == 1",
        "def f(i):\n    r = []\n    for _ in range(98): r = [r]\n    return r\ndef g(x): return 0",
    ),
    "of a type that follows": ("assert g(type(f(1))) == 3", "class Q: pass\ndef f(x): return Q()\ndef g(t): return 0"),
    "a match or none": ("import re\nassert g(re.match('a', f(1))) == 3", "def f(x): return 'a'\ndef g(t): return 0"),
    "chosen in a call back": (
        "import re\nassert f(lambda x: g(re.match('a', x))) == 3",
        "def f(h): return h('a')\ndef g(t): return 0",
    ),
}


@pytest.mark.parametrize("name", CHOSEN)
async def test_what_cannot_cross_is_the_programs_if_it_took_part(judge: Judge, name: str) -> None:
    script, source = CHOSEN[name]
    verdict = await judge(source=source, asserts=pb.AssertTests(script=script))
    assert verdict.correct is False and verdict.reason == pb.REASON_INVALID_VALUE, verdict
    if name in ("a match or none", "of a type that follows"):
        assert "shared_process" in verdict.detail, verdict
