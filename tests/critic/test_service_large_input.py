"""Input that is too large holds nobody up."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from codaserve.v1 import critic_pb2 as pb
from critic.group import CutGroup, cut
from critic.service import CriticService
from critic.settings import LimitSettings
from tests.critic.test_service import group, serving, until


class CountingTokenizer:
    """Remembers the order of the texts that it tokenizes, and can be held up."""

    def __init__(self, service: CriticService) -> None:
        encoder = service._current.checkpoint.encoder
        self._inner, encoder._tokenizer = encoder._tokenizer, self
        self.texts: list[str] = []
        self.started, self.open = threading.Event(), threading.Event()

    def __call__(self, texts: list[str], **options: Any) -> Any:
        self.texts += texts
        self.started.set()
        assert self.open.wait(20)
        return self._inner(texts, **options)


@pytest.mark.parametrize("kind", ["prompt", "responses", "alternatives"])
async def test_a_text_that_cannot_fit_is_refused_untokenized(critic_dir: Path, kind: str) -> None:
    huge = "x" * 3_000_000
    alternatives = pb.Alternatives(prefix=huge, steps=[pb.Alternative(text="a")])
    sent = {
        "prompt": group("a", prompt=huge),
        "responses": group("a", huge),
        "alternatives": pb.StateGroup(prompt="q", alternatives=alternatives),
    }[kind]
    spies: list[CountingTokenizer] = []
    async with serving(critic_dir, prepare=lambda service: spies.append(CountingTokenizer(service))) as (stub, _):
        (evaluation,) = (await stub.Evaluate(pb.EvaluateRequest(groups=[sent]), timeout=30)).evaluations
    assert evaluation.failure.code == pb.CRITIC_FAILURE_TOO_LONG
    assert "max_tokens, which is 120" in evaluation.failure.message
    assert spies[0].texts == []


async def test_a_small_group_does_not_wait_for_the_other_portions_of_an_abandoned_large_one(critic_dir: Path) -> None:
    spies: list[CountingTokenizer] = []
    limits = LimitSettings(max_groups=4, max_responses=8, max_tokens=120, max_queue=6)
    async with serving(critic_dir, limits=limits, prepare=lambda service: spies.append(CountingTokenizer(service))) as (
        stub,
        service,
    ):
        spy = spies[0]
        service._current.checkpoint.max_tokens = 10**6
        large = group(*(f"{number}" * 60_000 for number in range(4)))
        first = asyncio.ensure_future(stub.Evaluate(pb.EvaluateRequest(groups=[large]), timeout=30))
        await asyncio.to_thread(spy.started.wait, 20)
        small = asyncio.ensure_future(stub.Evaluate(pb.EvaluateRequest(groups=[group("small")]), timeout=30))
        await until(stub, lambda depth: depth == 2)
        first.cancel()
        await until(stub, lambda depth: depth == 1)
        spy.open.set()
        assert (await small).evaluations[0].WhichOneof("outcome") == "values"
        # The abandoned group's other portions are not tokenized any more.
        assert [text[:5] for text in spy.texts] == ["quest", "00000", "quest", "small"]


async def test_a_large_group_is_cut_beside_the_event_loop(critic_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow(sent: pb.StateGroup, max_responses: int) -> CutGroup:
        if sent.id == "large":
            started.set()
            assert go_on.wait(20)
        return cut(sent, max_responses)

    monkeypatch.setattr("critic.evaluate.cut", slow)
    async with serving(critic_dir) as (stub, _):
        large = group(*["a\n" * 3800] * 80, id="large")
        waiting = asyncio.ensure_future(stub.Evaluate(pb.EvaluateRequest(groups=[large]), timeout=30))
        assert await asyncio.to_thread(started.wait, 20)
        small = await stub.Evaluate(pb.EvaluateRequest(groups=[group("a")]), timeout=30)
        assert small.evaluations[0].WhichOneof("outcome") == "values"
        go_on.set()
        assert "80 entries" in (await waiting).evaluations[0].failure.message
