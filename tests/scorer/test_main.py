"""The process: it starts, answers health and reflection, and stops without a trace."""

import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from codaserve.embedded import EmbeddedService
from codaserve.v1 import scorer_pb2 as pb
from codaserve.v1 import scorer_pb2_grpc
from scorer.main import run
from tests.scorer.served import hanging_item, math_item


@pytest.fixture
def service() -> Iterator[EmbeddedService]:
    arguments = ["--math.workers", "1", "--math.cpu_seconds", "2", "--code.sandbox.slots", "1"]
    with EmbeddedService.start("scorer", arguments, timeout=60) as service:
        yield service


def descendants(pid: int) -> set[int]:
    """All processes below a process."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found |= {child} | descendants(child)
    return found


def test_health_reflection_and_scores(service: EmbeddedService) -> None:
    with grpc.insecure_channel(service.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        for name in ("", "codaserve.v1.Scorer"):
            answer = health.Check(health_pb2.HealthCheckRequest(service=name), timeout=30)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        assert "codaserve.v1.Scorer" in ProtoReflectionDescriptorDatabase(channel).get_services()
        stub = scorer_pb2_grpc.ScorerStub(channel)  # type: ignore[no-untyped-call]
        program = pb.CodeTask(
            language="python",
            source="def f(x):\n    return x",
            entry_point="f",
            asserts=pb.AssertTests(script="assert f(1) == 1"),
        )
        items = [math_item("m"), pb.ScoreItem(id="c", code=program)]
        response = stub.Score(pb.ScoreRequest(items=items), timeout=60)
        assert all(result.verdict.correct for result in response.results)


def test_sigterm_finishes_what_runs_and_leaves_no_process(service: EmbeddedService) -> None:
    with grpc.insecure_channel(service.address) as channel:
        stub = scorer_pb2_grpc.ScorerStub(channel)  # type: ignore[no-untyped-call]
        running = stub.Score.future(pb.ScoreRequest(items=[hanging_item("h")]), timeout=60)
        while not stub.Info(pb.ScorerInfoRequest(), timeout=30).queue_depth:
            time.sleep(0.01)
        below = descendants(service.process.pid)
        assert below
        service.process.terminate()
        result = running.result().results[0]
        assert result.verdict.reason == pb.REASON_UNDECIDED_TIME
    assert service.process.wait(60) == 0
    left = {pid for pid in below if Path(f"/proc/{pid}").exists()}
    assert not {pid for pid in left if "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]}


def test_a_bad_setting_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--queue.size", "0"]) == 2
    assert "queue.size" in capsys.readouterr().err


def test_torch_is_never_imported() -> None:
    program = """
        import sys
        import scorer.main, scorer.math.symbolic, scorer.math.process.main
        print([name for name in ("torch", "transformers", "numpy") if name in sys.modules])
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
