"""Equal items get equal verdicts: in any order, on any number of slots, with namespaces and without."""

import asyncio
import random

import pytest

from bench.labelled import humaneval_broken, humaneval_canonical
from codaserve.v1 import scorer_pb2 as pb
from scorer.code.judge import CodeJudge
from scorer.code.settings import CodeSettings
from scorer.sandbox.settings import IsolationSettings, SandboxSettings
from tests.scorer.code.conftest import NAMESPACES

ORDERED = "print(list({str(n) for n in range(20)}), hash('a'), __import__('random').random())"
PROGRAMS = [
    ORDERED, "print(1)", "1 / 0", "def f(:", "import os; os._exit(3)", "import socket; socket.socket()",
    "while True: pass", "x = []\nwhile True: x.append(bytes(1 << 20))", "print('x' * 10**7)", "import sys; sys.exit(4)",
]  # fmt: skip


def tasks() -> list[pb.CodeTask]:
    limits = pb.RunLimits(cpu_seconds=0.5, memory_bytes=128 << 20)
    cases = pb.StdioTests(cases=[pb.StdioCase(output="1"), pb.StdioCase(output="2")])
    own = [
        pb.CodeTask(language="python", source=source, stdio=cases, limits=limits, partial_credit=partial)
        for source in PROGRAMS
        for partial in (False, True)
    ]
    calls = pb.CallTests(
        cases=[pb.CallCase(arguments="[1]", expected="1"), pb.CallCase(arguments="[[]]", expected="2")]
    )
    own += [
        pb.CodeTask(language="python", source=source, entry_point="f", calls=calls, partial_credit=True)
        for source in ("def f(x): return x", "def f(x): return {x}", "import os\ndef f(x): os.abort()", "f = 1")
    ]
    return own + [item.code for item, _ in (humaneval_canonical() + humaneval_broken())[::8]]


async def told(slots: int, without: tuple[str, ...], seed: int) -> list[bytes]:
    """The verdicts but for times and memory, asked for in an order of its own."""
    sandbox = SandboxSettings(slots=slots, isolation=IsolationSettings(without=without))
    judge = CodeJudge(CodeSettings(sandbox=sandbox, languages=()))
    await judge.start()
    try:
        numbered = list(enumerate(tasks()))
        random.Random(seed).shuffle(numbered)
        deadline = asyncio.get_running_loop().time() + 240
        found = await asyncio.gather(*(judge.judge(task, deadline=deadline) for _, task in numbered))
    finally:
        await judge.close()
    for verdict in found:
        for field in ("wall_seconds", "cpu_seconds", "peak_memory_bytes"):
            verdict.ClearField(field)
        for case in verdict.cases:
            for name in ("wall_seconds", "cpu_seconds", "repeated"):
                case.ClearField(name)
    by_number = dict(zip((number for number, _ in numbered), found, strict=True))
    return [by_number[number].SerializeToString(deterministic=True) for number in range(len(numbered))]


@pytest.mark.asyncio
async def test_verdicts_depend_on_nothing_but_the_item() -> None:
    first = await told(1, (), 1)
    for slots, without, seed in ((2, (), 2), (4, (), 3), (2, NAMESPACES, 4), (4, NAMESPACES, 5)):
        again = await told(slots, without, seed)
        differing = [
            (pb.Verdict.FromString(one), pb.Verdict.FromString(other))
            for one, other in zip(first, again, strict=True)
            if one != other
        ]
        assert not differing, (slots, without, differing[:3])
