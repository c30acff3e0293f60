"""The service over gRPC, with a real model, in this process."""

import asyncio
import random
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest

from codaserve.serving.access import gate as access
from codaserve.serving.boundary import Boundary
from codaserve.v1 import critic_pb2 as pb
from codaserve.v1 import critic_pb2_grpc
from critic import loaded
from critic.checkpoint import Critic
from critic.encode import CutText, Encoder
from critic.reload import CurrentCheckpoint
from critic.service import CriticService
from critic.settings import BatchingSettings, CriticSettings, LimitSettings
from critic.steps import newline_ends
from tests.critic.computing import values_of

LIMITS = LimitSettings(max_groups=4, max_responses=8, max_tokens=120, max_queue=6)
Stub = Any


@asynccontextmanager
async def serving(
    checkpoint: Path,
    *,
    limits: LimitSettings = LIMITS,
    prepare: Callable[[CriticService], None] = lambda service: None,
    tokens: Path | None = None,
) -> AsyncIterator[tuple[Stub, CriticService]]:
    settings = CriticSettings(
        checkpoint=checkpoint, device="cpu", limits=limits, batching=BatchingSettings(max_tokens_per_pass=256)
    )
    read = partial(loaded.load, device="cpu", dtype="auto", max_tokens=limits.max_tokens)
    service = CriticService(settings, CurrentCheckpoint(read(checkpoint), read))
    prepare(service)
    service.start()
    server = grpc.aio.server(interceptors=[Boundary(access.Gate(tokens))])
    critic_pb2_grpc.add_CriticServicer_to_server(service, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield critic_pb2_grpc.CriticStub(channel), service  # type: ignore[no-untyped-call]
    finally:
        await server.stop(0)
        await service.close()


def group(*texts: str, prompt: str = "question: ", id: str = "g") -> pb.StateGroup:
    items = [pb.Response(text=text) for text in texts]
    return pb.StateGroup(id=id, prompt=prompt, responses=pb.Responses(responses=items))


def expected(checkpoint: Path, prompt: str, text: str) -> list[float]:
    """Prompt's and steps' values, computed without the service."""
    critic = Critic.load(checkpoint)
    sequences = Encoder(critic.tokenizer).encode(prompt, [CutText(text, tuple(newline_ends(text)))])
    return values_of(critic.model, sequences)[0]


async def until(stub: Stub, reached: Callable[[int], bool]) -> None:
    """Waits for a depth of the queue."""
    async with asyncio.timeout(20):
        while True:
            if reached((await stub.Info(pb.CriticInfoRequest(), timeout=30)).queue_depth):
                return
            await asyncio.sleep(0.01)


class Gate:
    """An engine whose passes wait until they are let through."""

    def __init__(self, service: CriticService) -> None:
        self.open = threading.Event()
        self.started = threading.Event()
        self.passes = 0
        checkpoint = service._current.checkpoint
        self.device, self.best_pass_tokens = checkpoint.engine.device, 100
        self._inner = checkpoint.engine
        checkpoint.engine = self

    def values(self, trees: Any) -> Any:
        self.passes += 1
        self.started.set()
        assert self.open.wait(20)
        return self._inner.values(trees)

    def close(self) -> None:
        self._inner.close()


async def test_values_are_those_of_the_model_and_in_order(critic_dir: Path) -> None:
    async with serving(critic_dir) as (stub, _):
        groups = [group("a\nb\n", "", "ab", id="one"), group("c\n" * 9, prompt="other", id="two")]
        answer = await stub.Evaluate(pb.EvaluateRequest(groups=groups), timeout=30)
    assert [evaluation.id for evaluation in answer.evaluations] == ["one", "two"]
    for sent, evaluation in zip(groups, answer.evaluations, strict=True):
        values = evaluation.values
        assert values.checkpoint == Critic.load(critic_dir).identity
        for response, result in zip(sent.responses.responses, values.responses, strict=True):
            wanted = expected(critic_dir, sent.prompt, response.text)
            assert [values.prompt_value, *(s.value for s in result.steps)] == pytest.approx(wanted, abs=1e-5)
            assert sum(s.advantage for s in result.steps) == pytest.approx(
                (result.steps[-1].value if result.steps else values.prompt_value) - values.prompt_value
            )
            spans = [(s.characters.begin, s.characters.end) for s in result.steps]
            assert "".join(response.text[b:e] for b, e in spans) == response.text


async def test_alternatives_are_the_same_states_as_responses(critic_dir: Path) -> None:
    steps = [pb.Alternative(text="b\n"), pb.Alternative(text="\nc"), pb.Alternative(text="b\n")]
    alternatives = pb.StateGroup(prompt="q", alternatives=pb.Alternatives(prefix="a\n", steps=steps))
    async with serving(critic_dir) as (stub, _):
        answer = await stub.Evaluate(pb.EvaluateRequest(groups=[alternatives]), timeout=30)
    values = answer.evaluations[0].values
    critic = Critic.load(critic_dir)
    encoded = Encoder(critic.tokenizer).encode("q", [CutText("a\nb\n", (2, 4)), CutText("a\n\nc", (2, 4))])
    first, second = values_of(critic.model, encoded)
    assert values.prompt_value == pytest.approx(first[1], abs=1e-5)
    wanted = [first[2], second[2], first[2]]
    assert [a.value for a in values.alternatives] == pytest.approx(wanted, abs=1e-5)
    assert [a.advantage for a in values.alternatives] == pytest.approx([v - sum(wanted) / 3 for v in wanted], abs=1e-5)


async def test_a_group_that_fails_does_so_alone(critic_dir: Path) -> None:
    groups = [
        group("a\n", id="good"),
        group("a\n", prompt="", id="empty"),
        group("x" * 200, id="long"),
        pb.StateGroup(id="ends", prompt="q", responses=pb.Responses(responses=[pb.Response(text="a", step_ends=[7])])),
    ]
    async with serving(critic_dir) as (stub, _):
        answer = await stub.Evaluate(pb.EvaluateRequest(groups=groups), timeout=30)
    good, empty, long, ends = answer.evaluations
    assert good.WhichOneof("outcome") == "values"
    assert (empty.id, empty.failure.code, empty.failure.field) == ("empty", pb.CRITIC_FAILURE_INVALID_INPUT, "prompt")
    assert long.failure.code == pb.CRITIC_FAILURE_TOO_LONG
    assert "210 tokens" in long.failure.message
    assert "max_tokens is 120" in long.failure.message
    assert not long.failure.retryable
    assert ends.failure.field == "responses.responses[0].step_ends[0]"


async def test_info(critic_dir: Path) -> None:
    async with serving(critic_dir, limits=LimitSettings(max_tokens=5000)) as (stub, _):
        info = await stub.Info(pb.CriticInfoRequest(), timeout=30)
    assert info.model.startswith("Qwen2Model ")
    assert info.checkpoint == Critic.load(critic_dir).identity
    assert (info.step_rule, info.device, info.queue_depth) == ("newline", "cpu float32", 0)
    assert info.limits.max_tokens == 256  # the model's positions
    assert len(info.tokenizer) == 16


async def test_calls_outside_the_limits_are_refused_whole(critic_dir: Path) -> None:
    async with serving(critic_dir) as (stub, _):
        for count in (0, 5):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await stub.Evaluate(pb.EvaluateRequest(groups=[group("a")] * count), timeout=30)
            assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
            assert "1 to 4" in (caught.value.details() or "")


async def test_a_stream_answers_every_group_by_id(critic_dir: Path) -> None:
    groups = [group("a\nb\n" * (n % 3), id=str(n)) for n in range(20)] + [group("a", prompt="", id="bad")]
    async with serving(critic_dir) as (stub, _):
        evaluations = {e.id: e async for e in stub.EvaluateStream(iter(groups), timeout=60)}
    assert evaluations.keys() == {g.id for g in groups}
    assert evaluations["bad"].failure.field == "prompt"
    assert [len(evaluations[str(n)].values.responses[0].steps) for n in range(3)] == [0, 2, 4]


@pytest.mark.parametrize("method", ["deadline", "cancel", "stream"])
async def test_an_abandoned_call_leaves_the_queue(critic_dir: Path, method: str) -> None:
    gates: list[Gate] = []
    async with serving(critic_dir, prepare=lambda service: gates.append(Gate(service))) as (stub, service):
        gate = gates[0]
        holding = asyncio.ensure_future(stub.Evaluate(pb.EvaluateRequest(groups=[group("a")]), timeout=30))
        await asyncio.to_thread(gate.started.wait, 20)
        request = pb.EvaluateRequest(groups=[group("b\n" * 10)] * 2)
        if method == "deadline":
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await stub.Evaluate(request, timeout=0.2)
            assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        else:
            call = stub.Evaluate(request) if method == "cancel" else stub.EvaluateStream(iter(request.groups))
            await until(stub, lambda depth: depth == 3)
            call.cancel()
        await until(stub, lambda depth: depth == 1)
        assert service._batcher._planner.due() is None
        gate.open.set()
        await holding
        assert gate.passes == 1


async def test_draining_finishes_what_is_admitted_and_refuses_the_rest(critic_dir: Path) -> None:
    gates: list[Gate] = []
    async with serving(critic_dir, prepare=lambda service: gates.append(Gate(service))) as (stub, service):
        gate = gates[0]
        admitted = asyncio.ensure_future(stub.Evaluate(pb.EvaluateRequest(groups=[group("a")]), timeout=30))
        await asyncio.to_thread(gate.started.wait, 20)
        draining = asyncio.create_task(service.drain())
        await asyncio.sleep(0)
        for call in (stub.Evaluate(pb.EvaluateRequest(groups=[group("b")])), stub.Reload(pb.ReloadRequest())):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call
            assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
        (refused,) = [e async for e in stub.EvaluateStream(iter([group("b")]), timeout=30)]
        assert refused.failure.code == pb.CRITIC_FAILURE_SHUTTING_DOWN
        assert not draining.done()
        gate.open.set()
        assert (await admitted).evaluations[0].WhichOneof("outcome") == "values"
        await asyncio.wait_for(draining, 20)


async def test_a_fault_of_the_model_is_an_internal_failure(critic_dir: Path) -> None:
    class Faulty(Gate):
        def values(self, trees: Any) -> Any:
            if any(tree.tokens > 50 for tree in trees):
                raise RuntimeError("out of something")
            values = self._inner.values(trees)
            return [[[float("nan")] * len(row) if len(row) == 3 else row for row in tree] for tree in values]

    async with serving(critic_dir, prepare=lambda service: (Faulty(service), None)[1]) as (stub, _):
        groups = [group("a\n"), group("a\nb\n"), group("a" * 60)]
        answer = await stub.Evaluate(pb.EvaluateRequest(groups=groups), timeout=30)
    good, nan, raised = answer.evaluations
    assert good.WhichOneof("outcome") == "values"
    for failure in (nan.failure, raised.failure):
        assert (failure.code, failure.retryable) == (pb.CRITIC_FAILURE_INTERNAL, True)
    assert "not finite" in nan.failure.message
    assert "out of something" in raised.failure.message


async def test_only_a_token_marked_as_admin_may_reload(
    critic_dir: Path, other_critic_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "tokens").write_text("trainer trainer-0123456789abcdef\noperator operator-0123456789abcdef admin\n")
    trainer, operator = ((("authorization", f"Bearer {who}-0123456789abcdef"),) for who in ("trainer", "operator"))
    request = pb.ReloadRequest(path=str(other_critic_dir))
    async with serving(critic_dir, tokens=tmp_path / "tokens") as (stub, _):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Reload(request, timeout=30, metadata=trainer)
        assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED
        assert "marks as admin" in (caught.value.details() or "")
        before = await stub.Info(pb.CriticInfoRequest(), timeout=30, metadata=trainer)
        assert before.checkpoint == Critic.load(critic_dir).identity
        answer = await stub.Reload(request, timeout=30, metadata=operator)
        assert answer.checkpoint == Critic.load(other_critic_dir).identity


async def test_a_broken_checkpoint_is_refused_and_the_old_one_stays(critic_dir: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(critic_dir, tmp_path / "broken"))
    (broken / "value_head.safetensors").write_bytes(b"no")
    async with serving(critic_dir) as (stub, _):
        for path in (broken, tmp_path / "none"):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await stub.Reload(pb.ReloadRequest(path=str(path)), timeout=30)
            assert caught.value.code() == grpc.StatusCode.FAILED_PRECONDITION
            assert str(path) in (caught.value.details() or "")
        answer = await stub.Evaluate(pb.EvaluateRequest(groups=[group("a")]), timeout=30)
        assert answer.evaluations[0].values.checkpoint == Critic.load(critic_dir).identity


async def test_reloads_under_load_drop_nothing_and_mix_nothing(critic_dir: Path, other_critic_dir: Path) -> None:
    texts = ["a\nb\nc\n", "ab\n", "c\n" * 7]
    wanted = {
        Critic.load(folder).identity: [expected(folder, "q", text) for text in texts]
        for folder in (critic_dir, other_critic_dir)
    }
    seen: list[str] = []
    done = asyncio.Event()

    async def caller(stub: Stub, seed: int) -> None:
        order = random.Random(seed)
        while not done.is_set():
            chosen = order.choices(range(len(texts)), k=3)
            request = pb.EvaluateRequest(groups=[group(*(texts[i] for i in chosen), prompt="q")])
            (evaluation,) = (await stub.Evaluate(request, timeout=30)).evaluations
            values = evaluation.values
            seen.append(values.checkpoint)
            for index, response in zip(chosen, values.responses, strict=True):
                whole = [values.prompt_value, *(step.value for step in response.steps)]
                assert whole == pytest.approx(wanted[values.checkpoint][index], abs=1e-5)

    async with serving(critic_dir, limits=LimitSettings(max_queue=512)) as (stub, _):
        callers = [asyncio.create_task(caller(stub, seed)) for seed in range(8)]
        for turn in range(10):
            folder = (other_critic_dir, critic_dir)[turn % 2]
            answer = await stub.Reload(pb.ReloadRequest(path=str(folder)), timeout=30)
            assert answer.checkpoint == Critic.load(folder).identity != answer.previous_checkpoint
            await asyncio.sleep(0.02)
        done.set()
        await asyncio.gather(*callers)
    assert set(seen) == wanted.keys()


async def test_the_services_own_time_limit_fails_groups_alone(critic_dir: Path) -> None:
    gates: list[Gate] = []
    limits = LimitSettings(max_seconds=0.2)
    async with serving(critic_dir, limits=limits, prepare=lambda service: gates.append(Gate(service))) as (stub, _):
        groups = [group("a"), group("a", prompt="")]
        late, invalid = (await stub.Evaluate(pb.EvaluateRequest(groups=groups), timeout=30)).evaluations
        gates[0].open.set()
    assert (late.failure.code, late.failure.retryable) == (pb.CRITIC_FAILURE_DEADLINE, True)
    assert invalid.failure.code == pb.CRITIC_FAILURE_INVALID_INPUT


async def test_a_truncated_checkpoint_is_refused_and_the_old_values_stay(critic_dir: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(critic_dir, tmp_path / "critic"))
    async with serving(folder) as (stub, _):
        request = pb.EvaluateRequest(groups=[group("a\nb\n")])
        before = await stub.Evaluate(request, timeout=30)
        with (folder / "model.safetensors").open("r+b") as file:
            file.truncate(5000)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Reload(pb.ReloadRequest(), timeout=30)
        assert caught.value.code() == grpc.StatusCode.FAILED_PRECONDITION
        assert await stub.Evaluate(request, timeout=30) == before


async def test_streams_that_their_deadline_ends_are_no_faults_of_the_critic(
    critic_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(critic_dir) as (stub, _):
        await stub.Info(pb.CriticInfoRequest())
        for seconds in (0.0005, 0.002, 0.005) * 15:
            answered = 0
            call = stub.EvaluateStream(iter([group("a\nb", id=str(n)) for n in range(6)]), timeout=seconds)
            try:
                async for _evaluation in call:
                    answered += 1
            except (grpc.aio.AioRpcError, asyncio.CancelledError):
                continue
            assert answered == 6
        await until(stub, lambda depth: depth == 0)
    assert "raised by servicer method" not in caplog.text


async def test_a_long_prompt_loses_its_beginning_if_asked_to(critic_dir: Path) -> None:
    async with serving(critic_dir, limits=LimitSettings(max_tokens=30)) as (stub, _):
        sent = group("a\nb\n", "c\n", prompt="x" * 50)
        refused = (await stub.Evaluate(pb.EvaluateRequest(groups=[sent]), timeout=30)).evaluations[0]
        assert refused.failure.code == pb.CRITIC_FAILURE_TOO_LONG
        sent.truncate = True
        values = (await stub.Evaluate(pb.EvaluateRequest(groups=[sent]), timeout=30)).evaluations[0].values
        short = group("a\nb\n", "c\n", prompt="x" * (50 - values.truncated_tokens))
        same = (await stub.Evaluate(pb.EvaluateRequest(groups=[short]), timeout=30)).evaluations[0].values
        assert 0 < values.truncated_tokens < 50
        assert values.prompt_value == pytest.approx(same.prompt_value, abs=1e-6)
        alone = group("c" * 40, prompt="x")
        alone.truncate = True
        refused = (await stub.Evaluate(pb.EvaluateRequest(groups=[alone]), timeout=30)).evaluations[0]
        assert refused.failure.code == pb.CRITIC_FAILURE_TOO_LONG
