"""The same item gets the same verdict, whatever was judged before and by however many workers."""

import asyncio
import random

from codaserve.v1 import scorer_pb2 as pb
from scorer.math.settings import MathSettings
from scorer.math.verifier import MathVerifier

PAIRS = [
    ("x+1", "1+x"),
    (r"\sin(2x)", r"2\sin(x)\cos(x)"),
    (r"\int_0^1 \frac{\sin(x^x)}{x^x+1} dx", r"\int_0^1 \frac{\sin(x^x)}{x^x+2} dx"),
    (r"\sum_{n=1}^{\infty} \frac{1}{n^2}", r"\frac{\pi^2}{6}"),
    ("[1,2)", r"1\le x<2"),
    ("5", r"\prod_{k=1}^{10000000} k"),
    (r"\begin{pmatrix}1\\2\end{pmatrix}", "(1,2)"),
    (r"\log_2 8", "3"),
    ("no solution", r"\emptyset"),
    ("1, 2, 3", "3, 2, 1"),
]


async def judge(pairs: list[tuple[str, str]], workers: int) -> dict[tuple[str, str], pb.Verdict]:
    """Verdicts without what says how long they took."""
    verifier = MathVerifier(MathSettings(workers=workers, cpu_seconds=60, wall_seconds=600, cache_bytes=0))
    await verifier.start()
    try:
        later = asyncio.get_running_loop().time() + 600
        tasks = [pb.MathTask(gold=[gold], answer=answer) for gold, answer in pairs]
        verdicts = await asyncio.gather(*(verifier.verify(task, deadline=later) for task in tasks))
    finally:
        await verifier.close()
    for verdict in verdicts:
        verdict.wall_seconds = 0
    return dict(zip(pairs, verdicts, strict=True))


async def test_order_and_workers_change_nothing() -> None:
    expected = await judge(PAIRS, 1)
    shuffled = PAIRS.copy()
    random.Random(7).shuffle(shuffled)
    assert await judge(shuffled, 3) == expected
    for pair in PAIRS[:3]:
        assert (await judge([pair], 1))[pair] == expected[pair]
