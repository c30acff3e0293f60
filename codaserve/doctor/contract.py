"""Checks of the contract's promises that are not about hostile programs."""

# A sentence for each promise that is broken, however long.
# ruff: noqa: E501
import asyncio
import time

import grpc

from codaserve.doctor.check import BrokenError, Check, InapplicableError, expect, math, program
from codaserve.doctor.finding import NAMED, describe
from codaserve.doctor.target import Target
from codaserve.v1 import scorer_pb2 as pb

SLEEP = "import time\ntime.sleep(600)"
TOO_LARGE = 256 << 20
"""A message of more bytes than this is not sent only to see it refused."""
SLACK_SECONDS = 30.0
"""How much later than at its deadline an answer may come from a busy machine."""


async def _info(target: Target) -> str:
    info, limits = target.info, target.info.limits
    expect(info.version and info.verifier_version, "a version is missing")
    names = target.languages
    expect(names, "no language is offered")
    expect(
        len(set(names)) == len(names) and all(language.version for language in info.languages),
        "languages: a name twice, or without version",
    )
    expect(
        all(language.detail for language in info.missing_languages),
        "missing_languages: one does not say what is missing",
    )
    layers = [layer.name for layer in info.isolation]
    expect(
        len(set(layers)) == len(layers) and set(layers) <= NAMED, f"isolation: unknown or repeated names in {layers}"
    )
    expect(
        all(layer.detail for layer in info.isolation if not layer.active),
        "isolation: a layer that is not in force does not say why",
    )
    for name in (
        "max_items",
        "max_message_bytes",
        "max_queue",
        "max_cases",
        "max_answer_chars",
        "math_workers",
        "sandbox_slots",
    ):
        expect(getattr(limits, name) > 0, f"limits.{name} is not above 0")
    for field in pb.RunLimits.DESCRIPTOR.fields:
        default, most = getattr(limits.default_run, field.name), getattr(limits.max_run, field.name)
        expect(0 < default <= most, f"limits.default_run.{field.name} = {default} is not within 0 to max_run's {most}")
    expect(pb.PROFILE_CALC in limits.profiles, "limits.profiles does not have PROFILE_CALC")
    return f"{len(names)} languages, {len(target.active)} layers"


async def _order(target: Target) -> str:
    items = [math("7", "7" if n % 2 else "8", f"id-{n}") for n in range(min(8, target.info.limits.max_items))]
    results = await target.score(items)
    expect(
        [result.id for result in results] == [item.id for item in items],
        "ids are not those of the request, in its order",
    )
    expect(
        [result.verdict.correct for result in results] == [n % 2 == 1 for n in range(len(items))],
        "verdicts are not in the order of the request",
    )
    return f"{len(items)} in order"


async def _mixed(target: Target) -> str:
    items = [program("print(1)", "1", id_="good"), pb.ScoreItem(id="empty"), math("7", "7", "math")]
    good, empty, right = await target.score(items[: target.info.limits.max_items])
    expect(
        good.verdict.correct and right.verdict.correct,
        f"a malformed item spoiled others: {describe(good)}; {describe(right)}",
    )
    expect(empty.failure.code == pb.FAILURE_INVALID_TASK, f"an empty item gets {describe(empty)}")
    return "the malformed one alone failed"


async def _invalid(target: Target) -> str:
    found = []
    for field, item in _malformed(target.info.limits):
        (result,) = await target.score([item])
        failure = result.failure
        expect(failure.code == pb.FAILURE_INVALID_TASK, f"{field}: {describe(result)}")
        expect(failure.field == field, f"the field is {failure.field!r}, not {field!r}")
        expect(failure.message and not failure.retryable, f"{field}: no message, or said to be worth another try")
        found.append(field)
    return f"{len(found)} fields are named"


def _malformed(limits: pb.ScorerLimits) -> list[tuple[str, pb.ScoreItem]]:
    def code(**values: object) -> pb.ScoreItem:
        task = {"language": "python", "source": "x = 1", "stdio": pb.StdioTests(cases=[pb.StdioCase()])} | values
        return pb.ScoreItem(code=pb.CodeTask(**{name: value for name, value in task.items() if value is not None}))  # type: ignore[arg-type]

    most = limits.max_run
    return [
        ("code.language", code(language="")),
        ("code.tests", code(stdio=None)),
        ("code.stdio.cases", code(stdio=pb.StdioTests())),
        ("code.entry_point", code(stdio=None, calls=pb.CallTests(cases=[pb.CallCase(expected="1")]))),
        ("code.entry_point", code(entry_point="not a name")),
        ("code.calls.cases[0].arguments", code(stdio=None, entry_point="f", calls=pb.CallTests(cases=[pb.CallCase(arguments="{", expected="1")]))),
        ("code.calls.cases[0].expected", code(stdio=None, entry_point="f", calls=pb.CallTests(cases=[pb.CallCase(arguments="[]")]))),
        ("code.asserts.script", code(stdio=None, asserts=pb.AssertTests(script=" "))),
        ("code.limits.cpu_seconds", code(limits=pb.RunLimits(cpu_seconds=most.cpu_seconds * 2))),
        ("code.limits.wall_seconds", code(limits=pb.RunLimits(wall_seconds=float("nan")))),
        ("code.limits.memory_bytes", code(limits=pb.RunLimits(memory_bytes=-1))),
        ("code.limits.processes", code(limits=pb.RunLimits(processes=most.processes + 1))),
        ("code.limits.output_bytes", code(limits=pb.RunLimits(output_bytes=most.output_bytes + 1))),
        ("math.gold", pb.ScoreItem(math=pb.MathTask(answer="1"))),
    ]  # fmt: skip


