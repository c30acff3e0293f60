"""One tree from the caller's span to the scorer's items."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from codaserve import tracing
from codaserve.v1 import scorer_pb2 as pb
from tests.scorer.conftest import start_scorer as start_scorer
from tests.scorer.served import StartScorer, code_item


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(provider)
    yield exporter
    tracing.use(None)


def named(spans: tuple[ReadableSpan, ...], name: str) -> list[ReadableSpan]:
    return [span for span in spans if span.name == name]


async def test_the_scorers_work_is_part_of_the_callers_step(
    exporter: InMemorySpanExporter, start_scorer: StartScorer
) -> None:
    scorer = await start_scorer()
    items = [code_item("a"), code_item("b", "crash")]
    with tracing.span("step", number=3):
        carried = tracing.outgoing()
        await scorer.stub.Score(pb.ScoreRequest(items=items), timeout=120, metadata=carried)
        stream = scorer.stub.ScoreStream(iter([code_item("c")]), timeout=120, metadata=carried)
        assert len([result async for result in stream]) == 1
    await scorer.stub.Info(pb.ScorerInfoRequest(), timeout=120)  # its own trace: nothing was brought along
    spans = exporter.get_finished_spans()
    (step,) = named(spans, "step")
    (score,), (streamed,), (info,) = (named(spans, name) for name in ("Score", "ScoreStream", "Info"))
    for call in (score, streamed):
        assert call.parent is not None
        assert call.parent.span_id == step.context.span_id
    assert info.parent is None
    found = sorted((str(item.attributes["outcome"]), item.parent.span_id) for item in named(spans, "item"))  # type: ignore[index, union-attr]
    assert [outcome for outcome, _ in found] == ["internal", "passed", "passed"]
    assert {parent for _, parent in found} == {score.context.span_id, streamed.context.span_id}


def test_without_configuration_nothing_is_traced() -> None:
    assert not tracing.is_on()
    with tracing.span("step") as span:
        assert span is None
        assert tracing.outgoing() == ()
    assert tracing.begin("item") is None
