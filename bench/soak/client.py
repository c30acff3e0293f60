"""The client of an hour: calls arrive at random times, whatever becomes of the earlier ones, and every answer is known.

python -m bench.soak.client SCORER CRITIC SECONDS writes what came of it to standard output as one JSON object.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random

from bench.soak.asked import Items, groups
from codaserve.client.aio import AsyncCriticClient, AsyncScorerClient
from codaserve.v1 import critic_pb2, scorer_pb2

RATES = {"waiting": 3.6, "working": 1.0, "math": 6.0, "critic": 3.0, "passing": 0.3}
"""Calls a second of each kind, on average; `passing` are clients that come, ask one thing and go."""
TOLERANCE = 1e-4
"""Of a value that was given before for the same group: what shares a pass changes last digits."""
PATIENCE = 120.0


class Hour:
    """Asks, compares and counts; keeps nothing else of what was."""

    def __init__(self, scorer: str, critic: str) -> None:
        """Args:
        scorer: Its address.
        critic: Its address.
        """
        self._address = scorer
        self._scorer = AsyncScorerClient(scorer, timeout=PATIENCE)
        self._critic = AsyncCriticClient(critic, timeout=PATIENCE)
        self._items = Items(Random(1))
        self._groups = groups(Random(2))
        self._chance = Random(3)
        self._values: dict[str, list[float]] = {}
        self.counts: Counter[str] = Counter()
        self.unlike: list[str] = []
        self.slot_seconds = 0.0
        """That programs were at work."""

    async def run(self, seconds: float) -> None:
        """Asks for so long, then waits for what is under way."""
        kinds: dict[str, Callable[[], Awaitable[None]]] = {
            "waiting": lambda: self._score("waiting", *self._items.waiting()),
            "working": lambda: self._score("working", *self._items.working()),
            "math": lambda: self._score("math", *self._items.math()),
            "critic": self._evaluate,
            "passing": self._pass_by,
        }
        running: set[asyncio.Future[None]] = set()
        begun = due = time.monotonic()
        while (due := due + self._chance.expovariate(sum(RATES.values()))) < begun + seconds:
            await asyncio.sleep(max(due - time.monotonic(), 0))
            (kind,) = self._chance.choices(list(RATES), list(RATES.values()))
            task = asyncio.ensure_future(kinds[kind]())
            running.add(task)
            task.add_done_callback(running.discard)
            self.counts["most at once"] = max(self.counts["most at once"], len(running))
        await asyncio.gather(*running)
        self.counts["sent again"] = self._scorer.retries + self._critic.retries
        await self._scorer.close()
        await self._critic.close()

    async def _score(self, kind: str, item: scorer_pb2.ScoreItem, right: bool) -> None:
        (result,) = await self._scorer.score([item])
        self._compare(kind, result, right)

    async def _pass_by(self) -> None:
        item, right = self._items.math()
        async with AsyncScorerClient(self._address, timeout=PATIENCE) as client:
            (result,) = await client.score([item])
        self._compare("passing", result, right)

    def _compare(self, kind: str, result: scorer_pb2.ScoreResult, right: bool) -> None:
        self.counts[kind] += 1
        verdict = result.verdict
        if result.HasField("verdict") and not verdict.HasField("correct"):
            self.counts[scorer_pb2.Reason.Name(verdict.reason)] += 1
        elif not result.HasField("verdict") or verdict.correct is not right:
            self._differs(f"{kind}: {result}")
        if kind in ("waiting", "working"):
            self.slot_seconds += verdict.wall_seconds

    async def _evaluate(self) -> None:
        group = self._chance.choice(self._groups)
        (evaluation,) = await self._critic.evaluate([group])
        self.counts["critic"] += 1
        values = [step.value for one in evaluation.values.responses for step in one.steps]
        known = self._values.setdefault(group.id, values)
        near = len(known) == len(values) and all(abs(a - b) < TOLERANCE for a, b in zip(known, values, strict=True))
        if evaluation.WhichOneof("outcome") != "values" or not values or not near:
            self._differs(f"critic: {critic_pb2.GroupEvaluation(id=group.id, failure=evaluation.failure)}")

    def _differs(self, what: str) -> None:
        self.counts["not as it should be"] += 1
        if len(self.unlike) < 10:
            self.unlike.append(what)


async def main(scorer: str, critic: str, seconds: float) -> None:
    """Runs and reports."""
    hour = Hour(scorer, critic)
    await hour.run(seconds)
    found = {"counts": hour.counts, "unlike": hour.unlike, "slot_seconds": hour.slot_seconds}
    print(json.dumps(found | {"cpu_seconds": time.process_time()}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