async def _language(target: Target) -> str:
    item = program("x", "x")
    item.code.language = "no-such-language"
    (result,) = await target.score([item])
    expect(result.failure.code == pb.FAILURE_UNSUPPORTED_LANGUAGE, describe(result))
    expect(not result.failure.retryable, "said to be worth another try")
    for missing in target.info.missing_languages:
        item.code.language = missing.name
        (result,) = await target.score([item])
        expect(result.failure.code == pb.FAILURE_UNSUPPORTED_LANGUAGE, f"{missing.name}: {describe(result)}")
    return "refused"


async def _refused(target: Target, request: pb.ScoreRequest) -> grpc.aio.AioRpcError:
    try:
        await target.link.call("Score", request, target.timeout)
    except grpc.aio.AioRpcError as error:
        return error
    raise BrokenError("the call was not refused")


async def _too_many(target: Target) -> str:
    items = [math("7", "7")] * (target.info.limits.max_items + 1)
    error = await _refused(target, pb.ScoreRequest(items=items))
    expect(error.code() is grpc.StatusCode.INVALID_ARGUMENT, f"refused with {error.code().name}")
    return f"{len(items)} items are refused"


async def _too_large(target: Target) -> str:
    most = target.info.limits.max_message_bytes
    if most > TOO_LARGE:
        raise InapplicableError("messages may be very large here")
    item = pb.ScoreItem(math=pb.MathTask(gold=["7"], response="x" * (most + 1024)))
    error = await _refused(target, pb.ScoreRequest(items=[item]))
    expect(error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED, f"refused with {error.code().name}")
    trailers = {key for key, _ in (error.trailing_metadata() or ())}
    expect("retry-after-ms" not in trailers, "says that sending it again may help")
    return f"more than {most} bytes are refused"


async def _deadline(target: Target) -> str:
    started = time.monotonic()
    wall = target.info.limits.max_run.wall_seconds
    request = pb.ScoreRequest(items=[program(SLEEP, "x", wall=wall)])
    try:
        response = await target.link.call("Score", request, 1.0)
    except grpc.aio.AioRpcError as error:
        expect(error.code() is grpc.StatusCode.DEADLINE_EXCEEDED, f"ended with {error.code().name}")
        seen = "the call ended"
    else:
        failure = response.results[0].failure
        expect(failure.code == pb.FAILURE_DEADLINE, f"the item got {describe(response.results[0])}")
        seen = "the item failed"
    expect(time.monotonic() - started < 1 + SLACK_SECONDS, "the answer came long after the deadline")
    await _answers_soon(target, wall)
    return f"{seen} at its deadline"


async def _cancel(target: Target) -> str:
    wall = target.info.limits.max_run.wall_seconds
    request = pb.ScoreRequest(items=[program(SLEEP, "x", wall=wall)] * min(target.slots, target.info.limits.max_items))
    call = asyncio.create_task(target.link.call("Score", request, target.timeout))
    await asyncio.sleep(0.5)
    expect(not call.done(), "a program that sleeps was answered at once")
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await _answers_soon(target, wall)
    return "the sandboxes were free at once"


async def _answers_soon(target: Target, wall: float) -> None:
    """Programs whose caller has gone must not keep sandboxes for the time that they may take."""
    started = time.monotonic()
    results = await target.score([program("print(1)", "1")] * min(target.slots, target.info.limits.max_items))
    expect(
        all(result.verdict.correct for result in results), f"afterwards an honest program gets {describe(results[0])}"
    )
    expect(time.monotonic() - started < max(SLACK_SECONDS, wall / 2), "what nobody waited for kept the sandboxes")


