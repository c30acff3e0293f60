"""Traces of OpenTelemetry (extra `tracing`): a training step, and what each service did for it, as one tree.

Nothing is traced, and nothing of OpenTelemetry imported, until `configure` is called. Services join the trace that a
call brings along (W3C `traceparent`); clients bring the one that their caller is in, whoever began it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from codaserve.configuration import ConfigurationError

_tracer: Any = None


def configure(service: str, endpoint: str | None) -> None:
    """Begins to trace, if there is an endpoint; what is still to be sent is sent when the process ends.

    Args:
        service: Name of this program.
        endpoint: Where spans are sent by OTLP over HTTP, "http://collector:4318/v1/traces" say.

    Raises:
        ConfigurationError: What tracing needs is not installed.
    """
    if endpoint is None:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise ConfigurationError(f"traces: needs pip install 'codaserve[tracing]' ({error})") from error
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    use(provider)


def use(provider: Any) -> None:
    """Traces by a provider of one's own; None ends it."""
    global _tracer
    _tracer = None if provider is None else provider.get_tracer("codaserve")


def is_on() -> bool:
    """Whether anything is traced."""
    return _tracer is not None


@contextmanager
def span(name: str, parent: str | None = None, **attributes: Any) -> Iterator[Any]:
    """A span around a block; gives it, or None when nothing is traced.

    Args:
        name: Of the span.
        parent: `traceparent` of the span that it belongs to, if that is another program's.
        attributes: Of the span.
    """
    if _tracer is None:
        yield None
        return
    context = None
    if parent is not None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        context = TraceContextTextMapPropagator().extract({"traceparent": parent})
    with _tracer.start_as_current_span(name, context=context, attributes=attributes) as begun:
        yield begun


def begin(name: str, **attributes: Any) -> Any:
    """A span that is ended by its `end()`; None when nothing is traced."""
    return None if _tracer is None else _tracer.start_span(name, attributes=attributes)


def outgoing() -> tuple[tuple[str, str], ...]:
    """What a call brings along; nothing where its caller is in no span."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return ()
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return ()
    return (("traceparent", f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"),)
