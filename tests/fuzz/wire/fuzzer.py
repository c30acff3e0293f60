"""Sends random and broken messages to every method of a service and looks at what comes back."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from tests.fuzz.wire import judge
from tests.fuzz.wire.messages import make, mutate
from tests.fuzz.wire.seeds import sown

CALLERS = 3
CALL_SECONDS = 60.0
"""The deadline of a call. What is sent takes seconds at most: a call that it has to end hung."""
HANG_SECONDS = 120.0
"""For a call that passed its deadline to end, and for a service that is asked nothing more to be done."""
MUTATED = 0.3
"""Share of the messages that are broken."""
SOWN = 0.7
"""Share of the messages that are made of good ones."""
CORE = "Internal error from Core"
"""What our side of gRPC may say when the server ends a call while more is being written to it."""
STREAM_ITEMS = 4


@dataclass
class Report:
    """What became of the calls."""

    calls: Counter[str] = field(default_factory=Counter)
    """By method and status."""
    outcomes: Counter[str] = field(default_factory=Counter)
    """Of items: verdict, values or the failure's code."""
    broken: int = 0
    """Messages that were no messages."""
    found: dict[str, str] = field(default_factory=dict)
    """What should not have been: one example, as it was sent, of each kind."""

    def __str__(self) -> str:
        lines = [f"{sum(self.calls.values())} calls, {self.broken} undecodable messages"]
        lines += [f"  {name}: {count}" for name, count in sorted(self.calls.items())]
        lines += [f"  item {name}: {count}" for name, count in sorted(self.outcomes.items())]
        lines += [f"  FOUND {what}\n    {sent}" for what, sent in self.found.items()]
        return "\n".join(lines)


async def fuzz(address: str, service: ServiceDescriptor, seconds: float, seed: int) -> Report:
    """Fuzzes every method of the service in turn for so long; after it the service has to be idle and to answer."""
    report = Report()
    end = time.monotonic() + seconds
    options = [("grpc.max_receive_message_length", -1), ("grpc.enable_http_proxy", 0)]
    async with grpc.aio.insecure_channel(address, options=options) as channel:
        async with asyncio.TaskGroup() as callers:
            for number in range(CALLERS):
                source = random.Random(f"{seed} {number}")
                callers.create_task(_caller(channel, service, end, source, report))
        await _idle(channel, service)
    return report


async def _caller(
    channel: grpc.aio.Channel, service: ServiceDescriptor, end: float, source: random.Random, report: Report
) -> None:
    while time.monotonic() < end:
        for method in service.methods:
            await _call(channel, method, source, report)


async def _call(channel: grpc.aio.Channel, method: MethodDescriptor, source: random.Random, report: Report) -> None:
    count = source.randint(0, STREAM_ITEMS) if method.client_streaming else 1
    sent = [_message(method, source).SerializeToString() for _ in range(count)]
    sent = [mutate(data, source) if source.random() < MUTATED else data for data in sent]
    requests = [judge.parsed(GetMessageClass(method.input_type), data) for data in sent]
    report.broken += requests.count(None)
    name = f"/{method.containing_service.full_name}/{method.name}"
    answers: list[Message] = []
    status, details = grpc.StatusCode.OK, ""
    try:
        async with asyncio.timeout(CALL_SECONDS + HANG_SECONDS):
            answers = await _exchange(channel, name, method, sent)
    except grpc.aio.AioRpcError as error:
        status, details = error.code(), error.details() or ""
    except TimeoutError:
        details = "the call did not end"
    report.calls[f"{method.name} {status.name}"] += 1
    if what := details if status is grpc.StatusCode.OK else _refusal(status, details, broken=None in requests):
        report.found.setdefault(f"{method.name}: {what}"[:300], " ".join(data.hex() for data in sent)[:4000])
    elif status is grpc.StatusCode.OK and None in requests:
        report.found.setdefault(f"{method.name} answered what is no message", " ".join(data.hex() for data in sent))
    elif status is grpc.StatusCode.OK and (what := _answered(method, requests, answers, report)):
        report.found.setdefault(f"{method.name}: {what}"[:300], " ".join(data.hex() for data in sent)[:4000])


def _message(method: MethodDescriptor, source: random.Random) -> Message:
    good = sown(method.input_type, source) if source.random() < SOWN else None
    return make(method.input_type, source) if good is None else good


async def _exchange(channel: grpc.aio.Channel, name: str, method: MethodDescriptor, sent: list[bytes]) -> list[Message]:
    kind = GetMessageClass(method.output_type)
    if not method.client_streaming:
        return [await channel.unary_unary(name, None, kind.FromString)(sent[0], timeout=CALL_SECONDS)]

    async def requests() -> AsyncIterator[bytes]:
        for data in sent:
            yield data

    call = channel.stream_stream(name, None, kind.FromString)(requests(), timeout=CALL_SECONDS)
    return [answer async for answer in call]


def _refusal(status: grpc.StatusCode, details: str, *, broken: bool) -> str:
    """What is wrong with how a call ended; empty when nothing is."""
    if broken and details == CORE:
        return ""
    if status not in judge.REFUSALS:
        return f"{status.name}: {details}"
    if not details:
        return f"{status.name} without a reason"
    if broken or status is not grpc.StatusCode.INVALID_ARGUMENT:
        return ""
    return "" if any(name in details for name in ("items", "groups", "id", "path")) else f"no field in {details!r}"


def _answered(method: MethodDescriptor, requests: list[Any], answers: list[Any], report: Report) -> str:
    if method.client_streaming:
        items, results = requests, answers
    else:
        # The batch of both services: one repeated field of items, one of results.
        (request,), (response,) = requests, answers
        batches = [f for f in request.DESCRIPTOR.fields if f.is_repeated]
        if not batches:
            return ""
        items = list(getattr(request, batches[0].name))
        results = list(getattr(response, response.DESCRIPTOR.fields[0].name))
    for result in results:
        outcome = result.WhichOneof("outcome")
        if outcome == "failure":
            codes = result.failure.DESCRIPTOR.fields_by_name["code"].enum_type.values_by_number
            outcome = codes[result.failure.code].name if result.failure.code in codes else "?"
        report.outcomes[str(outcome)] += 1
    return judge.complaint(items, results, ordered=not method.client_streaming) if items or results else ""


async def _idle(channel: grpc.aio.Channel, service: ServiceDescriptor) -> None:
    """Waits until nothing is worked on any more.

    Raises:
        TimeoutError: Something hangs.
    """
    info = service.methods_by_name["Info"]
    kind: Any = GetMessageClass(info.output_type)
    ask = channel.unary_unary(f"/{service.full_name}/Info", None, kind.FromString)
    async with asyncio.timeout(HANG_SECONDS):
        while (await ask(b"", wait_for_ready=True)).queue_depth:  # noqa: ASYNC110, the event is another process's
            await asyncio.sleep(0.1)