async def _stream(target: Target) -> str:
    items = [
        math("7", "7", "m"),
        program("print(1)", "1", id_="p"),
        program("print(2)", "1", id_="w"),
        pb.ScoreItem(id="e"),
    ]
    results = {result.id: result async for result in target.link.exchange(items, target.timeout)}
    expect(results.keys() == {"m", "p", "w", "e"}, f"ids of the results: {sorted(results)}")
    expect(results["m"].verdict.correct and results["p"].verdict.correct, "a right item is not correct")
    expect(results["w"].verdict.reason == pb.REASON_WRONG_ANSWER, describe(results["w"]))
    expect(results["e"].failure.code == pb.FAILURE_INVALID_TASK, describe(results["e"]))
    return "one result for each item"


async def _health(target: Target) -> str:
    call = target.channel.unary_unary("/grpc.health.v1.Health/Check")
    name = pb.DESCRIPTOR.services_by_name["Scorer"].full_name.encode()
    for request in (b"", b"\n" + bytes([len(name)]) + name):  # HealthCheckRequest: field 1 is the service
        answer = await call(request, timeout=target.timeout)
        expect(answer == b"\x08\x01", f"answers {answer!r}, which is not SERVING")  # field 1 is the status
    return "serving"


async def _repeats(target: Target) -> str:
    source = "import random, time\nprint(hash('a'), random.random(), list({'a', 'b', 'c', 'd', 'e'}))"
    results = await target.score([program(source, "x")] * min(4 * target.slots, target.info.limits.max_items, 64))
    seen = {
        (r.verdict.reason, r.verdict.score, r.verdict.first_failure.got, r.verdict.verifier_version) for r in results
    }
    expect(len(seen) == 1, f"{len(seen)} different verdicts of one program")
    expect(results[0].verdict.verifier_version, "no verifier_version")
    return f"{len(results)} equal verdicts"


async def _cases(target: Target) -> str:
    source = "n = int(input())\nprint(n if n != 1 else 'wrong')"
    whole, part = await target.score([program(source, "0", "1", "2"), program(source, "0", "1", "2", partial=True)])
    expect(whole.verdict.score == 0 and not whole.verdict.correct, describe(whole))
    reasons = [case.reason for case in part.verdict.cases]
    expect(reasons == [pb.REASON_PASSED, pb.REASON_WRONG_ANSWER, pb.REASON_PASSED], f"outcomes of the cases: {reasons}")
    expect(abs(part.verdict.score - 2 / 3) < 1e-6 and not part.verdict.correct, f"the share is {part.verdict.score}")
    expect(
        len(whole.verdict.cases) == 3 and whole.verdict.cases[2].skipped,
        "the case after the first failing one was not skipped",
    )
    return "outcomes, share and early stop"


async def _shown(target: Target) -> str:
    item = program("print('got-it')", "secret-expected")
    (hidden,) = await target.score([item])
    expect("secret-expected" not in str(hidden), "an expected value is shown though the task does not allow it")
    first = hidden.verdict.first_failure
    expect(
        hidden.verdict.HasField("first_failure") and first.got.strip() == "got-it",
        f"first_failure.got is {first.got!r}",
    )
    expect(first.input.strip() == "0", f"first_failure.input is {first.input!r}")
    item.code.show_expected = True
    (shown,) = await target.score([item])
    expect("secret-expected" in shown.verdict.first_failure.expected, "show_expected shows nothing")
    return "only on demand"


async def _shared(target: Target) -> str:
    item = pb.ScoreItem(code=pb.CodeTask(language="python", source="def f(): return 1", entry_point="f"))
    item.code.asserts.script = "assert f() == 1"
    (apart,) = await target.score([item])
    item.code.asserts.shared_process = True
    (shared,) = await target.score([item])
    expect(apart.verdict.correct and shared.verdict.correct, f"{describe(apart)}; {describe(shared)}")
    expect(
        shared.verdict.shared_process and not apart.verdict.shared_process,
        "the verdict does not say which process the script had",
    )
    return "said in the verdict"


CHECKS = (
    Check("Info", "versions, languages, layers and limits that make sense", _info),
    Check("order of a batch", "results in the order of the request, with its ids", _order),
    Check("malformed among good", "an item that is malformed fails alone", _mixed),
    Check("invalid tasks", "failures that name the field at fault", _invalid),
    Check("unsupported language", "a failure of its own kind", _language),
    Check("too many items", "refused as a whole", _too_many),
    Check("too large a message", "refused, and not to be sent again", _too_large),
    Check("deadline", "work ends with the deadline of the call", _deadline),
    Check("cancellation", "work ends with the call", _cancel),
    Check("stream", "one result for each item, in any order", _stream),
    Check("health", "grpc.health.v1 answers", _health),
    Check("repeats", "equal tasks get equal verdicts", _repeats),
    Check("cases", "outcomes, partial credit and early stop", _cases),
    Check("what is shown", "expected values only on demand, and what came instead", _shown),
    Check("shared process", "a verdict that a program could have forged says so", _shared),
)  # fmt: skip
